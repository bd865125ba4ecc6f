// The real kraft, where it is installed. Its name is looked for in PATH.

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { lacks } from "../format/format-rig.ts";
import { writeTestImage } from "../registry/image-rig.ts";
import { startRegistry } from "../registry/registry-rig.ts";
import { rig } from "./rig.ts";

test.skipIf(lacks("kraft") || lacks("cpio")).each([
  ["for KraftKit alone", []],
  ["for urunc, too", ["--as", "both"]],
  ["with aliases of their platforms", ["--platform-aliases"]],
])("kraft pulls, unpacks and lists an image %s, and we read its store", async (_, words) => {
  const { host } = await startRegistry();
  const here = rig({ "kraft.workspace.yaml": "version: 1\n", hello: "hi\n" });
  await writeTestImage(here.root);
  const options = { cwd: here.root, input: "hello\n", encoding: "utf8" } as const;
  execFileSync("cpio", ["-o", "-H", "newc", "--quiet", "-F", "root.cpio"], options);
  const name = `${host}/team/app:1.0`;
  const pack = ["pkg", "layout", "--rootfs", "root.cpio", "--name", name, "--push"];
  const pushed = await here.run([...pack, ...words]);
  expect(pushed.code, pushed.text).toBe(0);
  const kraft = (...more: readonly string[]) =>
    execFileSync("kraft", ["--log-type=basic", "--no-check-updates", ...more], {
      cwd: here.place,
      env: { HOME: here.home, PATH: process.env["PATH"] ?? "", NO_COLOR: "1" },
      encoding: "utf8",
      stdio: "pipe",
    });
  const platform = ["--plat", "qemu", "--arch", "x86_64"];
  kraft("pkg", "pull", "--no-prompt", ...platform, "-w", "out", name);
  const unpacked = join(here.place, "out/unikraft/bin");
  expect(readFileSync(join(unpacked, "kernel"))).toEqual(readFileSync(here.path("kernel")));
  expect(readFileSync(join(unpacked, "initrd"))).toEqual(readFileSync(here.path("root.cpio")));
  expect(kraft("pkg", "list", "--apps")).toMatch(/oci .*1\.0|1\.0 .*oci/);
  // What kraft keeps on this machine is known by its name, too.
  await here.run(["pkg", "rm", name]);
  const listed = await here.run(["pkg", "ls", "--apps"]);
  expect(listed.stdout).toContain(`${host}/team/app  1.0`);
  const out = await here.run(["pkg", "export", name, "exported", "--plat", "qemu/x86_64"]);
  expect(out.code, out.text).toBe(0);
  rmSync(here.path("exported"), { recursive: true });
});
