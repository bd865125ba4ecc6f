// bunny: bunnyfiles → images for urunc. Knows what such images hold, and no registry.

import type { RuleSet } from "../../src/index.ts";
import { imageRule } from "./image.ts";
import { kernelRule } from "./kernel.ts";
import { loadBunnyfile } from "./load.ts";
import { extractProgram } from "./program/extract.ts";
import { imageProgram } from "./program/image.ts";
import { rootfsProgram } from "./program/rootfs.ts";
import { rootfsRule } from "./rootfs.ts";

/** Packs unikernels of any kind as container images. */
export const bunny: RuleSet = {
  apiVersion: 1,
  name: "bunny",
  buildFiles: ["bunnyfile", "bunnyfile.yaml", "bunnyfile.yml"],
  load: loadBunnyfile,
  rules: [kernelRule, rootfsRule, imageRule],
  programs: [imageProgram, rootfsProgram, extractProgram],
};
