// `why --export` and `why --against`: records as a file, and the comparison with one.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { tellBuilds, type WhyAnswer } from "../engine/why-answer.ts";
import { compareRecords, recordsOf } from "../engine/why-records.ts";
import type { SelectionContext } from "../engine/why-selection.ts";
import { formatRecords, parseRecords } from "../why/record-file.ts";
import { formatComparison, formatUnrecorded } from "../report/why-text.ts";
import { writeError } from "../store/store-error.ts";

/** Which targets, and which file. */
export interface RecordRequest {
  readonly patterns: readonly string[];
  /** As typed; `-` stands for the standard input or output. */
  readonly file: string;
  /** Of the engine. */
  readonly version: string;
  readonly isJson: boolean;
  readonly isWhole: boolean;
  /** Whether the records may be of more than the targets; absent: no. */
  readonly isSuperset?: boolean;
}

/** `patterns` as records, for another machine. */
export function recordsText(
  { patterns, version }: Pick<RecordRequest, "patterns" | "version">,
  context: SelectionContext,
): { readonly text: string; readonly summary: string } {
  const set = recordsOf(patterns, { ...context, engine: version });
  const { actions, unrecorded } = set;
  const count = `${actions.length} ${actions.length === 1 ? "action" : "actions"}`;
  return { text: formatRecords(set), summary: `${count}\n${formatUnrecorded(unrecorded)}` };
}

/** Writes what the targets were last made of to the file; gives what is to be printed. */
export function exportRecords(request: RecordRequest, context: SelectionContext): string {
  const { patterns, file, version } = request;
  const { text, summary } = recordsText({ patterns, version }, context);
  if (file === "-") return text;
  const path = pathOf(file, context);
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw writeError(cause, path);
  }
  return `${file}: ${summary}`;
}

/** How what is here differs from the file; or a line about what is wrong with that. */
export function compareWithFile(
  request: RecordRequest,
  context: SelectionContext,
): string | { readonly problem: string } {
  const { file } = request;
  const text = textAt(file === "-" ? 0 : pathOf(file, context));
  if (text === undefined) return { problem: `${file} cannot be read` };
  return compareWithText(text, request, context);
}

/** As {@link compareWithFile}, of the `text` of one. */
export function compareWithText(
  text: string,
  { patterns, file, version, isJson, isWhole, isSuperset = false }: RecordRequest,
  context: SelectionContext,
): string | { readonly problem: string } {
  const theirs = parseRecords(text);
  if (theirs === undefined) return { problem: `${file} is nothing that "why --export" wrote` };
  const mine = recordsOf(patterns, { ...context, engine: version });
  const compared = compareRecords(mine, theirs);
  const { build } = compared;
  // What is of other targets says nothing of these.
  const owners = new Set(mine.actions.map(({ owner }) => owner));
  const owned = new Set(theirs.actions.filter((one) => owners.has(one.owner)).map(({ id }) => id));
  const onlyTheirs = compared.onlyTheirs.filter((id) => !isSuperset || owned.has(id));
  const { repository, cas } = context;
  const { root } = repository;
  const answer = tellBuilds([build], { root, cas, isChosen: () => true, buildsSince: 0 });
  if (answer === undefined) throw new Error("bug: a comparison without a build");
  const { unrecorded } = mine;
  return isJson
    ? jsonOf(answer, { onlyTheirs, unrecorded })
    : formatComparison(answer, { file, onlyTheirs, unrecorded, isWhole });
}

function jsonOf(
  { roots }: WhyAnswer,
  rest: Readonly<Record<"onlyTheirs" | "unrecorded", readonly string[]>>,
): string {
  return `${JSON.stringify({ version: 1, roots, ...rest }, undefined, 2)}\n`;
}

function pathOf(file: string, { repository }: SelectionContext): string {
  return resolve(repository.patterns.workingDirectory, file);
}

function textAt(path: string | number): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
