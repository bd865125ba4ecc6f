// A directory in which the core's menu can be shown. Knows no menu.

import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Program, ProgramError } from "../../../src/index.ts";

/** The files beside the sources, by what they are. */
export const menuFiles = {
  defconfig: "defconfig",
  environment: "environment",
  prepare: "prepare.sh",
  show: "show.sh",
} as const;

/**
 * Gathers sources, the request and how make is called. Arguments: the output, the two scripts as
 * JSON, the directories to copy.
 */
export const menuTree: Program = {
  name: "menu-tree",
  version: 1,
  run: async ([output, scripts, ...directories], { resolve }) => {
    if (output === undefined || scripts === undefined)
      throw new ProgramError("arguments are missing");
    const [prepare = "", show = ""] = JSON.parse(scripts) as string[];
    const to = resolve(output);
    mkdirSync(to, { recursive: true });
    for (const directory of directories) {
      // Inputs may be links to a store, which must not be written to.
      const filter = (path: string): boolean => existsSync(path);
      cpSync(resolve(directory), join(to, directory), {
        recursive: true,
        dereference: true,
        filter,
      });
    }
    copyFileSync(resolve("defconfig"), join(to, menuFiles.defconfig));
    copyFileSync(resolve("environment"), join(to, menuFiles.environment));
    writeFileSync(join(to, menuFiles.prepare), prepare);
    writeFileSync(join(to, menuFiles.show), show);
  },
};
