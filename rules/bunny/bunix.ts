// bunix: args.nix → images for urunc, without Nix. Shares its programs with bunny.

import type { RuleSet } from "../../src/index.ts";
import { bunixRule } from "./bunix/image.ts";
import { isArgsFile, loadArgsFile } from "./bunix/load.ts";
import { archiveProgram } from "./program/archive.ts";
import { argsNix } from "./template.ts";

/** Packs what an args.nix lists. */
export const bunix: RuleSet = {
  apiVersion: 1,
  name: "bunix",
  buildFiles: ["args.nix"],
  isBuildFile: isArgsFile,
  load: loadArgsFile,
  rules: [bunixRule],
  programs: [archiveProgram],
  templates: [argsNix],
};
