// Recipes of which nobody can tell what they read or leave. Knows no action.

import { fixedRoot, pathsIn, seen } from "./layout.ts";
import type { Step } from "./make-plan.ts";

/**
 * Why nobody can tell what `step` reads and leaves; undefined when its text says it. `made` are the
 * targets of all steps.
 */
export function opaqueReasonOf(step: Step, made: ReadonlySet<string>): string | undefined {
  const text = step.commands.join("\n");
  const program = opaqueWords.exec(text);
  if (program !== null) return `it runs ${program[2]}`;
  if (/(^|[\s;&|(])(cd|pushd)\s/.test(text)) return "it goes to another directory";
  // Which headers it reads, only an action that compiles can tell.
  const compiler = compilerCall.exec(text);
  if (compiler !== null) return `it runs ${compiler[2]} in a way that is not understood`;
  const changed = changedInPlace(step, text, made);
  return changed === undefined ? undefined : `it changes ${changed}, which another step makes`;
}

/** Whether `step` leaves a file below the directory of all that is made. */
export function isBelowBuild({ target }: Step): boolean {
  return target.startsWith(`${fixedRoot}/${seen.build}/`);
}

/** Whether the recipe of `step` only talks, or makes directories, which actions do themselves. */
export function leavesNothing({ commands }: Step): boolean {
  return commands.every((line) => /^(echo|printf|mkdir|test|\[)\s[^;&|<>`$]*$/.test(line));
}

/** Whether the recipe of `step` is calls of linkers and their like, of which each leaves one file. */
export function isLinking({ commands }: Step): boolean {
  return commands.every((line) => linkerCall.test(line));
}

/** With plain words only, so that the shell starts nothing else. */
const linkerCall =
  /^(?:"")?(?:[\w.]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|ld|ld\.lld|objcopy|strip|ar)(?:-[\d.]+)?\s[\w\s.,:=@%+/"'-]*$/;

/** Programs that build something of their own, or reach out. */
const opaqueWords =
  /(^|[\s;&|(/])(make|gmake|cmake|ninja|meson|cargo|rustc|go|configure|wget|curl|git|unzip|tar|patch)(\s|$)/;

/** A compiler that reads a source; of assembly that needs no preprocessing nothing is included. */
const compilerCall =
  /(^|[\s;&|(/"])((?:[\w.]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-[\d.]+)?)\s(?!(?:.*\s)?\S+\.s(?:\s|$))(?:.*\s)?-[cES](?:\s|$)/m;

/** A file of another step that `step` edits where it is: that step's action has left it already. */
function changedInPlace(
  { target }: Step,
  text: string,
  made: ReadonlySet<string>,
): string | undefined {
  if (!/\bsed\s+(\S+\s+)*?(-[A-Za-z]*i\S*|--in-place\S*)(\s|$)/.test(text)) return undefined;
  return pathsIn(text)
    .map((path) => `${fixedRoot}/${path}`)
    .find((path) => path !== target && made.has(path));
}
