// Solo5 for tests: the real one where it is on the PATH, else stand-ins. Knows no test.

import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "vitest";

import { findProgram } from "../../src/sandbox/program-file.ts";
import { type RunOptions, rig, temporaryDirectory } from "./rig.ts";

const standIns = fileURLToPath(new URL("../stand-ins/solo5", import.meta.url));

/** Where an installed Solo5 has its programs; undefined: the stand-ins take its place. */
export const realSolo5 = (() => {
  const tool = findProgram("solo5-elftool", process.env["PATH"] ?? "", "/");
  return tool === undefined ? undefined : dirname(tool);
})();

/** A test with an installed Solo5, whose title says which one. */
export function solo5Test(title: string, run: () => Promise<void>): void {
  test(`${title} (${realSolo5 === undefined ? "stand-ins" : "real Solo5"})`, run);
}

/** An installation, which is the test's own when it is of stand-ins. */
export function installedSolo5() {
  const prefix = join(temporaryDirectory(), "solo5");
  if (realSolo5 !== undefined) return { prefix: dirname(realSolo5), bin: realSolo5 };
  cpSync(standIns, prefix, { recursive: true, verbatimSymlinks: true });
  return { prefix, bin: join(prefix, "bin") };
}

/** A workspace with `files`, and Solo5. */
export function solo5Rig(files: Readonly<Record<string, string>>) {
  const { prefix, bin } = installedSolo5();
  const path = `${bin}:/usr/local/bin:/usr/bin:/bin`;
  const made = rig({ "kraft.workspace.yaml": `version: 1\nbuild: {path: "${path}"}\n`, ...files });
  const run = (words: readonly string[], env: RunOptions["env"] = { PATH: path }) =>
    made.run(words, { env });
  return { ...made, prefix, run, runAs: made.run };
}
