import { copyFileSync } from "node:fs";

import { type Program, ProgramError } from "../../../src/index.ts";

/** Gives a file another place. Arguments: the file, the output. */
export const copyFile: Program = {
  name: "copy-file",
  version: 1,
  run: async ([file, output], { resolve }) => {
    if (file === undefined || output === undefined) throw new ProgramError("arguments are missing");
    copyFileSync(resolve(file), resolve(output));
  },
};
