import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Report, Source } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import { type ActionOutput, actionOutputs } from "../query/commands.ts";
import { parseQuery } from "../query/parse.ts";
import type { Query } from "../query/expression.ts";
import { type QueryOutput, queryOutputs } from "../query/format.ts";
import type { KraftContext } from "./context.ts";
import { readStandardInput } from "./standard-input.ts";

/** Where the text of a query is. */
export interface QueryPlace {
  /** As typed; joined by spaces. */
  readonly words: readonly string[];
  /** In place of the words; `-` is the standard input. */
  readonly file: string | undefined;
}

/** The query at `place`; undefined when there is none to be read, which is reported. */
export async function readQuery(
  place: QueryPlace,
  context: Pick<KraftContext, "stdin" | "host">,
  report: Report,
): Promise<Query | undefined> {
  const source = await sourceAt(place, context, report);
  const query = source && parseQuery(source, report);
  if (source === undefined || query?.readsInput !== true) return query;
  // The text of the query itself may have been on the standard input, of which nothing is left.
  const text = place.file === "-" ? "" : await readStandardInput(context);
  return parseQuery(source, report, { path: "standard input", text });
}

async function sourceAt(
  { words, file }: QueryPlace,
  context: Pick<KraftContext, "stdin" | "host">,
  report: Report,
): Promise<Source | undefined> {
  if (file === undefined) return { path: "query", text: words.join(" ") };
  if (words.length > 0) {
    const message = "an expression and --query-file are given, and only one can be answered";
    report({ severity: "error", code: "bad-query", message });
    return undefined;
  }
  if (file === "-") return { path: "standard input", text: await readStandardInput(context) };
  try {
    return { path: file, text: readFileSync(resolve(context.host.workingDirectory, file), "utf8") };
  } catch {
    report({ severity: "error", code: "unreadable-file", message: `${file} cannot be read` });
    return undefined;
  }
}

/** All forms that answers have. */
export const answerForms = [...queryOutputs, ...actionOutputs] as const;

/** The form of answers called `text`; undefined when there is none, which is reported. */
export function outputNamed(text: string, report: Report): QueryOutput | ActionOutput | undefined {
  const known = answerForms.find((one) => one === text);
  if (known !== undefined) return known;
  report({
    severity: "error",
    code: "unknown-output",
    message: `answers have no form "${text}"`,
    at: { source: { path: "--output", text }, start: 0, end: text.length },
    help: `the forms are ${answerForms.join(", ")}`,
    ...didYouMean(text, answerForms),
  });
  return undefined;
}
