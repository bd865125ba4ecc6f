// Questions to whoever sits at the terminal.

import { once } from "node:events";
import { createInterface } from "node:readline/promises";

import type { KraftContext } from "./context.ts";

/** Whether there is somebody to be asked. */
export function canAsk({ stdin }: Pick<KraftContext, "stdin">): boolean {
  return "isTTY" in stdin && stdin.isTTY === true;
}

/**
 * What is typed when `question` is shown; undefined when the input ends instead. Throws when the
 * user interrupts.
 */
export async function answerTo(
  question: string,
  { stdin, stderr, signal }: Pick<KraftContext, "stdin" | "stderr" | "signal">,
): Promise<string | undefined> {
  // Lines are the terminal's business, so that an interrupt from there stays a signal.
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    const ended = once(lines, "close").then(() => undefined);
    const answer = await Promise.race([lines.question(question, { signal }), ended]);
    return answer?.trim();
  } finally {
    lines.close();
  }
}
