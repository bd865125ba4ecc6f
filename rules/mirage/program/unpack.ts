import { type Program, ProgramError } from "../../../src/index.ts";

/** Unpacks sources of others. Arguments: the archive, the directory to make. */
export const unpackProgram: Program = {
  name: "unpack",
  version: 1,
  run: async ([archive, into], { resolve, unpack }) => {
    if (archive === undefined || into === undefined)
      throw new ProgramError("arguments are missing");
    await unpack(resolve(archive), resolve(into));
  },
};
