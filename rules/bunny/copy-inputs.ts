import { type ExecPath, gitignorePatterns } from "../../src/index.ts";
import type { Copy } from "./program/copy.ts";

/** What actions with copies read. */
export interface CopyInputs {
  readonly inputs: readonly ExecPath[];
  readonly modesOf: readonly ExecPath[];
  readonly without?: Readonly<Record<ExecPath, readonly string[]>>;
}

/** What an action reads for `copies`; permissions of the user's own files count. */
export function inputsOf(
  copies: readonly Pick<Copy, "path" | "image" | "keepsModes" | "ignored">[],
): CopyInputs {
  const inputs = [...new Set(copies.map(({ path, image }) => image?.layout ?? path))];
  const kept = copies
    .filter(({ keepsModes, image }) => keepsModes && image === undefined)
    .map(({ path }) => path);
  const hidden = copies.flatMap(({ path, ignored }) => {
    const lines = ignored === undefined ? [] : gitignorePatterns(ignored.patterns, ignored.below);
    return lines.length === 0 ? [] : [[path, lines] as const];
  });
  return {
    inputs,
    modesOf: [...new Set(kept)],
    ...(hidden.length > 0 && { without: Object.fromEntries(hidden) }),
  };
}
