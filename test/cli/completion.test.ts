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
