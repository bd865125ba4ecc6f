import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { queryOutputs } from "../../src/query/format.ts";
import { queryFunctions } from "../../src/query/functions.ts";
import { programFile, rig } from "./rig.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/query.md"), "utf8");

/** The workspace of the page, in which everything has been committed on `main`. */
function workspaceOfPage() {
  const stated = [...page.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)];
  const files = stated.map(([, path = "", text = ""]) => [path, text] as const);
  const { root, home, place } = rig({
    "kraft.workspace.yaml": "version: 1\nname: page\n",
    ".gitignore": ".kraft\n",
    "app/main.c": "main\n",
    "app/notes.md": "notes\n",
    "lib/a.c": "a\n",
    "lib/b.c": "b\n",
    ...Object.fromEntries(files),
  });
  const programs = join(place, "programs");
  mkdirSync(programs);
  writeFileSync(
    join(programs, "kraft-graph"),
    `#!/bin/sh\nexec '${process.execPath}' '${programFile()}' "$@"\n`,
  );
  chmodSync(join(programs, "kraft-graph"), 0o755);
  const env = {
    PATH: `${programs}:/usr/bin:/bin`,
    HOME: home,
    KRAFT_GRAPH_CACHE_DIR: join(place, "cache"),
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const sh = (command: string): string =>
    execFileSync("sh", ["-c", `${command} 2>&1`], { cwd: root, env, encoding: "utf8" });
  sh("git init -q -b main && git add -A && git -c user.name=a -c user.email=a@b commit -qm first");
  return sh;
}

test("every example of docs/query.md prints what it says", { timeout: 300_000 }, () => {
  const sh = workspaceOfPage();
  const blocks = [...page.matchAll(/```console\n\$ ([^\n]*)\n([\s\S]*?)```/g)];
  expect(blocks.length).toBeGreaterThan(40);
  const printed = blocks.map(([, command = ""]) => [command, withoutTime(sh(command))]);
  expect(printed).toEqual(
    blocks.map(([, command, expected = ""]) => [command, withoutTime(expected)]),
  );
});

test("docs/query.md has every function, and every form of answers", () => {
  const usages = [...queryFunctions.values()].map(({ usage }) => usage);
  expect(usages.filter((usage) => !page.includes(`\`${usage}\``))).toEqual([]);
  expect(queryOutputs.filter((output) => !page.includes(`\`${output}\``))).toEqual([]);
});

function withoutTime(text: string): string {
  return text.replaceAll(/; [\d.]+ s$/gm, "; TIME");
}
