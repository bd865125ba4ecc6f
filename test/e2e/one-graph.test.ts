// One workspace for every kind of unikernel: from the sources of a kernel to its image for urunc.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/rules.md"), "utf8");
const [, hermit = ""] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];

/** The examples with a bunnyfile, an args.nix and a rule set of the user's beside them. */
function workspace() {
  const here = examplesRig();
  here.write({
    "kraft.workspace.yaml":
      'version: 1\nname: examples\npackages: ["hello", "images/**"]\n' +
      "rules: [unikraft, bunny, bunix, generic, ./rules/hermit.js]\n",
    "rules/hermit.js": hermit,
    "rules/package.json": '{"type":"module"}\n',
    "images/hello/bunnyfile": `#syntax=example.org/bunny:latest
version: v0.1
platforms: {framework: unikraft, monitor: qemu, version: 0.18.0}
kernel: {from: "//hello:qemu-x86_64"}
rootfs: {from: "//hello:rootfs-x86_64", type: initrd}
cmd: [--urunc]
`,
    "images/nix/args.nix": `{
  name = "hello"; tag = "nix";
  files = { "//hello:fc-x86_64" = "/unikernel/hello"; };
  annotations = {
    unikernelType = "unikraft"; hypervisor = "firecracker";
    binary = "/unikernel/hello"; cmdline = "--nix";
  };
}
`,
    "images/hermit/hermit.yaml": "app: app.elf\nloader: loader\n",
    "images/hermit/app.elf": "\x7fELF app",
    "images/hermit/loader": "loader",
  });
  return here;
}

test("the graph of a workspace has the targets of all rule sets in one", async () => {
  const { run } = workspace();
  const deps = await run(["query", "deps(//images/...)"]);
  expect(deps.stderr).toBe("");
  const labels = deps.stdout.trim().split("\n");
  for (const label of [
    "//images/hello:image",
    "//images/nix:bunix",
    "//images/hermit:image",
    "//hello:qemu-x86_64.kernel",
    "//hello:fc-x86_64.kernel",
    "//hello:rootfs-x86_64",
    "//images/hermit:app.elf",
  ]) {
    expect(labels).toContain(label);
  }
  const rdeps = await run(["query", "rdeps(//images/..., //hello:qemu-x86_64)"]);
  expect(rdeps.stdout.trim().split("\n").sort()).toEqual([
    "//hello:qemu-x86_64",
    "//images/hello:image",
    "//images/hello:kernel",
  ]);
});

test("an image for urunc is built from the sources of its kernel, and boots", async () => {
  const { build, path, run, read } = workspace();
  const ran = await build("//images/...");
  expect(ran.text).toMatch(/^done/m);
  const layout = path(".kraft/out/images/hello/image/image");
  const raw = execFileSync("skopeo", ["inspect", "--raw", `oci:${layout}:latest`], {
    encoding: "utf8",
  });
  expect(JSON.parse(raw)).toMatchObject({
    annotations: {
      "com.urunc.unikernel.initrd": "/.boot/rootfs",
      "com.urunc.unikernel.unikernelVersion": "0.18.0",
    },
  });
  expect(read(".kraft/out/images/hello/image/image/index.json")).toContain("amd64");
  const booted = await run(["run", "//images/hello", "--timeout", "60"]);
  expect(booted.stdout).toContain("--urunc");
});
