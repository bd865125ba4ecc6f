// What becomes of an image whose name is taken.

import { FormatError } from "../format/format-error.ts";
import type { KraftContext } from "./context.ts";
import type { ImageWords } from "./image-words.ts";
import { answerTo, canAsk } from "./terminal-question.ts";

/** What can be done: the new image counts, it joins those of other platforms, or it is not made. */
type Strategy = Exclude<ImageWords["strategy"], "prompt">;

/** Why nobody can be asked, where `strategy` wants that; undefined: no reason. */
export function strategyProblem(
  { strategy }: Pick<ImageWords, "strategy">,
  context: Pick<KraftContext, "stdin">,
): string | undefined {
  if (strategy !== "prompt" || canAsk(context)) return undefined;
  return "--strategy prompt asks on a terminal, and there is none: say overwrite, merge or abort";
}

/**
 * What to do about the image `name`, which there is already, as `strategy` says or as the user does
 * when asked. Throws a FormatError when it is to stay as it is.
 */
export async function settledStrategy(
  name: string,
  { strategy }: Pick<ImageWords, "strategy">,
  context: KraftContext,
): Promise<Exclude<Strategy, "abort">> {
  const settled = strategy === "prompt" ? await askedStrategy(name, context) : strategy;
  if (settled !== "abort") return settled;
  throw new FormatError(name, `is the name of an image already (--strategy ${strategy})`);
}

async function askedStrategy(name: string, context: KraftContext): Promise<Strategy> {
  const question = `${name} is there already: overwrite it, merge into it, or abort? [o/m/a] `;
  for (;;) {
    const answer = await answerTo(question, context);
    if (answer === undefined) return "abort";
    const meant = strategies.find((one) => answer !== "" && one.startsWith(answer.toLowerCase()));
    if (meant !== undefined) return meant;
  }
}

const strategies: readonly Strategy[] = ["overwrite", "merge", "abort"];
