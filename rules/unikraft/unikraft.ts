// Unikraft: Kraftfiles → bootable images. Knows how the core's make is driven, and what a
// machine needs; the engine knows neither.

import { dockerfilePrograms, type RuleSet } from "../../src/index.ts";
import { configRule } from "./config.ts";
import { imageRule } from "./image.ts";
import { kernelRule } from "./kernel.ts";
import { kraftfileNames } from "./kraftfile/kraftfile.ts";
import { loadKraftfile } from "./load.ts";
import { ociRule } from "./oci.ts";
import { namedComponents } from "./named-components.ts";
import { optionSupport } from "./option-support.ts";
import { copyFile } from "./program/copy-file.ts";
import { defconfig } from "./program/defconfig.ts";
import { resolvedConfig } from "./program/resolved-config.ts";
import { expand } from "./program/expand.ts";
import { menuTree } from "./program/menu-tree.ts";
import { options } from "./program/options.ts";
import { skeleton } from "./program/skeleton.ts";
import { unpackArchive } from "./program/unpack-archive.ts";
import { layerProgram } from "./program/layer.ts";
import { packageProgram } from "./program/package.ts";
import { runtimeProgram } from "./program/runtime.ts";
import { rootfsProgram } from "./program/rootfs.ts";
import { rootfsRule } from "./rootfs.ts";
import { hello } from "./hello.ts";

/** Builds, packages and boots Unikraft images. */
export const unikraft: RuleSet = {
  apiVersion: 1,
  name: "unikraft",
  buildFiles: kraftfileNames,
  load: loadKraftfile,
  components: namedComponents,
  rules: [configRule, kernelRule, rootfsRule, imageRule, ociRule],
  programs: [
    skeleton,
    defconfig,
    resolvedConfig,
    expand,
    copyFile,
    rootfsProgram,
    ...dockerfilePrograms,
    layerProgram,
    packageProgram,
    options,
    menuTree,
    unpackArchive,
    runtimeProgram,
  ],
  options: optionSupport,
  templates: [hello],
};
