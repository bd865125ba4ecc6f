// Kernels of Solo5 in images: whatever names them, and wherever they come from, their notes are read.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import type { Solo5Device } from "../../src/format/solo5-notes.ts";
import { skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { solo5Binary } from "../rig/solo5-binary.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const prefix = "com.urunc.unikernel.";
const devices: readonly Solo5Device[] = [
  { name: "littlefs", type: "block" },
  { name: "management", type: "net" },
];
const named = { [`${prefix}solo5BlkDev`]: "littlefs", [`${prefix}solo5NetDev`]: "management" };

/** A workspace with `files`, and kernels, which are linked for spt, by their paths. */
function withKernels(
  kernels: readonly string[],
  files: Readonly<Record<string, string>>,
  workspace = "",
) {
  const here = rig({ "kraft.workspace.yaml": `version: 1\n${workspace}`, ...files });
  for (const path of kernels) {
    mkdirSync(dirname(here.path(path)), { recursive: true });
    writeFileSync(here.path(path), solo5Binary("spt", devices));
  }
  return here;
}

/** What the manifest and the config of an image say, and its /urunc.json. */
function read(image: string) {
  const inspect = (what: string): Readonly<Record<string, unknown>> =>
    JSON.parse(execFileSync("skopeo", ["inspect", what, `oci:${image}`], { encoding: "utf8" })) as {
      [name: string]: unknown;
    };
  const bundle = join(temporaryDirectory(), "bundle");
  execFileSync("umoci", ["unpack", "--rootless", "--image", image, bundle]);
  const json = JSON.parse(readFileSync(join(bundle, "rootfs/urunc.json"), "utf8")) as {
    [name: string]: string;
  };
  const entries = Object.entries(json).map(([key, value]) => {
    return [key, Buffer.from(value, "base64").toString()] as const;
  });
  const { Labels: labels } = inspect("--config")["config"] as { readonly Labels?: object };
  return {
    annotations: inspect("--raw")["annotations"],
    labels,
    told: Object.fromEntries(entries),
  };
}

const bunnyfile = (kernel: string, monitor = "spt"): string => `version: v0.1
platforms: {framework: mirage, monitor: ${monitor}}
kernel: ${kernel}
`;

const argsNix = (file: string, monitor = "spt"): string => `{
  name = "a"; tag = "latest";
  files = { "${file}" = "/unikernel/k"; };
  annotations = {
    unikernelType = "mirage"; binary = "/unikernel/k"; cmdline = "";
    hypervisor = "${monitor}";
  };
}
`;

const containerfile = (monitor = "spt"): string => `#syntax=example.org/bunny:latest
FROM scratch
COPY k /unikernel/k
LABEL ${prefix}unikernelType=mirage ${prefix}binary=/unikernel/k
LABEL ${prefix}hypervisor=${monitor}
`;

const target = (name: string): string =>
  `targets: [{name: ${name}, rule: exec, srcs: [k], outs: [out.k], command: 'cp kernels/k $OUT'}]\n`;

test("devices of a kernel are named, whatever puts it into the image", async () => {
  const { build, path } = withKernels(["file/k", "kernels/k", "nix/k", "container/k"], {
    "kernels/kraft.build.yaml": target("made"),
    "file/bunnyfile": bunnyfile("{from: local, path: k}"),
    "label/bunnyfile": bunnyfile('{from: "//kernels:made"}'),
    "nix/args.nix": argsNix("./k"),
    "nix-label/args.nix": argsNix("//kernels:made"),
    "container/Containerfile": containerfile(),
  });
  expect((await build("//...", "//nix:bunix.strict")).text).toMatch(/^done/m);
  const images = ["file/image", "label/image", "nix/bunix", "nix-label/bunix", "container/image"];
  for (const image of images) {
    const { annotations, labels, told } = read(`${path(`.kraft/out/${image}/image`)}:latest`);
    expect(annotations, image).toMatchObject(named);
    expect(told, image).toEqual(annotations);
    // Of a Containerfile, the labels stay as they are written.
    const expected = image.startsWith("container") ? {} : named;
    expect(Object.keys(labels ?? {}).filter((key) => key in named)).toEqual(Object.keys(expected));
  }
  const archive = path(".kraft/out/nix/bunix.strict/image.tar");
  const strict = execFileSync("tar", ["-xOf", archive, "--wildcards", "*/layer.tar"]);
  const json = execFileSync("tar", ["-xOf", "-", "urunc.json"], { input: strict }).toString();
  expect(json).not.toContain("solo5");
});

test("a kernel for another monitor is refused at the line that names the monitor", async () => {
  const { build } = withKernels(["file/k", "kernels/k", "nix/k", "container/k"], {
    "kernels/kraft.build.yaml": target("made"),
    "file/bunnyfile": bunnyfile("{from: local, path: k}", "hvt"),
    "label/bunnyfile": bunnyfile('{from: "//kernels:made"}', "qemu"),
    "nix/args.nix": argsNix("./k", "hvt"),
    "container/Containerfile": containerfile("hvt"),
  });
  const places: Readonly<Record<string, string>> = {
    "//file": "file/bunnyfile:2:41",
    "//label": "label/bunnyfile:2:41",
    "//nix": "nix/args.nix:6:18",
    "//nix:bunix.strict": "nix/args.nix:6:18",
    "//container": "container/Containerfile:5:1",
  };
  for (const [label, place] of Object.entries(places)) {
    const { code, text } = await build(label);
    expect(code).toBe(1);
    expect(text).toMatch(/is linked for Solo5's spt, and (hvt|qemu) cannot boot it: spt does/);
    expect(text).toContain(`--> ${place}\n`);
  }
});

test("a line above what was built makes no image again", async () => {
  const { build, write } = withKernels(["file/k"], {
    "file/bunnyfile": bunnyfile("{from: local, path: k}"),
  });
  expect((await build("//file")).counts).toEqual({ executed: 1 });
  write({ "file/bunnyfile": `# A comment.\n${bunnyfile("{from: local, path: k}")}` });
  expect((await build("//file")).counts).toEqual({ upToDate: 1 });
});

test("a kernel in an image of a registry is looked at as well", async () => {
  const { host } = await startRegistry();
  const made = withKernels(["base/k"], {
    "base/bunnyfile": `version: v0.1
platforms: {framework: linux, monitor: qemu}
rootfs: {type: raw, include: ["k:/unikernel/k"]}
kernel: {from: local, path: linux}
`,
    "base/linux": "bzImage",
  });
  expect((await made.build("//base")).text).toMatch(/^done/m);
  const layout = `oci:${made.path(".kraft/out/base/image/image")}:latest`;
  skopeoCopy(layout, `docker://${host}/k:1`, "--dest-tls-verify=false", "--dest-compress");
  const kernel = (path: string): string => `{from: "${host}/k:1", path: ${path}}`;
  const { build, path } = withKernels([], {
    "alone/bunnyfile": bunnyfile(kernel("/unikernel/k")),
    "other/bunnyfile": bunnyfile(kernel("/unikernel/k"), "hvt"),
    "none/bunnyfile": bunnyfile(kernel("/unikernel/gone")),
    "on-files/own.conf": "x",
    "on-files/bunnyfile": `version: v0.1
platforms: {framework: rumprun, monitor: spt}
rootfs: {type: raw, include: [own.conf]}
kernel: ${kernel("/unikernel/k")}
`,
  });
  expect((await build("//alone", "//on-files")).text).toMatch(/^done/m);
  for (const image of ["alone", "on-files"]) {
    const { annotations, told } = read(`${path(`.kraft/out/${image}/image/image`)}:latest`);
    expect(annotations).toMatchObject(named);
    expect(told).toEqual(annotations);
  }
  const other = await build("//other");
  expect([other.code, other.text]).toEqual([1, expect.stringContaining("and hvt cannot boot it")]);
  expect(other.text).toContain("--> other/bunnyfile:2:41\n");
  const none = await build("//none");
  expect(none.text).toContain("the image has no file /unikernel/gone, which is to be its kernel");
  expect(none.text).toContain("--> none/bunnyfile:3:");
});
