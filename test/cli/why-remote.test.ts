import { expect, test } from "vitest";

import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { cliRig } from "./cli-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: shared\nrules: [generic]\n",
  "app/in.txt": "one\n",
  "app/kraft.build.yaml": `targets:
  - {name: t, rule: exec, srcs: [in.txt], outs: [a], command: cp $SRCS $OUT}
  - {name: other, rule: exec, outs: [b], command: 'echo b > $OUT'}
`,
};

/** Two machines with the same workspace, but for what `mine` says, and a remote for both. */
async function machines(mine: Readonly<Record<string, string>> = {}) {
  const remote = `file:${temporaryDirectory()}`;
  const [ci, own] = [cliRig(files), cliRig({ ...files, ...mine })];
  for (const { run } of [ci, own]) expect((await run("build //app:t")).code).toBe(0);
  return { remote, ci, own };
}

test("what another machine left in the remote cache is compared with, by label", async () => {
  const { remote, ci, own } = await machines({ "app/in.txt": "two\n" });
  const exported = await ci.run(`why --export ${remote} //app:t`);
  expect(exported).toEqual({ code: 0, stderr: "", stdout: `${remote}: 1 action\n` });
  const { code, stdout, stderr } = await own.run(`why --against ${remote} //app:t`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`1 action differs from ${remote} (there → here)\n`);
  expect(stdout).toContain("app/in.txt");
});

test("a record of all targets serves each of them, and tells nothing of the others", async () => {
  const { remote, ci, own } = await machines();
  expect((await ci.run("build //...")).code).toBe(0);
  expect((await ci.run(`why --export ${remote} //...`)).stdout).toBe(`${remote}: 2 actions\n`);
  expect((await own.run(`why --against ${remote} //app:t`)).stdout).toBe(
    `nothing differs from ${remote}\n`,
  );
});

test("the word `remote` stands for the cache of the settings", async () => {
  const { remote, ci, own } = await machines();
  const settings = `${files["kraft.workspace.yaml"]}remote: {cache: "${remote}", upload: never}\n`;
  for (const { write } of [ci, own]) write("kraft.workspace.yaml", settings);
  // As it was asked for, it is given, whatever builds do.
  expect((await ci.run("why --export remote //app:t")).code).toBe(0);
  expect((await own.run("why --against remote //app:t")).stdout).toBe(
    `nothing differs from ${remote}\n`,
  );
});

test("workspaces of other names and remotes of other scopes are kept apart", async () => {
  const { remote, ci, own } = await machines();
  expect((await ci.run(`why --export ${remote} //app:t`)).code).toBe(0);
  own.write("kraft.workspace.yaml", "version: 1\nname: another\nrules: [generic]\n");
  const { code, stderr } = await own.run(`why --against ${remote} //app:t`);
  expect(code).toBe(2);
  expect(stderr).toBe(
    'error: no machine left records there; "kraft-graph why --export remote //app:t" does, where they are built\n',
  );
});

test("a newer record takes the place of an older one", async () => {
  const { remote, ci, own } = await machines({ "app/in.txt": "two\n" });
  await ci.run(`why --export ${remote} //app:t`);
  await own.run(`why --export ${remote} //app:t`);
  expect((await own.run(`why --against ${remote} //app:t`)).stdout).toBe(
    `nothing differs from ${remote}\n`,
  );
});

test("without a remote, or with one that is not there, it is said why", async () => {
  const { own } = await machines();
  expect((await own.run("why --against remote //app:t")).stderr).toBe(
    "error: no remote cache is set: name its address, or set remote.cache\n",
  );
  const { code, stderr } = await own.run("why --against http://127.0.0.1:1/ //app:t");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: the remote cache http:\/\/127\.0\.0\.1:1\/? cannot be used: /);
});
