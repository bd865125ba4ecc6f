import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

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

test.skipIf(!existsSync("/usr/bin/fish"))("fish offers commands, options and labels", async () => {
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
});

/**
 * Types `line` into an interactive zsh, and gives the words that the program was called with.
 * Source: zshmodules(1), zsh/zpty, which is how zsh tests its own completion.
 */
function typedIntoZsh(line: string, { home, root, script, env, place }: ZshPlace): string {
  const out = join(place, "called");
  const start = [
    "autoload -U compinit; compinit -u -D",
    `source ${script}`,
    // What completes is the program; what is then called, this.
    `kraft-graph() { [[ $1 == completion ]] && command kraft-graph "$@" || { print -r -- "$@" >${out}; exit } }`,
    "LISTMAX=0 PS1='READY> '",
  ];
  writeFileSync(join(home, ".zshrc"), `${start.join("\n")}\n`);
  const driver = [
    "zmodload zsh/zpty",
    "zpty shell zsh -i",
    "zpty -r -m shell seen '*READY> *'",
    `zpty -w -n shell $'${line}\\n'`,
    "zpty -r -m shell seen '*never printed*'",
  ];
  const text = driver.join("\n");
  spawnSync("zsh", ["-f", "-c", text], { cwd: root, env, encoding: "utf8", timeout: 60_000 });
  return readFileSync(out, "utf8").trim();
}

interface ZshPlace {
  readonly home: string;
  readonly root: string;
  readonly script: string;
  readonly place: string;
  readonly env: Readonly<Record<string, string>>;
}

test.skipIf(!existsSync("/usr/bin/zsh"))(
  "zsh completes commands, options and labels where it is typed",
  async () => {
    const here = await completionRig("zsh");
    expect(typedIntoZsh("kraft-graph wat\\t//app:o\\t", here)).toBe("watch //app:one");
    expect(typedIntoZsh("kraft-graph build --keep-g\\t//app:tw\\t", here)).toBe(
      "build --keep-going //app:two",
    );
  },
);
