// MirageOS: a package with a config.ml → unikernels. Knows the tools mirage, opam and dune by name.

import type { RuleSet } from "../../src/index.ts";
import { isMirageConfig, loadConfig } from "./load.ts";
import { duniverseProgram } from "./program/duniverse.ts";
import { unpackProgram } from "./program/unpack.ts";
import { job } from "./template.ts";
import { unikernel } from "./unikernel.ts";

/** A target for each thing that MirageOS can be configured for. */
export const mirage: RuleSet = {
  apiVersion: 1,
  name: "mirage",
  buildFiles: ["config.ml"],
  // Many a program in OCaml has a module of that name.
  isBuildFile: isMirageConfig,
  load: loadConfig,
  rules: [unikernel],
  programs: [duniverseProgram, unpackProgram],
  templates: [job],
};
