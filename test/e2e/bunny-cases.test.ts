// Whole images, each held against what bunny and bunix make of the same file: every layer, annotation
// and label, the config, and the bytes of /urunc.json.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { type ContainerImage, writeContainerImage } from "../../src/format/container-image.ts";
import type { TreeEntry } from "../../src/format/file-tree.ts";
import { writeImage } from "../../src/format/image.ts";
import { uruncJsonOf } from "../../src/format/urunc.ts";
import { skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const prefix = "com.urunc.unikernel.";
const noSignal = new AbortController().signal;

/** What an image holds, as far as tools tell. */
interface Seen {
  /** The files of each layer, the lowest first, and what is in them. */
  readonly layers: readonly Readonly<Record<string, string>>[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly platform: string;
}

/** All of the image in the layout `directory`. */
function seen(directory: string): Seen {
  const blob = (digest: string): string => join(directory, "blobs", digest.replace(":", "/"));
  const inspect = (...what: readonly string[]): string =>
    execFileSync("skopeo", ["inspect", ...what, `oci:${directory}:latest`], { encoding: "utf8" });
  const manifest = JSON.parse(inspect("--raw")) as {
    readonly annotations: Record<string, string>;
    readonly layers: readonly { readonly digest: string }[];
  };
  const { config, os, architecture } = JSON.parse(inspect("--config")) as {
    readonly config: Record<string, unknown>;
    readonly os: string;
    readonly architecture: string;
  };
  return {
    layers: manifest.layers.map(({ digest }) => filesIn(blob(digest))),
    annotations: manifest.annotations,
    config,
    platform: `${os}/${architecture}`,
  };
}

function filesIn(archive: string): Record<string, string> {
  const tar = (...words: readonly string[]): string =>
    execFileSync("tar", [...words], { encoding: "utf8" });
  const names = tar("-tf", archive).trim().split("\n");
  const files = names.filter((name) => !name.endsWith("/"));
  return Object.fromEntries(
    files.map((name) => [`/${name}`.replace("/./", "/"), tar("-xOf", archive, name)]),
  );
}

/** What is the same wherever an image has what it tells urunc: plain, and in base64. */
function told(facts: Readonly<Record<string, string>>, others: Record<string, string> = {}) {
  const entries = Object.entries(facts).map(([key, value]) => [`${prefix}${key}`, value] as const);
  const annotations = { ...others, ...Object.fromEntries(entries) };
  return { annotations, top: { "/urunc.json": uruncJsonOf(annotations) } };
}

const file = (path: string, text: string): TreeEntry => {
  const bytes = Buffer.from(text);
  const content = { sizeBytes: bytes.length, read: () => [bytes] };
  const facts = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  return { path: Buffer.from(path), node: { kind: "file", ...facts, content } };
};

/** An image of somebody else. */
function foreign(files: Readonly<Record<string, string>>, more: Partial<ContainerImage> = {}) {
  const layers = Object.entries(files).map(([path, text]) => [file(path, text)]);
  const nothing = { annotations: {}, labels: {}, env: [] };
  return { architecture: "amd64", layers, ...nothing, ...more };
}

const images: Readonly<Record<string, ContainerImage>> = {
  "library/alpine:latest": foreign(
    { "bin/sh": "a shell" },
    { cmd: ["/bin/sh"], env: ["PATH=/bin"] },
  ),
  "library/redis:alpine": foreign(
    { "bin/redis": "a server" },
    { entrypoint: ["redis"], cmd: ["--port", "1"], env: ["PATH=/bin", "V=7"], user: "9" },
  ),
  "kernels/linux:6": foreign({ kernel: "linux of an image" }),
  "nubificus/urunit:latest": foreign({ urunit: "init" }),
  "nubificus/bunny/linux-kernel-qemu:latest": foreign({ ".boot/kernel": "linux for qemu" }),
};

/** A registry with all images that the files below name; gives its address. */
async function publish(): Promise<string> {
  const { host } = await startRegistry();
  const place = temporaryDirectory();
  for (const [i, [name, image]] of Object.entries(images).entries()) {
    const layout = join(place, String(i));
    mkdirSync(layout);
    await writeContainerImage(layout, image, noSignal);
    skopeoCopy(`oci:${layout}:latest`, `docker://${host}/${name}`, "--dest-tls-verify=false");
  }
  const { path } = rig({ kernel: "unikraft for qemu" });
  const target = { platform: "qemu", architecture: "x86_64", args: [], env: [], labels: {} };
  const targets = [{ ...target, name: "qemu-x86_64", kernel: path("kernel") }];
  await writeImage(join(place, "base"), { kind: "index", name: "base:latest", targets }, noSignal);
  const layout = `oci:${join(place, "base")}:latest`;
  skopeoCopy(layout, `docker://${host}/base:latest`, "--dest-tls-verify=false");
  return host;
}

const bunnyfile = (framework: string, monitor: string, rest: string): string =>
  `#syntax=example.org/bunny:latest\nversion: v0.1\nplatforms: {framework: ${framework}, monitor: ${monitor}}\n${rest}`;
const containerfile = (rest: string): string => `#syntax=example.org/bunny:latest\n${rest}`;

const files: Readonly<Record<string, string>> = {
  "a/hello.spt": "hello",
  "a/bunnyfile": bunnyfile(
    "mirage",
    "spt",
    'kernel: {from: local, path: hello.spt}\ncmd: ["--hello=hi"]\n',
  ),
  "b/chttp": "server",
  "b/bunnyfile": bunnyfile(
    "unikraft",
    "qemu, version: 0.18.0",
    `rootfs: {from: scratch, include: ["chttp:/chttp"]}
kernel: {from: "unikraft.org/base:latest", path: /unikraft/bin/kernel}
cmd: [/chttp]
`,
  ),
  "c/conf/redis.conf": "port 1",
  "c/redis.hvt": "redis",
  "c/bunnyfile": bunnyfile(
    "rumprun",
    "hvt",
    "rootfs: {type: raw, include: [conf/:/conf]}\nkernel: {from: local, path: redis.hvt}\n",
  ),
  "d/rootfs.ext2": "blocks",
  "d/vmlinux": "linux",
  "d/bunnyfile": bunnyfile(
    "linux",
    "firecracker",
    "rootfs: {from: local, path: rootfs.ext2, type: block}\nkernel: {from: local, path: vmlinux}\n",
  ),
  "d-rumprun/rootfs.ext2": "blocks",
  "d-rumprun/app.hvt": "rumprun",
  "d-rumprun/bunnyfile": bunnyfile(
    "rumprun",
    "hvt",
    "rootfs: {from: local, path: rootfs.ext2, type: block}\nkernel: {from: local, path: app.hvt}\n",
  ),
  "e/bunnyfile": bunnyfile(
    "linux",
    "qemu",
    'rootfs: {from: "redis:alpine", type: raw}\nkernel: {from: "kernels.example.org/kernels/linux:6", path: /kernel}\n',
  ),
  "f/Containerfile": containerfile('FROM alpine\nCMD ["sh"]\n'),
  "g/Containerfile": containerfile('FROM alpine\nCMD ["sh"]\nLABEL bunny.urunit=false\n'),
  "h/network.hvt": "network",
  "h/Containerfile": containerfile(`FROM scratch
COPY network.hvt /unikernel/network.hvt
LABEL ${prefix}binary=/unikernel/network.hvt
LABEL "${prefix}cmdline"=""
LABEL "${prefix}unikernelType"="mirage"
LABEL "${prefix}hypervisor"="hvt"
LABEL "${prefix}useDMBlock"="false"
`),
  "i/network.hvt": "network",
  "i/args.nix": `{
  name = "urunc/prebuilt/network-mirage-hvt";
  tag = "test";
  files = {
    "./network.hvt" = "/unikernel/network.hvt";
  };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/network.hvt";
    cmdline = "";
    useDMBlock = "false";
  };
}
`,
};

let here: ReturnType<typeof rig>;

/** What was made of the package `name`. */
const image = (name: string): Seen => seen(here.path(`.kraft/out/${name}/image/image`));

/** What is held against an image, by the name of the case. */
const cases = new Map<string, () => void>();

// One test with one build for all, as they have their images in common.
test("images are in every part what bunny and bunix make of the same files", async () => {
  const host = await publish();
  const hosts = ["docker.io", "harbor.nbfc.io", "unikraft.org", "kernels.example.org"];
  const mirrors = hosts.map((name) => `    ${name}: ${host}\n`).join("");
  here = rig({
    "kraft.workspace.yaml": `version: 1\nsources:\n  mirrors:\n${mirrors}`,
    ...files,
  });
  const { text } = await here.build("//...", "//i:bunix.strict");
  expect(text).toMatch(/^done/m);
  expect(cases.size).toBe(10);
  for (const look of cases.values()) look();
});

cases.set("A: a Mirage kernel alone", () => {
  const { annotations, top } = told({
    binary: "/.boot/kernel",
    cmdline: "--hello=hi",
    hypervisor: "spt",
    mountRootfs: "false",
    unikernelType: "mirage",
  });
  expect(image("a")).toEqual({
    layers: [{ "/.boot/kernel": "hello" }, top],
    annotations,
    config: { Cmd: ["--hello=hi"], Labels: annotations },
    platform: "linux/amd64",
  });
  expect(top["/urunc.json"]).toBe(
    '{"com.urunc.unikernel.binary":"Ly5ib290L2tlcm5lbA==",' +
      '"com.urunc.unikernel.cmdline":"LS1oZWxsbz1oaQ==","com.urunc.unikernel.hypervisor":"c3B0",' +
      '"com.urunc.unikernel.mountRootfs":"ZmFsc2U=","com.urunc.unikernel.unikernelType":"bWlyYWdl"}',
  );
});

cases.set("B: files as an initrd, on the image of Unikraft's kernel for the monitor", () => {
  const { annotations, top } = told({
    binary: "/unikraft/bin/kernel",
    cmdline: "/chttp",
    hypervisor: "qemu",
    initrd: "/.boot/rootfs",
    mountRootfs: "false",
    unikernelType: "unikraft",
    unikernelVersion: "0.18.0",
  });
  const found = image("b");
  expect({ ...found, layers: found.layers.map((layer) => Object.keys(layer)) }).toEqual({
    layers: [["/unikraft/bin/kernel"], ["/.boot/rootfs"], ["/urunc.json"]],
    annotations,
    config: { Cmd: ["/chttp"], Labels: annotations },
    platform: "linux/amd64",
  });
  expect(found.layers[0]).toEqual({ "/unikraft/bin/kernel": "unikraft for qemu" });
  expect(found.layers[2]).toEqual(top);
  const input = found.layers[1]?.["/.boot/rootfs"] ?? "";
  const listed = execFileSync("cpio", ["-t", "--quiet"], { input, encoding: "utf8" });
  expect(listed.trim().split("\n")).toEqual(["./chttp"]);
});

cases.set("C: raw files of rumprun, below its kernel", () => {
  const { annotations, top } = told({
    binary: "/.boot/kernel",
    cmdline: "",
    hypervisor: "hvt",
    mountRootfs: "true",
    unikernelType: "rumprun",
  });
  expect(image("c")).toEqual({
    layers: [{ "/conf/redis.conf": "port 1" }, { "/.boot/kernel": "redis" }, top],
    annotations,
    config: { Labels: annotations },
    platform: "linux/amd64",
  });
});

const blockImages = [
  ["d", "linux", "firecracker", "/", "linux"],
  ["d-rumprun", "rumprun", "hvt", "/data", "rumprun"],
] as const;

for (const [name, unikernelType, hypervisor, point, kernel] of blockImages) {
  cases.set(`D: a block device that is there (${name})`, () => {
    const { annotations, top } = told({
      binary: "/.boot/kernel",
      blkMntPoint: point,
      block: "/.boot/rootfs",
      cmdline: "",
      hypervisor,
      mountRootfs: "false",
      unikernelType,
    });
    expect(image(name)).toEqual({
      layers: [{ "/.boot/kernel": kernel }, { "/.boot/rootfs": "blocks" }, top],
      annotations,
      config: { Labels: annotations },
      platform: "linux/amd64",
    });
  });
}

cases.set("E: all of an image of others, with a kernel of yet another", () => {
  const { annotations, top } = told({
    binary: "/.boot/kernel",
    cmdline: "",
    hypervisor: "qemu",
    mountRootfs: "true",
    unikernelType: "linux",
  });
  expect(image("e")).toEqual({
    layers: [{ "/bin/redis": "a server" }, { "/.boot/kernel": "linux of an image" }, top],
    annotations,
    config: {
      Cmd: ["--port", "1"],
      Entrypoint: ["redis"],
      Env: ["PATH=/bin", "V=7"],
      Labels: annotations,
      User: "9",
    },
    platform: "linux/amd64",
  });
});

const linux = {
  binary: "/.boot/kernel",
  hypervisor: "qemu",
  mountRootfs: "true",
  unikernelType: "linux",
};

cases.set("F: a Containerfile that says nothing for urunc", () => {
  const { annotations, top } = told(linux);
  expect(image("f")).toEqual({
    layers: [
      { "/bin/sh": "a shell" },
      { "/urunit": "init" },
      { "/.boot/kernel": "linux for qemu" },
      top,
    ],
    annotations,
    config: { Cmd: ["sh"], Entrypoint: ["/urunit"], Env: ["PATH=/bin"] },
    platform: "linux/amd64",
  });
  expect(top["/urunc.json"]).toBe(
    '{"com.urunc.unikernel.binary":"Ly5ib290L2tlcm5lbA==","com.urunc.unikernel.hypervisor":"cWVtdQ==",' +
      '"com.urunc.unikernel.mountRootfs":"dHJ1ZQ==","com.urunc.unikernel.unikernelType":"bGludXg="}',
  );
});

cases.set("G: the same without bunny's init", () => {
  const { annotations, top } = told(linux, { "bunny.urunit": "false" });
  expect(image("g")).toEqual({
    layers: [{ "/bin/sh": "a shell" }, { "/.boot/kernel": "linux for qemu" }, top],
    annotations,
    config: {
      Cmd: ["sh"],
      Env: ["PATH=/bin"],
      Labels: { "bunny.urunit": "false" },
    },
    platform: "linux/amd64",
  });
});

cases.set(
  "H: a Containerfile of Mirage for older runtimes, of which today's are told in their words",
  () => {
    const own = {
      binary: "/unikernel/network.hvt",
      cmdline: "",
      hypervisor: "hvt",
      unikernelType: "mirage",
      useDMBlock: "false",
    };
    const { annotations, top } = told({ ...own, mountRootfs: "false" });
    const found = image("h");
    expect(found.layers).toEqual([{ "/unikernel/network.hvt": "network" }, top]);
    expect(found.annotations).toEqual(annotations);
    expect(found.config["Labels"]).toEqual(told(own).annotations);
  },
);

cases.set("I: an args.nix as bunix itself has it", () => {
  const archive = here.path(".kraft/out/i/bunix.strict/image.tar");
  const unpacked = temporaryDirectory();
  execFileSync("tar", ["-xf", archive, "-C", unpacked]);
  const text = (name: string): string => readFileSync(join(unpacked, name), "utf8");
  const [manifest] = JSON.parse(text("manifest.json")) as readonly {
    readonly Config: string;
    readonly RepoTags: readonly string[];
    readonly Layers: readonly string[];
  }[];
  expect(manifest?.RepoTags).toEqual(["urunc/prebuilt/network-mirage-hvt:test"]);
  expect(manifest?.Layers).toHaveLength(1);
  expect(filesIn(join(unpacked, manifest?.Layers[0] ?? ""))).toEqual({
    "/unikernel/network.hvt": "network",
    "/urunc.json": `{
  "com.urunc.unikernel.binary": "L3VuaWtlcm5lbC9uZXR3b3JrLmh2dA==",
  "com.urunc.unikernel.blkMntPoint": "",
  "com.urunc.unikernel.block": "",
  "com.urunc.unikernel.cmdline": "",
  "com.urunc.unikernel.hypervisor": "aHZ0",
  "com.urunc.unikernel.initrd": "",
  "com.urunc.unikernel.unikernelType": "bWlyYWdl",
  "com.urunc.unikernel.unikernelVersion": "",
  "com.urunc.unikernel.useDMBlock": "ZmFsc2U="
}
`,
  });
  const config = JSON.parse(text(manifest?.Config ?? "")) as { readonly config: object };
  expect(config.config).toEqual({ Cmd: ["unikernel"] });
});
