// A workspace that is built, changed, built and asked about. Knows no test.

import { answerQuestion, type Question } from "../../src/cli/answer-question.ts";
import type { WhyAnswer } from "../../src/engine/why-answer.ts";
import { describeDefinition } from "../../src/report/why-text.ts";
import { builtIn, buildRig, hostIn, type RigRequest } from "./build-rig.ts";

/** Builds `files`, and asks why. */
export function whyRig(files: Readonly<Record<string, string>>) {
  const rig = buildRig(files);
  const build = async (patterns = "//...", request: RigRequest = {}) => {
    // The clock goes on, so that files are settled and builds are one after the other.
    aheadMs += 5000;
    return rig.run(patterns, { aheadMs, ...request });
  };
  let aheadMs = 0;
  const askFor = async (
    words: readonly string[],
    more: Pick<Question, "isJson"> & Partial<Question>,
  ) => {
    let mistakes = "";
    const stderr = { write: (text: string) => void (mistakes += text) };
    const host = { ...hostIn(rig.root), epochMs: () => Date.now() + aheadMs };
    const answer = await answerQuestion(
      {
        words,
        repository: { host, builtIn },
        isWhole: false,
        isNotCached: false,
        ...more,
      },
      {
        host,
        engine: { version: "1.2.3", buildId: "test" },
        stderr: stderr as unknown as NodeJS.WritableStream & typeof process.stderr,
      },
    );
    return answer ?? mistakes;
  };
  return {
    ...rig,
    build,
    /** The answer as users see it, less how long ago it was. */
    ask: async (...words: readonly string[]) =>
      (await askFor(words, { isJson: false })).replace(/, [\d.]+ (s|min [\d.]+ s) ago/, ""),
    askNotCached: async (...words: readonly string[]) =>
      (await askFor(words, { isJson: false, isNotCached: true })).replace(/^.*\n/, ""),
    exportTo: (file: string, ...words: readonly string[]) =>
      askFor(words, { isJson: false, exportFile: file }),
    compareWith: (file: string, ...words: readonly string[]) =>
      askFor(words, { isJson: false, againstFile: file }),
    json: async (...words: readonly string[]) =>
      JSON.parse(await askFor(words, { isJson: true })) as WhyAnswer,
    /** Each root in a line, and what was written differently. */
    roots: async (...words: readonly string[]): Promise<string[]> => {
      const text = await askFor(words, { isJson: true });
      if (!text.startsWith("{")) return [text.trimEnd()];
      const { roots, laidOut } = JSON.parse(text) as WhyAnswer;
      return [
        ...roots.map(({ text: title, definition }) =>
          definition === undefined ? title : `${title} (${describeDefinition(definition)})`,
        ),
        ...laidOut.map((path) => `${path} was laid out`),
      ];
    },
  };
}
