// Runs one program of a rule set in the working directory, on a machine where there is no engine but
// this one: `node program.js NAME ARGUMENTS OUTPUTS`, the last two as JSON.

import { mkdirSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

import { builtIn } from "./built-in.ts";
import { programContext } from "./engine/program-context.ts";
import { ProgramError } from "./rule/program.ts";

const [name = "", args = "[]", outputs = "[]"] = process.argv.slice(2);
const root = process.cwd();
const [set = ""] = name.split("/");
const ruleSet = await builtIn.get(set)?.();
const program = ruleSet?.programs?.find((one) => `${set}/${one.name}` === name);
try {
  if (program === undefined) throw new ProgramError(`there is no program ${name}`);
  for (const path of strings(outputs)) mkdirSync(dirname(join(root, path)), { recursive: true });
  const print = (line: string): void => void writeSync(1, `${line}\n`);
  await program.run(strings(args), programContext(root, print, new AbortController().signal));
} catch (error) {
  if (!(error instanceof ProgramError)) throw error;
  writeSync(2, `${error.message}\n`);
  process.exitCode = 1;
}

function strings(text: string): string[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error(`not a list: ${text}`);
  return list.map(String);
}
