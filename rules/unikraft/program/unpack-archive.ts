import { type Program, ProgramError } from "../../../src/index.ts";

/** Unpacks an archive of a component. Arguments: the archive, the output. */
export const unpackArchive: Program = {
  name: "unpack-archive",
  version: 1,
  run: async ([archive, output], { resolve, unpack }) => {
    if (archive === undefined || output === undefined) {
      throw new ProgramError("arguments are missing");
    }
    await unpack(resolve(archive), resolve(output));
  },
};
