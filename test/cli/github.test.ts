import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import { unikraft } from "../../rules/unikraft/unikraft.ts";
import { hostIn } from "../engine/build-rig.ts";
import { cliRig } from "./cli-rig.ts";

const broken = "targets:\n  - {name: x, rule: exce, outs: [x]}\n";
const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\n",
  "app/kraft.build.yaml": broken,
};

/** The marks that `words` give in a job whose checkout is `checkout` above the workspace. */
async function marksOf(
  { root, run }: ReturnType<typeof cliRig>,
  words: string | readonly string[],
  more: Parameters<ReturnType<typeof cliRig>["run"]>[1] & { readonly checkout?: string } = {},
): Promise<readonly string[]> {
  const { checkout = dirname(root), directory = "", ...context } = more;
  const env = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: checkout };
  const host = hostIn(join(root, directory), env);
  const { stderr } = await run(words, { ...context, host });
  return stderr.split("\n").filter((line) => line.startsWith("::"));
}

const commands = [
  "query //app:all",
  "query //app:all --output graph",
  "doctor",
  "why //app:x",
  "lock",
  "vendor",
  "pkg pull //app:x",
  "rootfs ls //app:x",
  "build //app:x",
];

test.each(commands)("in GitHub Actions, a mistake is marked at its line by %s", async (command) => {
  const here = cliRig(files);
  const name = here.root.split("/").at(-1);
  const marks = await marksOf(here, command);
  const mark = `::error file=${name}/app/kraft.build.yaml,line=2,col=12,title=unknown-rule::`;
  expect(marks.filter((one) => one.startsWith(mark))).toHaveLength(1);
});

test("elsewhere than there, nobody is bothered with marks", async () => {
  const { stderr } = await cliRig(files).run("query //app:all");
  expect(stderr).toContain("error[");
  expect(stderr).not.toContain("::error");
});

test("a mistake in settings is marked, however far below the workspace the user is", async () => {
  const here = cliRig({
    ...files,
    "kraft.workspace.yaml": "version: 1\nname: w\nbuild: {jobs: many}\n",
  });
  const name = here.root.split("/").at(-1);
  for (const command of ["info config", "init --templates", "doctor", "clean"]) {
    const marks = await marksOf(here, command, { directory: "app" });
    const mark = `::error file=${name}/kraft.workspace.yaml,line=3,`;
    expect(
      marks.filter((one) => one.startsWith(mark)),
      command,
    ).toHaveLength(1);
  }
});

test("a mistake in what was typed has no file, and names the word", async () => {
  expect(await marksOf(cliRig(files), ["query", "deps(//app:x"])).toEqual([
    expect.stringMatching(/^::error title=bad-query::query:1:\d+: /),
  ]);
  expect(await marksOf(cliRig(files), "query //app:x --output grahp")).toContainEqual(
    expect.stringMatching(/^::error title=unknown-output::--output:1:1: /),
  );
});

test("a mistake in a component outside of the checkout is marked at no file", async () => {
  const builtIn = new Map([["unikraft", () => Promise.resolve(unikraft)]]);
  const here = cliRig({
    "w/kraft.workspace.yaml": "version: 1\nname: w\nrules: [unikraft]\n",
    "w/app/Kraftfile": "spec: v0.6\ntemplate: ../../loader\n",
    "loader/Kraftfile": "spec: v0.6\nkmdline: []\n",
  });
  const inside = join(here.root, "w");
  const whole = { builtIn, directory: "w" };
  expect(await marksOf(here, "query //app:all", { ...whole, checkout: here.root })).toEqual([
    expect.stringMatching(/^::(?:error|warning) file=loader\/Kraftfile,line=2,col=1,/),
  ]);
  expect(await marksOf(here, "query //app:all", { ...whole, checkout: inside })).toEqual([
    expect.stringMatching(/^::(?:error|warning) title=\S+::ROOT\/loader\/Kraftfile:2:1: /),
  ]);
});
