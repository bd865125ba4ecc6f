import { expect, test } from "vitest";

import { build } from "./unikraft-rig.ts";

/** The core as a directory of the workspace. */
const core = { "core/Makefile": "" };

const base = `spec: v0.6
name: web
unikraft: {source: ../../core}
`;

/** The target that `//package` is. */
function defaultOf(text: string, hostArchitecture: string): string | undefined {
  const { graph } = build({ ...core, "apps/x/Kraftfile": text }, { hostArchitecture });
  const names = [...graph.targets.values()].flatMap((target) =>
    target.kind === "rule" && target.isDefault ? [target.label] : [],
  );
  expect(names.length).toBeLessThan(2);
  return names[0];
}

test("each entry of targets is an image, with its options, its kernel and its package", () => {
  const text = `${base}targets: [qemu/x86_64, fc/arm64]\nrootfs: ./rootfs\n`;
  const { labels, printed } = build({ ...core, "apps/x/Kraftfile": text, "apps/x/rootfs/a": "" });
  expect(printed).toBe("");
  expect(labels).toEqual([
    "//apps/x:fc-arm64",
    "//apps/x:fc-arm64.config",
    "//apps/x:fc-arm64.kernel",
    "//apps/x:fc-arm64.oci",
    "//apps/x:oci",
    "//apps/x:qemu-x86_64",
    "//apps/x:qemu-x86_64.config",
    "//apps/x:qemu-x86_64.kernel",
    "//apps/x:qemu-x86_64.oci",
    "//apps/x:rootfs-arm64",
    "//apps/x:rootfs-x86_64",
  ]);
});

test("a target's own name is its label, and the first part of its kernel's name", () => {
  const text = `${base}targets: [{name: small, platform: qemu, architecture: x86_64}]\n`;
  const { labels, resultOf } = build({ ...core, "apps/x/Kraftfile": text });
  expect(labels).toContain("//apps/x:small.kernel");
  expect(resultOf("//apps/x:small").outputs).toEqual([
    ".kraft/out/apps/x/small.kernel/small_qemu-x86_64",
  ]);
});

test("targets that share a name have their platform and architecture behind it", () => {
  const text = `${base}targets:
  - {name: web, platform: qemu, architecture: x86_64}
  - {name: web, platform: fc, architecture: x86_64}
`;
  const { labels, printed } = build({ ...core, "apps/x/Kraftfile": text });
  expect(printed).toBe("");
  expect(labels).toContain("//apps/x:web-qemu-x86_64");
  expect(labels).toContain("//apps/x:web-fc-x86_64");
});

test("the default is the first image that this machine can boot, else the first", () => {
  const both = `${base}targets: [fc/arm64, qemu/arm64, qemu/x86_64, fc/x86_64]\n`;
  expect(defaultOf(both, "x86_64")).toBe("//apps/x:qemu-x86_64");
  expect(defaultOf(both, "arm64")).toBe("//apps/x:fc-arm64");
  expect(defaultOf(`${base}targets: [qemu/arm64, fc/arm64]\n`, "x86_64")).toBe(
    "//apps/x:qemu-arm64",
  );
});

test("a prebuilt kernel without targets is one image, for the machine at hand", () => {
  const text = "spec: v0.6\nruntime: kernel://./kernel\n";
  const files = { "apps/x/Kraftfile": text, "apps/x/kernel": "" };
  for (const hostArchitecture of ["x86_64", "arm64"]) {
    const { labels, resultOf } = build(files, { hostArchitecture });
    const image = `//apps/x:qemu-${hostArchitecture}`;
    expect(labels).toEqual(["//apps/x:oci", image, `${image}.oci`]);
    expect(resultOf(image)).toMatchObject({
      outputs: ["apps/x/kernel"],
      machine: { platform: "qemu", architecture: hostArchitecture, kernel: "apps/x/kernel" },
    });
  }
});

test("a Kraftfile with a root file system and nothing to boot builds that", () => {
  const text = "spec: v0.6\nrootfs: ./rootfs\n";
  const files = { "apps/x/Kraftfile": text, "apps/x/rootfs/a": "" };
  const { labels, printed } = build(files, { hostArchitecture: "arm64" });
  expect(printed).toBe("");
  expect(labels).toEqual(["//apps/x:rootfs-arm64"]);
  expect(defaultOf(text, "arm64")).toBe("//apps/x:rootfs-arm64");
});

test("an unnamed project is called as its directory, and at the root as the workspace", () => {
  const unnamed = "spec: v0.6\nunikraft: {source: /core}\ntargets: [qemu/x86_64]\n";
  const { resultOf } = build({
    "/core/Makefile": "",
    "kraft.workspace.yaml": "version: 1\nname: all-of-it\n",
    Kraftfile: unnamed,
    "apps/x/Kraftfile": unnamed,
  });
  expect(resultOf("//apps/x:qemu-x86_64").machine?.name).toBe("x_qemu-x86_64");
  expect(resultOf("//:qemu-x86_64").machine?.name).toBe("all-of-it_qemu-x86_64");
});

test("an image knows all that it takes to boot it, and where KraftKit has its files", () => {
  const text = `${base}targets: [qemu/x86_64]
rootfs: ./rootfs
cmd: ["-p", "80"]
env: {HOME: /, EMPTY: "", TERM: }
`;
  const { resultOf } = build({ ...core, "apps/x/Kraftfile": text, "apps/x/rootfs/a": "" });
  const out = ".kraft/out/apps/x";
  const kernel = `${out}/qemu-x86_64.kernel/web_qemu-x86_64`;
  const initrd = `${out}/rootfs-x86_64/initramfs-x86_64.cpio`;
  const config = `${out}/qemu-x86_64.config/.config.web_qemu-x86_64`;
  expect(resultOf("//apps/x:qemu-x86_64")).toMatchObject({
    outputs: [kernel, initrd],
    machine: {
      platform: "qemu",
      architecture: "x86_64",
      name: "web_qemu-x86_64",
      args: ["-p", "80"],
      env: ["HOME=/", "EMPTY=", "TERM"],
      kernel,
      initrd,
      config,
    },
    layout: {
      ".unikraft/build/web_qemu-x86_64": kernel,
      ".unikraft/build/web_qemu-x86_64.dbg": `${kernel}.dbg`,
      ".unikraft/build/initramfs-x86_64.cpio": initrd,
      ".config.web_qemu-x86_64": config,
    },
  });
});

for (const option of ["AUTOMOUNT_EINITRD", "AUTOMOUNT_CI_EINITRD", "ROOTFS_EINITRD"]) {
  test(`with ${option} the root file system is inside the kernel, and not beside it`, () => {
    const symbol = `CONFIG_LIBVFSCORE_${option}`;
    const text = `spec: v0.6
name: web
unikraft: {source: ../../core, kconfig: {${symbol}: 'y'}}
targets:
  - qemu/x86_64
  - {name: beside, platform: qemu, architecture: x86_64, kconfig: {${symbol}: 'n'}}
rootfs: ./rootfs
`;
    const { resultOf, withMnemonic } = build({
      ...core,
      "apps/x/Kraftfile": text,
      "apps/x/rootfs/a": "",
    });
    const initrd = ".kraft/out/apps/x/rootfs-x86_64/initramfs-x86_64.cpio";
    const kernels = withMnemonic("Expand").map(
      (action) => JSON.stringify(action).includes(initrd) && action.owner,
    );
    expect(kernels).toEqual(["//apps/x:qemu-x86_64.kernel", false]);
    expect(resultOf("//apps/x:qemu-x86_64").machine).not.toHaveProperty("initrd");
    expect(resultOf("//apps/x:beside").machine).toMatchObject({ initrd });
  });
}

test("the packages of one target and of all have the images of these", () => {
  const text = `${base}targets: [qemu/x86_64, fc/x86_64]
labels: {a: b}
env: {HOME: /, TERM: }
`;
  const { withMnemonic } = build({ ...core, "apps/x/Kraftfile": text }, { sourceDateEpoch: 7 });
  const requests = withMnemonic("Package").map((action) => {
    const { name, sourceDateEpoch, targets } =
      action.kind === "program"
        ? (JSON.parse(action.args[1] ?? "") as Record<string, unknown>)
        : ({} as Record<string, unknown>);
    const platforms = (targets as { platform: string }[]).map(({ platform }) => platform);
    return { owner: action.owner, name, sourceDateEpoch, platforms, targets };
  });
  expect(requests.map(({ owner, platforms }) => [owner, platforms])).toEqual([
    ["//apps/x:qemu-x86_64.oci", ["qemu"]],
    ["//apps/x:fc-x86_64.oci", ["fc"]],
    ["//apps/x:oci", ["qemu", "fc"]],
  ]);
  // A variable without a value is the machine's that runs the image: none can be packed.
  expect(requests[0]).toMatchObject({
    name: "web",
    sourceDateEpoch: 7,
    targets: [{ labels: { a: "b" }, env: ["HOME=/"] }],
  });
});
