// Settings that are no files: variables and flags. Each is a source of one line.

import type { Host } from "../base/host.ts";
import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { Entry, ScalarValue, Value } from "../document/document.ts";
import type { Assignment } from "./config-file.ts";
import { type SettingKey, settingTable, variableOf } from "./setting-table.ts";

/** Settings that are said in one place, and so win or lose together. */
export interface Layer {
  readonly assignments: readonly Assignment[];
  /** What paths are relative to; absolute. */
  readonly directory: string;
  /** See `Setting.origin`. */
  readonly originOf: (at: Span) => string;
}

/** A setting that a command's user gave. */
export interface Flag {
  /** As it was written, such as `--jobs`. */
  readonly name: string;
  readonly key: SettingKey;
  readonly text: string;
  /** The parts of a list or a map, which may have commas in them; absent: those of `text`. */
  readonly parts?: readonly string[];
}

/** What `flag` says; its paths are relative to `directory`. */
export function flagLayer({ name, key, text, parts }: Flag, directory: string): Layer {
  return {
    assignments: [assignmentOf(key, { path: name, text }, parts)],
    directory,
    originOf: sourcePath,
  };
}

/**
 * What the KRAFT_GRAPH_* variables say, and before them those of other tools. Empty ones say nothing; those of no setting are warned
 * of, as a misspelt one would be ignored without a word.
 */
export function variableLayer(
  { env, workingDirectory }: Pick<Host, "env" | "workingDirectory">,
  report: Report,
): Layer {
  const keys = Object.keys(settingTable) as SettingKey[];
  const known = new Map(keys.map((key) => [variableOf(key), key]));
  const assignments: Assignment[] = [];
  for (const [name, key] of foreignVariables) {
    const text = env[name];
    if (text !== undefined && text !== "")
      assignments.push(assignmentOf(key, { path: name, text }));
  }
  for (const name of Object.keys(env).sort()) {
    const text = env[name];
    if (!name.startsWith("KRAFT_GRAPH_") || text === undefined || text === "") continue;
    const key = known.get(name);
    if (key !== undefined) assignments.push(assignmentOf(key, { path: name, text }));
    else {
      report({
        severity: "warning",
        code: "unknown-attribute",
        message: `the variable ${name} is no setting`,
        ...didYouMean(name, known.keys()),
      });
    }
  }
  return { assignments, directory: workingDirectory, originOf: sourcePath };
}

/** Variables of other tools, the later before the earlier. Sources: kraftkit.md §4.5; BuildKit. */
const foreignVariables = [
  ["BUILDKIT_HOST", "dockerfile.buildkit"],
  ["KRAFTKIT_BUILDKIT_HOST", "dockerfile.buildkit"],
] as const;

function sourcePath({ source }: Span): string {
  return source.path;
}

function assignmentOf(
  key: SettingKey,
  source: Source,
  parts: readonly string[] = source.text.split(","),
): Assignment {
  return { kind: "setting", key, value: valueOf(source, settingTable[key].shape, parts) };
}

/** The text of `source` as YAML would have given it: lists and maps have commas between. */
function valueOf(
  source: Source,
  shape: "scalar" | "list" | "map",
  parts: readonly string[],
): Value {
  const whole = scalarOf(source, 0, source.text);
  if (shape === "scalar") return whole;
  let start = 0;
  const items = parts.map((text) => {
    const item = scalarOf(source, start, text);
    start += text.length + 1;
    return item;
  });
  if (shape === "list") return { kind: "list", at: whole.at, items };
  const entries = items.map((item): [string, Entry] => {
    const equals = item.text.indexOf("=");
    const key = equals === -1 ? item.text : item.text.slice(0, equals);
    const text = equals === -1 ? "" : item.text.slice(equals + 1);
    const value = scalarOf(source, item.at.start + key.length + 1, text);
    return [key, { key, keyAt: item.at, value }];
  });
  return { kind: "map", at: whole.at, entries: new Map(entries) };
}

function scalarOf(source: Source, start: number, text: string): ScalarValue {
  const at = { source, start, end: start + text.length };
  return { kind: "scalar", at, value: text, text, isQuoted: true };
}
