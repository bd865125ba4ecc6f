// Where programs are. Starts none.

import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * The absolute path of the program `name`: looked up in the directories of `path`, as in PATH,
 * unless it has a slash, in which case it is relative to `directory`. Undefined when nothing
 * executable is there.
 */
export function findProgram(name: string, path: string, directory: string): string | undefined {
  if (name.includes("/")) return executableAt(resolve(directory, name));
  if (name === "") return undefined;
  for (const one of path.split(":")) {
    // An empty part of PATH means the working directory to a shell; here it means nothing.
    const found = one.startsWith("/") ? executableAt(join(one, name)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** {@link findProgram} that looks for each program of the machine until it is found, and no more. */
export function newProgramFinder(): typeof findProgram {
  const known = new Map<string, string>();
  return (name, path, directory) => {
    const isOfMachine = !name.includes("/");
    const question = `${name}\0${path}`;
    const found =
      (isOfMachine ? known.get(question) : undefined) ?? findProgram(name, path, directory);
    if (isOfMachine && found !== undefined) known.set(question, found);
    return found;
  };
}

function executableAt(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
