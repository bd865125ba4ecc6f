// bunnyfiles that go on from images of a real registry on the loopback interface.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { digestsBelow, rig, temporaryDirectory } from "./rig.ts";

const workspace = { "kraft.workspace.yaml": "version: 1\n" };

/** Builds the image of `bunnyfile`, and puts it into the registry `host` as `name`, compressed. */
async function publish(
  host: string,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const { build, path } = rig({ ...workspace, ...files });
  expect((await build("//app")).code).toBe(0);
  const layout = path(".kraft/out/app/image/image");
  const options = ["--dest-tls-verify=false", "--dest-compress-format=gzip", "--dest-compress"];
  skopeoCopy(`oci:${layout}:latest`, `docker://${host}/${name}`, ...options);
}

test("files of two images of a registry, and own ones, make one image", async () => {
  const { host } = await startRegistry();
  await publish(host, "redis:alpine", {
    "app/redis": "server",
    "app/k": "old kernel",
    "app/bunnyfile": `version: v0.1
platforms: {framework: linux, monitor: qemu}
rootfs: {type: raw, include: ["redis:/usr/bin/redis", "redis:/etc/conf/x"]}
kernel: {from: local, path: k}
entrypoint: [/usr/bin/redis]
envs: [BASE=1]
`,
  });
  await publish(host, "linux:6", {
    "app/vmlinux": "linux",
    "app/bunnyfile": `version: v0.1
platforms: {framework: linux, monitor: qemu}
rootfs: {type: raw, include: ["vmlinux:/kernel"]}
kernel: {from: local, path: vmlinux}
`,
  });
  const { build, path, run } = rig({
    ...workspace,
    "app/own.conf": "mine",
    "app/bunnyfile": `version: v0.1
platforms: {framework: linux, monitor: qemu}
rootfs: {from: "${host}/redis:alpine", type: raw, include: ["own.conf:/etc/conf"]}
kernel: {from: "${host}/linux:6", path: /kernel}
cmd: [--port, "1"]
envs: [OWN=2]
`,
  });
  expect((await build("//app", "//app:rootfs")).text).toMatch(/^done/m);
  const layout = path(".kraft/out/app/image/image");
  const unpacked = temporaryDirectory();
  execFileSync("umoci", [
    "unpack",
    "--rootless",
    "--image",
    `${layout}:latest`,
    join(unpacked, "b"),
  ]);
  const root = join(unpacked, "b/rootfs");
  expect(Object.keys(digestsBelow(root))).toEqual([
    ".boot/kernel",
    "etc/conf/own.conf",
    "etc/conf/x",
    "urunc.json",
    "usr/bin/redis",
  ]);
  expect(readFileSync(join(root, ".boot/kernel"), "utf8")).toBe("linux");
  const config = execFileSync("skopeo", ["inspect", "--config", `oci:${layout}:latest`]);
  expect(JSON.parse(config.toString())).toMatchObject({
    config: {
      Entrypoint: ["/usr/bin/redis"],
      Cmd: ["--port", "1"],
      Env: ["BASE=1", "OWN=2"],
      Labels: { "com.urunc.unikernel.mountRootfs": "true" },
    },
  });
  const lock = readFileSync(path("kraft.lock.yaml"), "utf8");
  expect(lock).toContain(`${host}/redis:alpine`);
  const again = await run(["build", "--offline", "--locked", "//app"]);
  expect(again.counts).toEqual({ upToDate: 4 });
});

test("a path that the image does not have fails the build, and says so", async () => {
  const { host } = await startRegistry();
  await publish(host, "base:1", {
    "app/k": "kernel",
    "app/bunnyfile": `version: v0.1
platforms: {framework: unikraft, monitor: qemu}
kernel: {from: local, path: k}
`,
  });
  const { build } = rig({
    ...workspace,
    "app/bunnyfile": `version: v0.1
platforms: {framework: unikraft, monitor: qemu}
kernel: {from: "${host}/base:1", path: /boot/kernel}
`,
  });
  const { code, text } = await build("//app:kernel");
  expect(code).toBe(1);
  expect(text).toContain("the file cannot be had: /boot/kernel is no file of the image");
});
