// `why --export` and `why --against`: records as a file, and the comparison with one.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { tellBuilds, type WhyAnswer } from "../engine/why-answer.ts";
import { compareRecords, recordsOf } from "../engine/why-records.ts";
import type { SelectionContext } from "../engine/why-selection.ts";
import { formatRecords, parseRecords } from "../why/record-file.ts";
import { formatComparison } from "../report/why-text.ts";
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
}

/** Writes what the targets were last made of to the file; gives what is to be printed. */
export function exportRecords(request: RecordRequest, context: SelectionContext): string {
  const { patterns, file, version } = request;
  const set = recordsOf(patterns, { ...context, engine: version });
  const text = formatRecords(set);
  if (file === "-") return text;
  const path = pathOf(file, context);
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw writeError(cause, path);
  }
  const noun = set.actions.length === 1 ? "action" : "actions";
  return `${file}: ${set.actions.length} ${noun}\n`;
}

/** How what is here differs from the file; or a line about what is wrong with that. */
export function compareWithFile(
  { patterns, file, version, isJson, isWhole }: RecordRequest,
  context: SelectionContext,
): string | { readonly problem: string } {
  const text = textAt(file === "-" ? 0 : pathOf(file, context));
  if (text === undefined) return { problem: `${file} cannot be read` };
  const theirs = parseRecords(text);
  if (theirs === undefined) return { problem: `${file} is nothing that "why --export" wrote` };
  const mine = recordsOf(patterns, { ...context, engine: version });
  const { build, onlyTheirs } = compareRecords(mine, theirs);
  const { repository, cas } = context;
  const { root } = repository;
  const answer = tellBuilds([build], { root, cas, isChosen: () => true, buildsSince: 0 });
  if (answer === undefined) throw new Error("bug: a comparison without a build");
  return isJson
    ? jsonOf(answer, onlyTheirs)
    : formatComparison(answer, { file, onlyTheirs, isWhole });
}

function jsonOf({ roots }: WhyAnswer, onlyTheirs: readonly string[]): string {
  return `${JSON.stringify({ version: 1, roots, onlyTheirs }, undefined, 2)}\n`;
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
