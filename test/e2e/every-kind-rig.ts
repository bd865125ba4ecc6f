// The example that has every kind of unikernel. Knows no test.

import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { rig, type RunOptions } from "./rig.ts";
import { installedSolo5 } from "./solo5-rig.ts";

/** Stand-ins, as the real ones take a network. */
const mirage = fileURLToPath(new URL("../stand-ins/mirage/bin", import.meta.url));
const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** The example that has every kind of unikernel, beside the core that it is linked with. */
export function everyKind() {
  const here = rig({});
  cpSync(examples, here.root, { recursive: true, verbatimSymlinks: true });
  const { bin } = installedSolo5();
  const path = `${bin}:${mirage}:/usr/local/bin:/usr/bin:/bin`;
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
