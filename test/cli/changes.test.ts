import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

const exec = (name: string, srcs: string): string =>
  `  - {name: ${name}, rule: exec, srcs: [${srcs}], outs: [${name}.out], command: cat $SRCS > $OUT}\n`;

/** `//app:app` reads `//lib:lib`; `//app:all` is a glob; `//tools:data` a whole directory. */
const files = {
  "kraft.workspace.yaml": "version: 1\nname: sample\n",
  "app/kraft.build.yaml": `targets:\n${exec("app", "main.c, //lib")}${exec("doc", "doc.md")}`,
  "app/main.c": "main\n",
  "app/doc.md": "doc\n",
  "app/README": "nobody reads this\n",
  "lib/kraft.build.yaml": `targets:
  - {name: lib, rule: exec, glob: "src/**/*.c", outs: [lib.a], command: cat $SRCS > $OUT}
`,
  "lib/src/one.c": "one\n",
  "lib/src/deep/two.c": "two\n",
  "tools/kraft.build.yaml": `targets:\n${exec("data", "tree")}`,
  "tools/tree/inner/file": "in a directory\n",
  ".gitignore": ".kraft\n*.log\n",
};

function repository(more: Readonly<Record<string, string>> = {}, directory = "") {
  const rig = cliRig(more);
  const top = rig.root;
  const work = join(top, directory);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: top,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], HOME: top, GIT_CONFIG_NOSYSTEM: "1" },
    });
  const commit = (message: string): void => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "-m", message);
  };
  git("init", "--quiet", "--initial-branch", "main");
  commit("first");
  const ask = async (query: string, from = directory) => {
    const { code, stdout, stderr } = await rig.run(["query", query], { directory: from });
    if (code !== 0) return stderr;
    return stdout.trimEnd().replaceAll("\n", " ");
  };
  const at = (path: string): string => join(work, path);
  return { top, at, write, git, commit, ask, run: rig.run };
}

type Repository = ReturnType<typeof repository>;

const everything = "//app:app //app:doc //lib:lib //tools:data";

const disturbances: readonly (readonly [string, (repo: Repository) => void, string])[] = [
  ["nothing", () => undefined, ""],
  ["a source that is edited", ({ write }) => write("app/main.c", "else\n"), "//app:app"],
  [
    "a source that is edited and committed",
    ({ write, commit }) => {
      write("app/doc.md", "else\n");
      commit("second");
    },
    "//app:doc",
  ],
  [
    "a source that is edited and staged",
    ({ write, git }) => {
      write("app/doc.md", "else\n");
      git("add", "--all");
    },
    "//app:doc",
  ],
  [
    "an edit that is taken back",
    ({ write, commit }) => {
      write("app/doc.md", "else\n");
      commit("second");
      write("app/doc.md", "doc\n");
    },
    "",
  ],
  ["what others depend on", ({ write }) => write("lib/src/one.c", "1\n"), "//app:app //lib:lib"],
  ["a file that nobody reads", ({ write }) => write("app/README", "else\n"), ""],
  ["a new file that nobody reads", ({ write }) => write("notes", "new\n"), ""],
  ["a new file that git ignores", ({ write }) => write("lib/src/x.log", "new\n"), ""],
  [
    "a new file for a glob",
    ({ write }) => write("lib/src/three.c", "three\n"),
    "//app:app //lib:lib",
  ],
  [
    "a new directory with a file for a glob",
    ({ write }) => write("lib/src/new/dir/four.c", "four\n"),
    "//app:app //lib:lib",
  ],
  ["a file of a glob that is gone", ({ at }) => rmSync(at("lib/src/one.c")), "//app:app //lib:lib"],
  [
    "a directory of a glob that is gone",
    ({ at }) => rmSync(at("lib/src/deep"), { recursive: true }),
    "//app:app //lib:lib",
  ],
  [
    "a file of a glob that is renamed",
    ({ at }) => renameSync(at("lib/src/one.c"), at("lib/src/uno.c")),
    "//app:app //lib:lib",
  ],
  ["a file in a directory", ({ write }) => write("tools/tree/inner/file", "1\n"), "//tools:data"],
  ["a new file in a directory", ({ write }) => write("tools/tree/new", "1\n"), "//tools:data"],
  [
    "a file in a directory that is gone",
    ({ at, write }) => {
      write("tools/tree/other", "1\n");
      rmSync(at("tools/tree/inner"), { recursive: true });
    },
    "//tools:data",
  ],
  [
    "a build file that states a target less",
    ({ write }) => write("app/kraft.build.yaml", `targets:\n${exec("app", "main.c")}`),
    "//app:app",
  ],
  [
    "a build file that others depend on",
    ({ write }) =>
      write(
        "lib/kraft.build.yaml",
        `${files["lib/kraft.build.yaml"]}# a comment, which may matter\n`,
      ),
    "//app:app //lib:lib",
  ],
  [
    "a new package",
    ({ write }) => {
      write("new/kraft.build.yaml", `targets:\n${exec("new", "//lib")}`);
    },
    "//new:new",
  ],
  [
    "the workspace file",
    ({ write }) => write("kraft.workspace.yaml", "version: 1\nname: x\n"),
    everything,
  ],
  ["a lock of sources", ({ write }) => write("kraft.lock.yaml", "version: 1\n"), everything],
  ["what packages are passed over", ({ write }) => write(".kraftignore", "nothing\n"), everything],
  ["a mode bit", ({ at }) => chmodSync(at("app/main.c"), 0o755), "//app:app"],
  [
    "a source that became a link",
    ({ at }) => {
      rmSync(at("app/main.c"));
      symlinkSync("doc.md", at("app/main.c"));
    },
    "//app:app",
  ],
];

for (const [name, disturb, expected] of disturbances) {
  test(`changes since ${name} reach "${expected}"`, async () => {
    const repo = repository();
    repo.git("tag", "start");
    disturb(repo);
    expect(await repo.ask("changes(start)")).toBe(expected);
  });
}

test("a workspace below the top of its repository is told of what is inside", async () => {
  const repo = repository({}, "unikernels/all");
  repo.write("app/main.c", "else\n");
  writeFileSync(join(repo.top, "outside"), "new\n");
  expect(await repo.ask("changes(HEAD)")).toBe("//app:app");
  expect(await repo.ask("changes(HEAD)", "unikernels/all/lib")).toBe("//app:app");
});

test("a universe leaves out what is not in it", async () => {
  const repo = repository();
  repo.write("lib/src/one.c", "else\n");
  expect(await repo.ask("changes(HEAD, //app/...)")).toBe("//app:app");
  expect(await repo.ask("changes(HEAD, deps(//app:doc))")).toBe("");
  expect(await repo.ask("changes(HEAD) - //app:all")).toBe("//lib:lib");
});

test("three dots ask for what changed since a branch parted", async () => {
  const repo = repository();
  repo.git("checkout", "--quiet", "-b", "topic");
  repo.write("app/doc.md", "of the topic\n");
  repo.commit("on topic");
  repo.git("checkout", "--quiet", "main");
  repo.write("tools/tree/inner/file", "of main\n");
  repo.commit("on main");
  repo.git("checkout", "--quiet", "topic");
  expect(await repo.ask("changes(main...)")).toBe("//app:doc");
  expect(await repo.ask("changes(main)")).toBe("//app:doc //tools:data");
});

test("no hook, monitor or program of a repository runs", async () => {
  const repo = repository();
  const marker = join(repo.top, "ran");
  const script = join(repo.top, ".git/evil");
  writeFileSync(script, `#!/bin/sh\necho ran >> ${marker}\n`, { mode: 0o755 });
  for (const key of ["core.fsmonitor", "diff.external", "core.pager"]) {
    repo.git("config", key, script);
  }
  repo.git("config", "core.hooksPath", dirname(script));
  repo.write("app/main.c", "else\n");
  expect(await repo.ask("changes(HEAD)")).toBe("//app:app");
  expect(() => rmSync(marker)).toThrow("ENOENT");
});

test("a revision that git does not know is pointed at, with one that is near", async () => {
  const repo = repository();
  repo.git("branch", "release");
  expect(await repo.ask("changes(relaese...)")).toBe(`\
error[unknown-revision]: git knows no revision "relaese..."
 --> query:1:9
  |
1 | changes(relaese...)
  |         ^^^^^^^^^^
  = help: did you mean "release"?
`);
  expect(await repo.ask('changes("--output=/tmp/x")')).toContain(
    'git knows no revision "--output=/tmp/x"',
  );
});

test("outside of a repository of git, changes are refused with the reason", async () => {
  const { run } = cliRig(files);
  const { code, stderr } = await run(["query", "changes(HEAD)"]);
  expect(code).toBe(2);
  expect(stderr).toContain("error[unknown-revision]: the workspace is in no git repository\n");
});

const ownRules = `
const attributes = { text: { type: "text", read: (value) => value } };
const analyze = ({ output, action, attributes: { text } }) => {
  action({ kind: "write", mnemonic: "Write", text, outputs: [output("text")], inputs: [] });
  return { outputs: [output("text")] };
};
const load = (file, { read, kindOf }) => {
  const at = { source: file, start: 0, end: 0 };
  const value = read("../shared/template")?.text ?? (kindOf("flag") ? "flagged" : "plain");
  return [{ name: "text", rule: "own_text", at, attributes: { text: { value, at } } }];
};
export const own = {
  apiVersion: 1,
  name: "own",
  buildFiles: ["OWN"],
  rules: [{ name: "own_text", description: "text", attributes, analyze }],
  load,
};
`;

/** A repository with a rule set of its own, whose packages are loaded from more than build files. */
function ownRepository(): Repository {
  const repo = repository();
  repo.write("kraft.workspace.yaml", "version: 1\nname: x\nrules: [generic, ./rules/own.mjs]\n");
  repo.write("rules/own.mjs", ownRules);
  repo.write("own/OWN", "");
  repo.write("shared/template", "a template\n");
  repo.commit("own");
  return repo;
}

test("files that a package is loaded from are told, and reach its targets", async () => {
  const repo = ownRepository();
  expect(await repo.ask("loadfiles(//own:all)")).toBe("//:shared/template");
  expect(await repo.ask("buildfiles(//own:all)")).toBe("//:shared/template //own:OWN");
  expect(await repo.ask("rbuildfiles(shared/template)")).toBe("//own:OWN");
  repo.write("shared/template", "another\n");
  expect(await repo.ask("changes(HEAD)")).toBe("//own:text");
  rmSync(repo.at("shared/template"));
  expect(await repo.ask("changes(HEAD)")).toBe("//own:text");
  expect(await repo.ask("loadfiles(//own:all)")).toBe("");
});

test("a file whose presence a package asks for reaches its targets", async () => {
  const repo = ownRepository();
  rmSync(repo.at("shared/template"));
  repo.commit("no template");
  repo.write("own/flag", "");
  expect(await repo.ask("changes(HEAD)")).toBe("//own:text");
});

test("a rule set of the workspace reaches everything", async () => {
  const repo = ownRepository();
  repo.write("rules/used-by-own.mjs", "export {};\n");
  expect(await repo.ask("changes(HEAD)")).toBe(
    `${everything.replace("//tools", "//own:text //tools")}`,
  );
});
