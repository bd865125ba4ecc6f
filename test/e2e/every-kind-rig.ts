// The example that has every kind of unikernel. Knows no test.

import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { rig, type RunOptions, temporaryDirectory } from "./rig.ts";
import { installedSolo5 } from "./solo5-rig.ts";

/** Stand-ins, as the real ones take a network. */
const mirage = fileURLToPath(new URL("../stand-ins/mirage/bin", import.meta.url));
const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** The example that has every kind of unikernel, beside the core that it is linked with. */
export function everyKind() {
  const here = rig({});
  cpSync(examples, here.root, { recursive: true, verbatimSymlinks: true });
  const { bin } = installedSolo5();
  const path = `${stripper()}:${bin}:${mirage}:/usr/local/bin:/usr/bin:/bin`;
  const env = { KRAFT_GRAPH_BUILD_PATH: path, PATH: path };
  const runAs = (words: readonly string[], how: RunOptions) =>
    here.run(words, { ...how, directory: "every-kind", env: { ...env, ...how.env } });
  const run = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runAs(words, { env: more });
  return {
    ...here,
    path: (name: string) => here.path(`every-kind/${name}`),
    run,
    runAs,
    searchPath: path,
  };
}

/** A directory with what a real Solo5 strips by: what stands in for dune makes files of text. */
function stripper(): string {
  const directory = temporaryDirectory();
  const program = join(directory, "x86_64-solo5-none-static-objcopy");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
  return directory;
}
