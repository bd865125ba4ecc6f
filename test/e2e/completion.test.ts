import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";

import { programFile, rig } from "./rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\n",
  "app/kraft.build.yaml": `targets:
  - {name: one, rule: exec, outs: [a], command: ': >$OUT'}
  - {name: two, rule: exec, outs: [b], command: ': >$OUT'}
`,
};

/** A workspace with the program on the PATH, and the completion script of `shell`. */
async function completionRig(shell: string) {
  const here = rig(files);
  const bin = join(here.place, "bin");
  mkdirSync(bin);
  const program = join(bin, "kraft-graph");
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${programFile()} "$@"\n`);
  chmodSync(program, 0o755);
  const script = join(here.place, `completion.${shell}`);
  writeFileSync(script, (await here.run(["completion", shell])).stdout);
  const env = { HOME: here.home, PATH: `${bin}:/usr/bin:/bin`, TERM: "xterm" };
  return { ...here, script, env };
}

const lacksFish = !existsSync("/usr/bin/fish");

test.skipIf(lacksFish)("fish offers commands, options, labels, and these in queries", async () => {
  const { root, script, env } = await completionRig("fish");
  const offered = (line: string): string[] => {
    const words = ["--no-config", "-c", `source ${script}; complete -C "$argv"`, line];
    const ran = spawnSync("fish", words, { cwd: root, env, encoding: "utf8", timeout: 60_000 });
    expect(ran.stderr).toBe("");
    return ran.stdout.split("\n").filter((one) => one !== "");
  };
  expect(offered("kraft-graph wat")).toEqual(["watch"]);
  expect(offered("kraft-graph build --keep-g")).toEqual(["--keep-going"]);
  expect(offered("kraft-graph build --sandbox l")).toEqual(["links"]);
  expect(offered("kraft-graph build //app:o")).toEqual(["//app:one"]);
  expect(offered("kraft-graph build --strategy r")).toEqual(["race", "remote"]);
  expect(offered("kraft-graph query 'deps(//app:")).toEqual(["deps(//app:one", "deps(//app:two"]);
  expect(offered("kraft-graph query 'deps(//app:one + //app:t")).toEqual([
    "deps(//app:one + //app:two",
    "deps(//app:one + //app:two)",
  ]);
});

/** A shell that can be typed into, and where. */
interface Typing {
  readonly shell: "bash" | "zsh";
  readonly place: Awaited<ReturnType<typeof completionRig>>;
}

/**
 * Types `line` into an interactive shell, and gives the words that the program was called with.
 * Source: zshmodules(1), zsh/zpty, which is how zsh tests its own completion.
 */
function typedInto({ shell, place }: Typing, line: string): readonly string[] {
  const { home, root, script, env } = place;
  const out = join(place.place, "called");
  // What completes is the program; what is then called, this.
  const called = `if [[ $1 == completion ]]; then command kraft-graph "$@"; else printf '%s\\n' "$@" >${out}; exit; fi`;
  const own = { bash: [], zsh: ["autoload -U compinit; compinit -u -D", "LISTMAX=0"] }[shell];
  const start = [...own, `source ${script}`, `kraft-graph() { ${called}; }`, "PS1='READY> '"];
  writeFileSync(join(home, `.${shell}rc`), `${start.join("\n")}\n`);
  const driver = [
    "zmodload zsh/zpty",
    `zpty shell ${{ bash: `env TERM=dumb bash --rcfile ${home}/.bashrc -i`, zsh: "zsh -i" }[shell]}`,
    "zpty -r -m shell seen '*READY> *'",
    `zpty -w -n shell $'${line.replaceAll("'", "\\'")}\\n'`,
    "zpty -r -m shell seen '*never printed*'",
  ];
  spawnSync("zsh", ["-f", "-c", driver.join("\n")], {
    cwd: root,
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  return readFileSync(out, "utf8").trimEnd().split("\n");
}

describe.skipIf(!existsSync("/usr/bin/zsh")).each(["bash", "zsh"] as const)("%s", (shell) => {
  test("commands, options and labels are completed where they are typed", async () => {
    const typing = { shell, place: await completionRig(shell) };
    expect(typedInto(typing, "kraft-graph wat\\t//app:o\\t")).toEqual(["watch", "//app:one"]);
    expect(typedInto(typing, "kraft-graph build --keep-g\\t--strategy rem\\t//app:tw\\t")).toEqual([
      "build",
      "--keep-going",
      "--strategy",
      "remote",
      "//app:two",
    ]);
  });

  test("functions and labels are completed in a query, whose quote stays open for the rest", async () => {
    const typing = { shell, place: await completionRig(shell) };
    expect(
      typedInto(typing, "kraft-graph query 'deps(//ap\\tt\\t, 2) + allp\\t//app:o\\t)'"),
    ).toEqual(["query", "deps(//app:two, 2) + allpaths(//app:one)"]);
    expect(typedInto(typing, 'kraft-graph query "rdeps(//..., //app:o\\t)"')).toEqual([
      "query",
      "rdeps(//..., //app:one)",
    ]);
  });
});
