// bunny: bunnyfiles and Containerfiles → images for urunc. Knows what such images hold, and no registry.

import { type RuleSet, type Source, dockerfilePrograms } from "../../src/index.ts";
import {
  containerfileKernelRule,
  containerfileRootfsRule,
  containerfileRule,
} from "./containerfile/image.ts";
import { hasBunnySyntax, isContainerfile, loadContainerfile } from "./containerfile/load.ts";
import { imageRule } from "./image.ts";
import { kernelRule } from "./kernel.ts";
import { loadBunnyfile } from "./load.ts";
import { blockProgram } from "./program/block-files.ts";
import { builtProgram, treeProgram } from "./program/built-image.ts";
import { containPlanProgram } from "./program/contain-plan.ts";
import { containProgram } from "./program/contain.ts";
import { extractProgram } from "./program/extract.ts";
import { imageProgram } from "./program/image.ts";
import { rootfsProgram } from "./program/rootfs.ts";
import { rootfsRule } from "./rootfs.ts";
import { bunnyfile, containerfile } from "./template.ts";

const bunnyfileNames: readonly string[] = ["bunnyfile", "bunnyfile.yaml", "bunnyfile.yml"];

function isCalled({ path }: Source, name: string): boolean {
  return path === name || path.endsWith(`/${name}`);
}

/** Packs unikernels of any kind as container images. */
export const bunny: RuleSet = {
  apiVersion: 1,
  name: "bunny",
  buildFiles: [...bunnyfileNames, "Containerfile", "Dockerfile"],
  isBuildFile: (file) =>
    bunnyfileNames.some((name) => isCalled(file, name)) || hasBunnySyntax(file),
  // What a file is, its content tells, whatever it is called.
  load: (file, context) =>
    isContainerfile(file) ? loadContainerfile(file, context) : loadBunnyfile(file, context),
  rules: [
    kernelRule,
    rootfsRule,
    imageRule,
    containerfileRootfsRule,
    containerfileKernelRule,
    containerfileRule,
  ],
  programs: [
    imageProgram,
    blockProgram,
    rootfsProgram,
    extractProgram,
    builtProgram,
    treeProgram,
    containPlanProgram,
    containProgram,
    ...dockerfilePrograms,
  ],
  templates: [bunnyfile, containerfile],
};
