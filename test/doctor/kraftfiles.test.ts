import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
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
    const unknown = found.targets.filter(({ isUnknown }) => isUnknown).map(({ label }) => label);
    const findingOf = (name: string) => found.findings.find(({ subject }) => subject === name);
    return { code, lacks, unknown, findingOf };
  };
  return { root, bin, run, ask };
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

const template = "template: {name: loader, source: https://example.org/app-loader.git}\n";

const clone = {
  "whole/Kraftfile": `spec: v0.6\nname: whole\nruntime: kernel://kernel\n`,
  "whole/kernel": "kernel",
  "part/Kraftfile": `spec: v0.6\nname: part\n${template}targets: [qemu/x86_64]\n`,
  "rest/Kraftfile": `spec: v0.6\nname: rest\n${template}`,
};

test("in a fresh clone, what a template that is not here would tell is unknown, and all else is told", async () => {
  const { root, ask } = doctorIn(clone);
  const { code, lacks, unknown, findingOf } = await ask("//whole", "//part");
  expect(code).toBe(0);
  expect(Object.keys(lacks)).toEqual(["//part:qemu-x86_64", "//whole:qemu-x86_64"]);
  expect(unknown).toEqual(["//part:qemu-x86_64"]);
  expect(findingOf("//part")).toEqual({
    subject: "//part",
    verdict: "unknown",
    detail: "the template loader is not here yet",
    affects: ["//part:qemu-x86_64"],
    help: '"kraft-graph pkg pull" brings it',
  });
  expect(findingOf("//rest")).toBeUndefined();
  expect(existsSync(join(root, "kraft.lock.yaml"))).toBe(false);
});

test("a target that only the template can tell of is unknown, and in no package that is whole", async () => {
  const { run } = doctorIn(clone);
  const templated = await run(["doctor", "//rest:fc-arm64"], { builtIn });
  expect(templated).toMatchObject({ code: 0, stderr: "" });
  expect(templated.stdout).toContain("unknown  //rest  the template loader is not here yet");
  const machine = await run(["doctor", "//part", "--plat", "fc"], { builtIn });
  expect(machine).toMatchObject({ code: 0, stderr: "" });
  const misspelt = await run(["doctor", "//whole:fc-arm64"], { builtIn });
  expect(misspelt.code).toBe(2);
  expect(misspelt.stderr).toContain("fc-arm64");
});

test("people are told how many targets are known to be built, and of which it is not known", async () => {
  const { run } = doctorIn(clone);
  const { stdout, code } = await run(["doctor", "//whole", "//part"], { builtIn });
  expect(code).toBe(0);
  expect(stdout).toContain(
    "\n1 of 2 targets can be built here; of //part:qemu-x86_64 it is not known yet\n",
  );
});

test("a mistake in a build file is one, whether or not its template is here", async () => {
  const wrong = { "x/Kraftfile": `spec: v0.6\nname: x\nkmdline: []\n${template}` };
  const { code, stderr } = await doctorIn(wrong).run(["doctor", "//x"], { builtIn });
  expect(code).toBe(2);
  expect(stderr).toContain("kmdline");
  expect(stderr).not.toContain("not here yet");
});
