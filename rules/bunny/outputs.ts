import { type ExecPath } from "../../src/index.ts";

/**
 * Which of the outputs of a target is meant by `name`, a file name or the end of a path; without
 * a name, the only one there is. Undefined when none is, or several are.
 */
export function outputCalled(
  name: string | undefined,
  outputs: readonly ExecPath[],
): ExecPath | undefined {
  const found =
    name === undefined
      ? outputs
      : outputs.filter((output) => output === name || output.endsWith(`/${name}`));
  return found.length === 1 ? found[0] : undefined;
}
