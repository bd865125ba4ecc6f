import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { unikraft } from "../../rules/unikraft/unikraft.ts";
import type { Examination } from "../../src/doctor/finding.ts";
import { cliRig } from "../cli/cli-rig.ts";

const builtIn = new Map([["unikraft", () => Promise.resolve(unikraft)]]);

const kraftfile = "spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ./Dockerfile\n";

/** What doctor says of `words` in a workspace of `files`, where actions find programs in `bin`. */
function doctorIn(files: Readonly<Record<string, string>>, settings = "") {
  const { root, run, write } = cliRig(files);
  const bin = join(root, "bin");
  mkdirSync(bin);
  write(
    "kraft.workspace.yaml",
    `version: 1\nrules: [unikraft]\nbuild: {path: "${bin}"}\n${settings}`,
  );
  const ask = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await run(["doctor", ...words, "--output", "json"], {
      builtIn,
    });
    expect(stderr).toBe("");
    const found = JSON.parse(stdout) as Examination;
    const lacks = Object.fromEntries(found.targets.map((one) => [one.label, one.lacks]));
    const findingOf = (name: string) => found.findings.find(({ subject }) => subject === name);
    return { code, lacks, findingOf };
  };
  return { root, bin, ask };
}

const dockerfiles = {
  "runs/Kraftfile": kraftfile,
  "runs/kernel": "kernel",
  "runs/Dockerfile": 'FROM scratch AS unused\nFROM scratch\nCOPY kernel /k\nRUN ["/k"]\n',
  "copies/Kraftfile": kraftfile,
  "copies/kernel": "kernel",
  "copies/Dockerfile": 'FROM scratch AS unused\nRUN ["/k"]\nFROM scratch\nCOPY kernel /k\n',
};

const both = ["//runs:rootfs-x86_64", "//copies:rootfs-x86_64"];

test("a RUN that nothing here can carry out keeps its target from being built, and a COPY does not", async () => {
  // Without unshare the engine has no namespaces, and there is no builder.
  const { code, lacks, findingOf } = await doctorIn(dockerfiles).ask(...both);
  expect(code).toBe(1);
  expect(lacks).toEqual({
    "//copies:rootfs-x86_64": [],
    "//runs:rootfs-x86_64": ["Dockerfile RUN"],
  });
  const finding = findingOf("Dockerfile RUN");
  expect(finding).toMatchObject({ verdict: "bad", program: "buildah" });
  expect(finding?.detail).toMatch(
    /^RUN cannot be carried out here: .*unshare.*; install buildah or podman, or set dockerfile\.buildkit /,
  );
});

test("a builder that the settings ask for has to be there, for every Dockerfile", async () => {
  const { ask } = doctorIn(dockerfiles, "dockerfile: {executor: buildah}\n");
  const { code, lacks, findingOf } = await ask(...both);
  expect(code).toBe(1);
  expect(Object.values(lacks)).toEqual([["buildah"], ["buildah"]]);
  expect(findingOf("buildah")).toMatchObject({ verdict: "bad", program: "buildah" });
});

test("a target for another architecture lacks its compiler, and its neighbour does not", async () => {
  const { root, bin, ask } = doctorIn({
    "x/Kraftfile":
      "spec: v0.6\nname: x\nunikraft: {source: ../core}\ntargets: [qemu/arm64, qemu/x86_64]\n",
  });
  cpSync(join(import.meta.dirname, "../../examples/core"), join(root, "core"), { recursive: true });
  for (const name of readdirSync("/usr/bin")) {
    if (!name.startsWith("aarch64-")) symlinkSync(join("/usr/bin", name), join(bin, name));
  }
  const { code, lacks, findingOf } = await ask("//x:qemu-arm64", "//x:qemu-x86_64");
  expect(code).toBe(1);
  const tools = ["gcc", "ld", "nm", "objcopy", "strip"].map((name) => `aarch64-linux-gnu-${name}`);
  expect(lacks).toEqual({ "//x:qemu-arm64": tools, "//x:qemu-x86_64": [] });
  expect(findingOf("aarch64-linux-gnu-gcc")).toMatchObject({
    verdict: "bad",
    program: "aarch64-linux-gnu-gcc",
    affects: ["//x:qemu-arm64"],
  });
});
