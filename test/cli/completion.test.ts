import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\n",
  "app/kraft.build.yaml": "targets:\n  - {name: t, rule: exec, outs: [a], command: ': >$OUT'}\n",
};

test("commands, options, their values and labels are offered", async () => {
  const { run } = cliRig(files);
  const offered = async (...words: string[]): Promise<string> =>
    (await run(["completion", "words", "--", ...words])).stdout;
  expect(await offered("wa")).toBe("watch\n");
  expect(await offered("build", "--keep-g")).toBe("--keep-going\n");
  expect(await offered("build", "--sandbox", "l")).toBe("links\n");
  expect(await offered("build", "--color=n")).toBe("--color=never\n");
  expect(await offered("build", "//app:")).toContain("//app:t\n");
  expect(await offered("build", "//...:")).toBe("//...:t\n");
  expect(await offered("build", "//app/...:t")).toBe("//app/...:t\n");
  expect(await offered("build", "//ap/...:")).toBe("");
  expect(await offered("nonsense", "")).toBe("");
});

test("second words are offered: of commands in two words, verbs, topics and shells", async () => {
  const { run } = cliRig(files);
  const offered = async (...words: string[]): Promise<string> =>
    (await run(["completion", "words", "--", ...words])).stdout.trimEnd().replaceAll("\n", " ");
  expect(await offered("cache", "")).toBe("gc serve stats verify why-miss");
  expect(await offered("cache", "v")).toBe("verify");
  expect(await offered("info", "")).toBe("config rules sandbox sources workspace");
  expect(await offered("pkg", "pu")).toBe("pull push");
  expect(await offered("pkg", "")).toBe(
    "//app:t export info ls prune pull push rm source unsource update verify",
  );
  expect(await offered("pkg", "pull", "")).toBe("//app:t");
  expect(await offered("com")).toBe("completion");
  expect(await offered("completion", "")).toBe("bash fish zsh");
  expect(await offered("help", "que")).toBe("query");
});

test("an option's values are those that its command takes", async () => {
  const { run } = cliRig(files);
  const offered = async (...words: string[]): Promise<string> =>
    (await run(["completion", "words", "--", ...words])).stdout.trimEnd().replaceAll("\n", " ");
  expect(await offered("build", "--sandbox", "")).toBe("auto bwrap links none");
  expect(await offered("build", "--compress", "")).toBe("gzip none zstd");
  expect(await offered("build", "--dockerfile", "b")).toBe("buildah buildkit");
  expect(await offered("build", "--remote-upload=")).toBe(
    "--remote-upload=always --remote-upload=ci --remote-upload=never",
  );
  expect(await offered("pkg", "//app:t", "--format", "")).toBe("docker-archive oci oci-archive");
  expect(await offered("run", "--runtime", "")).toBe("urunc");
  expect(await offered("doctor", "--output", "")).toBe("json text");
  expect(await offered("query", "--output", "min")).toBe("minrank");
  expect(await offered("query", "--output", "comp")).toBe("compile_commands.json");
  // What one command calls so is something else to another.
  expect(await offered("pkg", "//app:t", "--strategy", "")).toBe("abort merge overwrite prompt");
  expect(await offered("build", "--strategy", "")).toBe("local race remote");
  expect(await offered("build", "--strategy", "CC=r")).toBe("CC=race CC=remote");
  expect(await offered("build", "--strategy=//app:t=l")).toBe("--strategy=//app:t=local");
  expect(await offered("doctor", "--sandbox", "")).not.toContain("bwrap");
  // A file, which is the shell's to offer.
  expect(await offered("build", "--events", "")).toBe("");
});

test("every word that is offered for an option is taken, and another one is not", async () => {
  const { run } = cliRig(files);
  const offered = async (option: string) =>
    (await run(["completion", "words", "--", "build", option, ""])).stdout.trimEnd().split("\n");
  for (const option of [
    "--sandbox",
    "--compress",
    "--dockerfile",
    "--remote-upload",
    "--download",
  ]) {
    for (const value of await offered(option)) {
      const { stderr } = await run(["build", "//app:none", option, value]);
      expect(stderr, `${option} ${value}`).not.toContain(option);
    }
    const { stderr } = await run(["build", "//app:none", option, "nonsense"]);
    expect(stderr, option).toContain("expected one of");
  }
});

test("values that depend on the workspace are those that it has", async () => {
  const { run } = cliRig({
    "kraft.workspace.yaml":
      "version: 1\nname: w\nrules: [generic, machines]\nconfigs: {fast: {build: {jobs: 1}}, full: {}}\n",
    "vm/MACHINES": "q qemu x86_64\nf fc arm64\nx xen x86_64\n",
  });
  const offered = async (...words: string[]): Promise<string> =>
    (await run(["completion", "words", "--", ...words])).stdout.trimEnd().replaceAll("\n", " ");
  expect(await offered("build", "--plat", "")).toBe("fc qemu xen");
  expect(await offered("pkg", ".", "--platform", "q")).toBe("qemu");
  expect(await offered("doctor", "--arch", "")).toBe("arm64 x86_64");
  expect(await offered("build", "--target", "")).toBe("f q x");
  expect(await offered("query", "--config", "fu")).toBe("full");
});

test("labels and functions are offered inside of a query, and the quotes before it are left alone", async () => {
  const { run } = cliRig(files);
  const offered = async (typed: string): Promise<readonly string[]> =>
    (await run(["completion", "words", "--", "query", typed])).stdout.trimEnd().split("\n");
  expect(await offered("deps(//app:")).toEqual(["deps(//app:t", "deps(//app:t)"]);
  expect(await offered("'rdeps(//..., //app:")).toEqual([
    "rdeps(//..., //app:t",
    "rdeps(//..., //app:t)",
  ]);
  expect(await offered("\"kind('(.*', //a")).toEqual([
    "kind('(.*', //app:t",
    "kind('(.*', //app:t)",
  ]);
  expect(await offered("deps(//app:t) -//app:")).toEqual(["deps(//app:t) -//app:t"]);
  expect(await offered("//app:")).toEqual(["//app:t"]);
  expect(await offered("some")).toEqual(["some(", "somepath("]);
  expect(await offered("//app:t + allp")).toEqual([
    "//app:t + allpaths(",
    "//app:t + allpaths(//...)",
  ]);
  expect(await offered("deps(//nowhere")).toEqual([""]);
});

test("another shell is refused", async () => {
  const { code, stderr } = await cliRig().run("completion tcsh");
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "error: kraft-graph completion bash, zsh or fish prints a script\n",
  });
});

test("bash gets what stands behind the colon, as it replaces no more", async () => {
  const { stdout } = await cliRig().run("completion bash");
  const stub = 'kraft-graph() { echo //app:t; }; COMP_LINE="kraft-graph build //app:"\n';
  const ask = 'COMP_POINT=${#COMP_LINE}; _kraft_graph; echo "${COMPREPLY[@]}"\n';
  expect(execFileSync("bash", ["-c", stdout + stub + ask]).toString()).toBe("t\n");
});

test("bash hands over all that stands in an open quote as one word, and gets it back whole", async () => {
  const { stdout } = await cliRig().run("completion bash");
  const stub = 'kraft-graph() { printf "<%s>" "${@:4}" >&3; echo "${@: -1}x"; }\n';
  const ask = 'COMP_POINT=${#COMP_LINE}; _kraft_graph; printf "%s\\n" "${COMPREPLY[@]}"\n';
  const typed = (line: string): string => {
    const program = `${stdout}${stub}COMP_LINE=${JSON.stringify(line)}\n${ask}`;
    return execFileSync("bash", ["-c", `exec 3>&1\n${program}`]).toString();
  };
  expect(typed("kraft-graph query 'deps(//app:a + //b:")).toBe(
    "<query><deps(//app:a + //b:>deps(//app:a + //b:x\n",
  );
  expect(typed("kraft-graph query --output=graph 'set(a b)' 'c:")).toBe(
    "<query><--output=graph><'set(a><b)'><c:>c:x\n",
  );
  expect(typed("kraft-graph query 'a b' //c:")).toBe("<query><'a><b'><//c:>x\n");
  expect(typed("kraft-graph build --plat='q")).toBe("<build><--plat=q>qx\n");
});
