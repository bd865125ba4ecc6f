// The engine itself as inputs of an action, for machines that have none. Reads its own bundle.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { CommandAction, ExecPath, ProgramAction } from "../action/action.ts";
import { digestOf } from "../digest/digest.ts";
import type { Input } from "./inputs.ts";

/** What runs a program elsewhere: a command, and its inputs besides those of the program. */
export interface ProgramCommand {
  readonly command: CommandAction;
  readonly engine: readonly Input[];
}

/** Where actions find the engine. */
const place: ExecPath = ".kraft-graph";

/** `action` as a command on the engine; undefined where the engine is no bundle. */
export function programCommandOf(action: ProgramAction): ProgramCommand | undefined {
  engineFiles ??= filesIn(fileURLToPath(new URL(".", import.meta.url)));
  const entry = `${place}/program.js`;
  if (!engineFiles.some(({ path }) => path === entry)) return undefined;
  const { mnemonic, owner, subject, inputs, outputs } = action;
  const texts = [action.args, outputs].map((list) => JSON.stringify(list));
  const command: CommandAction = {
    kind: "command",
    mnemonic,
    owner,
    ...(subject !== undefined && { subject }),
    argv: ["node", entry, action.program, ...texts],
    env: {},
    tools: [],
    inputs: [...inputs, ...engineFiles.map(({ path }) => path)],
    outputs,
  };
  return { command, engine: engineFiles };
}

/** All files of the bundle lie side by side, and stay as they are while it runs. */
let engineFiles: readonly Input[] | undefined;

function filesIn(directory: string): Input[] {
  const names = readdirSync(directory).filter((name) => /\.c?js$/.test(name));
  return names.sort().map((name) => {
    const [path, file] = [`${place}/${name}`, join(directory, name)];
    const node = { kind: "file", digest: digestOf(readFileSync(file)), executable: false } as const;
    return { path, node, staged: { kind: "blob", path, file }, isSource: false };
  });
}
