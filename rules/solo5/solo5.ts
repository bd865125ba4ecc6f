// Solo5: applications in C → binaries for its tenders. Knows an installed Solo5, and no container image.

import type { RuleSet } from "../../src/index.ts";
import { application } from "./application.ts";
import { kernel } from "./kernel.ts";
import { library, objects } from "./objects.ts";
import { manifestProgram } from "./program/manifest.ts";
import { application as applicationTemplate } from "./template.ts";

/** Rules for `kraft.build.yaml`; there is no build file that is theirs alone. */
export const solo5: RuleSet = {
  apiVersion: 1,
  name: "solo5",
  buildFiles: [],
  load: () => [],
  rules: [application, library, objects, kernel],
  programs: [manifestProgram],
  templates: [applicationTemplate],
};
