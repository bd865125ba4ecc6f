// Targets for any kind of work: programs to run, files to name together. Knows no unikernel.

import type { RuleSet } from "../../src/index.ts";
import { loadBuildFile } from "./build-file.ts";
import { exec } from "./exec.ts";
import { alias, filegroup, group } from "./gather.ts";
import { command } from "./template.ts";

/** The rules of `kraft.build.yaml`. */
export const generic: RuleSet = {
  apiVersion: 1,
  name: "generic",
  buildFiles: ["kraft.build.yaml"],
  load: loadBuildFile,
  rules: [exec, filegroup, alias, group],
  templates: [command],
};
