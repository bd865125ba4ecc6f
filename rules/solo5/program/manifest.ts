import { readFileSync, writeFileSync } from "node:fs";

import { type Program, ProgramError, renderDiagnostic } from "../../../src/index.ts";
import { formatManifest, readManifest } from "../manifest/manifest.ts";

/**
 * Checks a manifest that need not have been there when build files were read, and writes it as it
 * is always written: how a user lays it out makes no difference to what is made of it. Arguments:
 * the manifest, and what to write.
 */
export const manifestProgram: Program = {
  name: "manifest",
  version: 1,
  run: async ([input, output], { resolve }) => {
    if (input === undefined || output === undefined) throw new Error("bug: arguments are missing");
    const problems: string[] = [];
    const source = { path: input, text: readFileSync(resolve(input), "utf8") };
    const devices = readManifest(source, (one) => void problems.push(renderDiagnostic(one)));
    if (devices === undefined) throw new ProgramError(problems.join("\n"));
    writeFileSync(resolve(output), formatManifest(devices));
    return Promise.resolve();
  },
};
