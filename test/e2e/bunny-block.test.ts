// Block devices of bunnyfiles, as the tools of ext2 and ext4 read them.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

const tools = ["/usr/sbin/mke2fs", "/usr/sbin/debugfs", "/usr/sbin/e2fsck"];
const isHere = tools.every((tool) => existsSync(tool));

/** A workspace whose bunnyfile makes a block device for `framework` in `monitor`. */
function workspace(framework: string, monitor: string) {
  return rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/k": "kernel",
    "app/etc/a conf": "text",
    "app/bin": "x".repeat(50_000),
    "app/bunnyfile": `version: v0.1
platforms: {framework: ${framework}, monitor: ${monitor}}
rootfs: {type: block, include: ["etc:/etc", "bin:/usr/bin/app"]}
kernel: {from: local, path: k}
`,
  });
}

/** What debugfs says to `command` about the device. */
function ask(device: string, command: string): string {
  return execFileSync("/usr/sbin/debugfs", ["-R", command, device], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

test.skipIf(!isHere).each([
  ["linux", "firecracker", "ext4"],
  ["rumprun", "hvt", "ext2"],
])(
  "a block device for %s in %s is a sound %s, the same everywhere",
  async (framework, monitor, type) => {
    const one = workspace(framework, monitor);
    const other = workspace(framework, monitor);
    other.touch(new Date(1_000_000_000_000));
    const name = `app/rootfs/rootfs.${type}`;
    const ran = await one.build("//app", "//app:rootfs");
    expect(ran.text).toMatch(/^done/m);
    expect(ran.text).not.toContain("mke2fs");
    const again = await other.build("//app", "//app:rootfs");
    expect(again.outputs[name]).toBeDefined();
    expect(again.outputs[name]).toBe(ran.outputs[name]);
    const device = one.path(`.kraft/out/${name}`);
    execFileSync("/usr/sbin/e2fsck", ["-fn", device], { stdio: "ignore" });
    expect(ask(device, 'cat "/etc/a conf"')).toBe("text");
    expect(ask(device, "stat /usr/bin/app")).toMatch(
      /Mode: +0644[^]*User: +0 +Group: +0[^]*Size: 50000/,
    );
    expect(ask(device, "stats -h")).toMatch(/UUID: +6b726166/);
  },
);
