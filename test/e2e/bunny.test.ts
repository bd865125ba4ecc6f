// Images of bunnyfiles, as skopeo and umoci read them.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

const workspace = { "kraft.workspace.yaml": "version: 1\n" };

/** What skopeo says of the image in `layout`. */
function inspect(layout: string, what: "--raw" | "--config"): unknown {
  const text = execFileSync("skopeo", ["inspect", what, `oci:${layout}:latest`], {
    encoding: "utf8",
  });
  return JSON.parse(text);
}

/** The files that umoci unpacks of the image in `layout`, by path. */
function unpack(layout: string, to: string): { root: string; paths: string[] } {
  execFileSync("umoci", ["unpack", "--rootless", "--image", `${layout}:latest`, to]);
  const root = join(to, "rootfs");
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile());
  return {
    root,
    paths: paths.map((one) => join(one.parentPath, one.name).slice(root.length)).sort(),
  };
}

test("an image has its annotations on the manifest, labels in the config, and urunc.json", async () => {
  const { build, path, place } = rig({
    ...workspace,
    "hello/hello.spt": "a kernel",
    "hello/bunnyfile": `#syntax=example.org/bunny:latest
version: v0.1
platforms: {framework: mirage, monitor: spt, architecture: aarch64}
kernel: {from: local, path: hello.spt}
cmd: ["--hello=hi"]
`,
  });
  expect((await build("//hello")).code).toBe(0);
  const layout = path(".kraft/out/hello/image/image");
  const annotations = {
    "com.urunc.unikernel.binary": "/.boot/kernel",
    "com.urunc.unikernel.cmdline": "--hello=hi",
    "com.urunc.unikernel.hypervisor": "spt",
    "com.urunc.unikernel.mountRootfs": "false",
    "com.urunc.unikernel.unikernelType": "mirage",
  };
  expect(inspect(layout, "--raw")).toMatchObject({ annotations });
  expect(inspect(layout, "--config")).toMatchObject({
    architecture: "arm64",
    os: "linux",
    config: { Cmd: ["--hello=hi"], Labels: annotations },
  });
  const { root, paths } = unpack(layout, join(place, "unpacked"));
  expect(paths).toEqual(["/.boot/kernel", "/urunc.json"]);
  expect(readFileSync(join(root, ".boot/kernel"), "utf8")).toBe("a kernel");
  expect(readFileSync(join(root, "urunc.json"), "utf8")).toBe(
    '{"com.urunc.unikernel.binary":"Ly5ib290L2tlcm5lbA==",' +
      '"com.urunc.unikernel.cmdline":"LS1oZWxsbz1oaQ==","com.urunc.unikernel.hypervisor":"c3B0",' +
      '"com.urunc.unikernel.mountRootfs":"ZmFsc2U=","com.urunc.unikernel.unikernelType":"bWlyYWdl"}',
  );
  expect(statSync(join(root, "urunc.json")).mode & 0o777).toBe(0o644);
});

test("files go where BuildKit would copy them, a layer for each", async () => {
  const { build, path, place, run } = rig({
    ...workspace,
    "kraft.build.yaml":
      "targets:\n  - {name: gen, rule: exec, outs: [gen.txt], command: 'echo made > $OUT'}\n",
    "redis/conf/a.conf": "a",
    "redis/redis.hvt": "kernel",
    "redis/bunnyfile": `version: 0.1
platforms: {framework: rumprun, monitor: hvt}
rootfs:
  type: raw
  include:
    - conf/:/conf
    - conf:/conf
    - conf/a.conf:/etc/
    - {from: "//:gen", source: gen.txt, destination: /conf}
kernel: {from: local, path: redis.hvt}
`,
  });
  expect((await build("//redis")).text).toMatch(/^done/m);
  const layout = path(".kraft/out/redis/image/image");
  expect((inspect(layout, "--raw") as { layers: unknown[] }).layers).toHaveLength(6);
  const { paths } = unpack(layout, join(place, "unpacked"));
  expect(paths).toEqual([
    "/.boot/kernel",
    "/conf/a.conf",
    "/conf/conf/a.conf",
    "/conf/gen.txt",
    "/etc/a.conf",
    "/urunc.json",
  ]);
  const first = readFileSync(join(layout, "index.json"), "utf8");
  await run(["clean"]);
  expect(existsSync(layout)).toBe(false);
  expect((await build("//redis")).code).toBe(0);
  expect(readFileSync(join(layout, "index.json"), "utf8")).toBe(first);
});

test("an initrd is what cpio unpacks, and the same from files of any age", async () => {
  const files = {
    ...workspace,
    "app/chttp": "binary",
    "app/k": "kernel",
    "app/bunnyfile": `version: v0.1
platforms: {framework: unikraft, monitor: qemu, version: 0.18.0}
rootfs: {from: scratch, include: ["chttp:/usr/bin/chttp"]}
kernel: {from: local, path: k}
`,
  };
  const one = rig(files);
  const other = rig(files);
  other.touch(new Date(1_000_000_000_000));
  await one.build("//app:rootfs", "//app:image");
  await other.build("//app:rootfs", "//app:image");
  expect(other.read(".kraft/out/app/image/image/index.json")).toBe(
    one.read(".kraft/out/app/image/image/index.json"),
  );
  const archive = readFileSync(one.path(".kraft/out/app/rootfs/rootfs.cpio"));
  const listed = execFileSync("cpio", ["-t", "--quiet"], { input: archive, encoding: "utf8" });
  expect(listed.trim().split("\n")).toEqual(["./usr", "./usr/bin", "./usr/bin/chttp"]);
});

test("what .dockerignore leaves out of a directory is not included", async () => {
  const { build, path, write } = rig({
    ...workspace,
    "app/k": "kernel",
    "app/conf/a.conf": "a",
    "app/conf/a.conf.bak": "old",
    "app/conf/secret/key": "k",
    "app/conf/secret/public": "p",
    "app/conf/empty/only.bak": "old",
    "app/.dockerignore": "# Of no use to the guest.\n**/*.bak\nconf/secret\n!conf/secret/public\n",
    "app/bunnyfile": `version: v0.1
platforms: {framework: unikraft, monitor: qemu}
rootfs: {from: scratch, include: ["conf:/conf"]}
kernel: {from: local, path: k}
`,
  });
  const listed = async (): Promise<readonly string[]> => {
    expect((await build("//app:rootfs")).code).toBe(0);
    const archive = readFileSync(path(".kraft/out/app/rootfs/rootfs.cpio"));
    const text = execFileSync("cpio", ["-t", "--quiet"], { input: archive, encoding: "utf8" });
    return text.trim().split("\n");
  };
  const always = ["./conf", "./conf/a.conf", "./conf/empty"];
  const secret = ["./conf/secret", "./conf/secret/public"];
  expect(await listed()).toEqual([...always, ...secret]);
  write({ "app/conf/a.conf.bak": "older", "app/conf/secret/key": "other" });
  expect((await build("//app")).executed).toEqual(["app/image/image"]);
  write({ "app/bunnyfile.dockerignore": "**/*.bak\nconf/secret\n" });
  expect(await listed()).toEqual(always);
  write({ "app/conf/a.conf.bak": "oldest", "app/conf/secret/public": "other" });
  expect((await build("//app:rootfs")).executed).toEqual([]);
});

test("when only the command changes, nothing but the image is made again", async () => {
  const bunnyfile = (cmd: string): string => `version: v0.1
platforms: {framework: unikraft, monitor: qemu}
rootfs: {include: [a]}
kernel: {from: local, path: k}
cmd: [${cmd}]
`;
  const { build, write } = rig({
    ...workspace,
    "app/a": "a",
    "app/k": "k",
    "app/bunnyfile": bunnyfile("/a"),
  });
  await build("//app");
  write({ "app/bunnyfile": bunnyfile("/b") });
  expect((await build("//app")).executed).toEqual(["app/image/image"]);
});

test("an args.nix gives the image of bunix, which tools load", async () => {
  const { build, path, place } = rig({
    ...workspace,
    "net/network.hvt": "net",
    "net/args.nix": `{
  name = "urunc/prebuilt/network-mirage-hvt";
  tag = "test";
  files = { "./network.hvt" = "/unikernel/network.hvt"; };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/network.hvt";
    cmdline = "--hello $(id) x;y";
  };
}
`,
  });
  expect((await build("//net", "//net:bunix.docker", "//net:bunix.strict")).text).toMatch(/^done/m);
  const archive = path(".kraft/out/net/bunix.strict/image.tar");
  const name = "docker.io/urunc/prebuilt/network-mirage-hvt:test";
  const copied = join(place, "copied");
  execFileSync("skopeo", [
    "copy",
    "--quiet",
    `docker-archive:${archive}:${name}`,
    `oci:${copied}:latest`,
  ]);
  expect(inspect(copied, "--config")).toMatchObject({ config: { Cmd: ["unikernel"] } });
  const { root, paths } = unpack(copied, join(place, "unpacked"));
  expect(paths).toEqual(["/unikernel/network.hvt", "/urunc.json"]);
  const facts = JSON.parse(readFileSync(join(root, "urunc.json"), "utf8")) as Record<
    string,
    string
  >;
  expect(Object.keys(facts)).toHaveLength(9);
  const cmdline = facts["com.urunc.unikernel.cmdline"] ?? "";
  expect(Buffer.from(cmdline, "base64").toString()).toBe("--hello $(id) x;y");
  const layout = path(".kraft/out/net/bunix/image");
  const raw = execFileSync("skopeo", ["inspect", "--raw", `oci:${layout}:test`], {
    encoding: "utf8",
  });
  expect(JSON.parse(raw)).toMatchObject({
    annotations: { "com.urunc.unikernel.cmdline": "--hello $(id) x;y" },
  });
});
