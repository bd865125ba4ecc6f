import { expect, test } from "vitest";

import { readBunnyfile } from "../../../rules/bunny/bunnyfile/bunnyfile.ts";
import { imagePlanOf } from "../../../rules/bunny/image-plan.ts";
import type { ImageRequest } from "../../../rules/bunny/program/image.ts";
import { bootable, build } from "./bunny-rig.ts";

const files = { "app/k": "", "app/kernel": "", "app/r": "", "app/conf/a": "" };

/** What the image of a bunnyfile is packed of. */
function requestOf(text: string, more: Readonly<Record<string, string>> = {}): ImageRequest {
  const { printed, actions } = build({ "app/bunnyfile": text, ...files, ...more }, [
    bootable("qemu", "arm64"),
  ]);
  expect(printed).toBe("");
  const action = actions.find(({ mnemonic }) => mnemonic === "Package");
  if (action?.kind !== "program") throw new Error("nothing is packed");
  return JSON.parse(action.args[1] ?? "") as ImageRequest;
}

/** The annotations less their prefix. */
function factsIn({ annotations }: ImageRequest): Readonly<Record<string, string>> {
  const entries = Object.entries(annotations);
  return Object.fromEntries(
    entries.map(([key, value]) => [key.replace("com.urunc.unikernel.", ""), value]),
  );
}

/** What is copied where. */
function copiesIn({ copies }: ImageRequest): readonly string[] {
  return copies.map(({ path, to }) => `${path} -> ${to}`);
}

const platforms = (framework: string, monitor: string): string =>
  `version: v0.1\nplatforms: {framework: ${framework}, monitor: ${monitor}}\n`;

test("a Mirage kernel alone is put into an image of its own", () => {
  const request = requestOf(
    `${platforms("mirage", "spt")}kernel: {from: local, path: k}\ncmd: ["--hello=hi"]\n`,
  );
  expect(copiesIn(request)).toEqual(["app/k -> /.boot/kernel"]);
  expect(factsIn(request)).toEqual({
    unikernelType: "mirage",
    hypervisor: "spt",
    binary: "/.boot/kernel",
    cmdline: "--hello=hi",
    mountRootfs: "false",
  });
  expect(request).toMatchObject({ architecture: "amd64", cmd: ["--hello=hi"], env: [] });
  expect(request.entrypoint).toBeUndefined();
  expect(request.labels).toEqual(request.annotations);
});

test("files of a raw root file system come before the kernel", () => {
  const request = requestOf(
    `${platforms("rumprun", "hvt")}rootfs: {type: raw, include: [conf/:/conf]}
kernel: {from: local, path: k}\n`,
  );
  expect(copiesIn(request)).toEqual(["app/conf -> /conf", "app/k -> /.boot/kernel"]);
  expect(factsIn(request)).toEqual({
    unikernelType: "rumprun",
    hypervisor: "hvt",
    binary: "/.boot/kernel",
    cmdline: "",
    mountRootfs: "true",
  });
});

test.each([
  ["linux", "firecracker", "/"],
  ["rumprun", "hvt", "/data"],
])("a block device of %s is mounted where that guest has it", (framework, monitor, point) => {
  const request = requestOf(
    `${platforms(framework, monitor)}rootfs: {from: local, path: r, type: block}
kernel: {from: local, path: k}\n`,
  );
  expect(copiesIn(request)).toEqual(["app/k -> /.boot/kernel", "app/r -> /.boot/rootfs"]);
  expect(factsIn(request)).toMatchObject({
    block: "/.boot/rootfs",
    blkMntPoint: point,
    mountRootfs: "false",
  });
});

test("files for Unikraft are packed as an initrd, which is one file of the image", () => {
  const request = requestOf(
    `${platforms("unikraft", "qemu")}rootfs: {include: [conf]}
kernel: {from: local, path: ./k}\ncmdline: "/chttp  x"\nenvs: [A=1, "B:2", {C: 3}]\n`,
  );
  expect(copiesIn(request)).toEqual([
    "app/k -> /.boot/kernel",
    ".kraft/out/app/rootfs/rootfs.cpio -> /.boot/rootfs",
  ]);
  expect(factsIn(request)).toMatchObject({ initrd: "/.boot/rootfs", cmdline: "/chttp  x" });
  expect(request).toMatchObject({ cmd: ["/chttp", "", "x"], env: ["A=1", "B=2", "C=3"] });
});

test("a kernel of another target brings its architecture along", () => {
  const request = requestOf(
    `${platforms("unikraft", "qemu")}kernel: {from: "//images/app"}\nentrypoint: [/a]\n`,
    { "images/app/bootable": "" },
  );
  expect(copiesIn(request)).toEqual([".kraft/out/images/app/app/app_kernel -> /.boot/kernel"]);
  expect(request).toMatchObject({ architecture: "arm64", entrypoint: ["/a"] });
});

test("empty text is as good as none, as it is to Go", () => {
  const kernel = 'kernel: {from: "//images/app"';
  const include = "include: [{source: conf, destination: /c";
  const platform = "version: v0.1\nplatforms: {framework: unikraft, monitor: qemu";
  const more = { "images/app/bootable": "" };
  const plain = requestOf(`${platform}}\nrootfs: {${include}}]}\n${kernel}}\n`, more);
  const empty = requestOf(
    `${platform}, version: "", architecture: ""}
rootfs: {from: "", path: "", type: '', ${include}, from: ""}]}
${kernel}, path: ""}
cmdline: ""\n`,
    more,
  );
  expect(copiesIn(plain)).toEqual([
    ".kraft/out/images/app/app/app_kernel -> /.boot/kernel",
    ".kraft/out/app/rootfs/rootfs.cpio -> /.boot/rootfs",
  ]);
  expect(empty).toEqual(plain);
});

test("a kernel that is called as a target of the package is still the file", () => {
  const request = requestOf(
    `${platforms("unikraft", "qemu")}kernel: {from: local, path: kernel}\n`,
  );
  expect(copiesIn(request)).toEqual(["app/kernel -> /.boot/kernel"]);
});

test("an image for QEMU can be booted as urunc would", () => {
  const { resultOf } = build({
    "app/bunnyfile": `${platforms("unikraft", "qemu")}rootfs: {include: [conf]}
kernel: {from: local, path: k}\ncmd: [/a, b]\nenvs: [A=1]\n`,
    ...files,
  });
  expect(resultOf("//app:image")?.machine).toEqual({
    platform: "qemu",
    architecture: "x86_64",
    kernel: "app/k",
    initrd: ".kraft/out/app/rootfs/rootfs.cpio",
    name: "app",
    args: ["/a", "b"],
    env: ["A=1"],
  });
});

/** The sources that actions of a bunnyfile fetch. */
function fetchedBy(text: string): readonly unknown[] {
  const { printed, actions } = build({ "app/bunnyfile": text, ...files });
  expect(printed).toBe("");
  return actions.flatMap((action) => (action.kind === "fetch" ? [action.source] : []));
}

test("a kernel of unikraft.org is that for the monitor, and what the image goes on from", () => {
  const text = `${platforms("unikraft", "firecracker")}rootfs: {include: ["k:/chttp"]}
kernel: {from: "unikraft.org/base:latest", path: /unikraft/bin/kernel}\ncmd: [/chttp]\n`;
  expect(fetchedBy(text)).toEqual([
    {
      kind: "image",
      reference: "unikraft.org/base:latest",
      platform: { os: "fc", architecture: "amd64" },
    },
  ]);
  const request = requestOf(text);
  expect(request.base).toEqual({
    layout: expect.stringMatching(/^external\/image~[0-9a-f]{8}$/),
    architecture: "amd64",
  });
  expect(copiesIn(request)).toEqual([".kraft/out/app/rootfs/rootfs.cpio -> /.boot/rootfs"]);
  expect(factsIn(request)).toMatchObject({
    binary: "/unikraft/bin/kernel",
    initrd: "/.boot/rootfs",
    mountRootfs: "false",
  });
});

test("a root file system that is an image keeps it below a kernel of another", () => {
  const text = `${platforms("linux", "qemu")}rootfs: {from: "redis:alpine", type: raw, include: [conf]}
kernel: {from: "example.org/kernels/linux@sha256:${"0".repeat(64)}", path: /kernel}\n`;
  expect(
    fetchedBy(text)
      .map((one) => (one as { reference: string }).reference)
      .sort(),
  ).toEqual([
    "docker.io/library/redis:alpine",
    `example.org/kernels/linux@sha256:${"0".repeat(64)}`,
  ]);
  const request = requestOf(text);
  expect(copiesIn(request)).toEqual([
    "app/conf -> conf",
    ".kraft/out/app/kernel/kernel -> /.boot/kernel",
  ]);
  expect(request.base?.layout).toMatch(/^external\/image~[0-9a-f]{8}$/);
  expect(factsIn(request)).toMatchObject({ binary: "/.boot/kernel", mountRootfs: "true" });
});

const kernels = { local: "{from: local, path: k}", image: "{from: img, path: /bin/kernel}" };

test.each([
  [kernels.local, "", "scratch", "K", "/.boot/kernel", undefined],
  [
    kernels.local,
    "{from: local, path: r, type: initrd}",
    "scratch",
    "KR",
    "/.boot/kernel",
    "/.boot/rootfs",
  ],
  [
    kernels.local,
    "{type: initrd, include: [a]}",
    "scratch",
    "KR",
    "/.boot/kernel",
    "/.boot/rootfs",
  ],
  [kernels.local, "{type: raw, include: [a]}", "files", "K", "/.boot/kernel", undefined],
  [
    kernels.local,
    "{from: img, path: /r, type: initrd}",
    "rootfs image",
    "K",
    "/.boot/kernel",
    "/r",
  ],
  [kernels.image, "", "kernel image", "", "/bin/kernel", undefined],
  [
    kernels.image,
    "{from: local, path: r, type: initrd}",
    "kernel image",
    "R",
    "/bin/kernel",
    "/.boot/rootfs",
  ],
  [
    kernels.image,
    "{type: initrd, include: [a]}",
    "kernel image",
    "R",
    "/bin/kernel",
    "/.boot/rootfs",
  ],
  [
    kernels.image,
    "{from: img, path: /r, type: initrd}",
    "rootfs image",
    "K",
    "/.boot/kernel",
    "/r",
  ],
  [kernels.image, "{type: raw, include: [a]}", "files", "K", "/.boot/kernel", undefined],
  [
    kernels.image,
    "{from: 'redis:alpine', type: raw}",
    "rootfs image",
    "K",
    "/.boot/kernel",
    undefined,
  ],
])("kernel %s with rootfs %s starts from %s, and copies %s", (...row) => {
  const [kernel, rootfs, base, copies, binary, initrd] = row;
  const text = `${platforms("linux", "qemu")}kernel: ${kernel}\nrootfs: ${rootfs}\n`;
  const bunnyfile = readBunnyfile({ path: "bunnyfile", text }, () => {});
  if (bunnyfile === undefined) throw new Error("it is not read");
  const plan = imagePlanOf(bunnyfile);
  const copied = `${plan.copiesKernel ? "K" : ""}${plan.copiesRootfs ? "R" : ""}`;
  expect([plan.base, copied, plan.facts["binary"], plan.facts["initrd"]]).toEqual([
    base,
    copies,
    binary,
    initrd,
  ]);
});
