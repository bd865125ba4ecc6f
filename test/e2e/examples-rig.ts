// The examples in a workspace of their own. Knows no test.

import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { rig } from "./rig.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** The examples that need no network, in a workspace of their own. */
export function examplesRig(options: Parameters<typeof rig>[1] = {}) {
  const here = rig({}, options);
  cpSync(examples, here.root, { recursive: true, verbatimSymlinks: true });
  here.write({
    "kraft.workspace.yaml": 'version: 1\nname: examples\npackages: ["hello", "cat", "sum"]\n',
  });
  return here;
}
