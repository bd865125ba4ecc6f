// A config file → settings that are not read yet. Knows which keys there are, and no values.

import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import { type MapValue, parseDocument, type Value } from "../document/document.ts";
import { isNothing } from "../document/value-shape.ts";
import { isSettingKey, type SettingKey, settingTable, workspaceOnly } from "./setting-table.ts";

/** One setting, as a file, a variable or a flag has it. */
export type Assignment =
  | { readonly kind: "setting"; readonly key: SettingKey; readonly value: Value }
  | { readonly kind: "component"; readonly name: string; readonly value: Value };

/** What a config file says. */
export interface ConfigFile {
  readonly assignments: readonly Assignment[];
  /** What applies only when it is asked for by name. */
  readonly sets: ReadonlyMap<string, readonly Assignment[]>;
}

/** Which file it is: users' and systems' files say nothing about what the repository is. */
export type ConfigScope = "workspace" | "machine";

/** The keys of each level, by its name; the empty name is the top. */
export const knownKeys: ReadonlyMap<string, readonly string[]> = keysOfLevels();

/** Reads `source`. Keys that nothing knows are reported, and the rest is returned. */
export function readConfigFile(source: Source, scope: ConfigScope, report: Report): ConfigFile {
  const document = parseDocument(source, report);
  const top = { source, start: 0, end: 0 };
  if (document === undefined) {
    if (scope === "workspace") reportEmpty(top, report);
    return { assignments: [], sets: new Map() };
  }
  if (document.kind !== "map") {
    reportError(report, "wrong-type", "a config file is a map of settings", document.at);
    return { assignments: [], sets: new Map() };
  }
  checkVersion(document, scope, report);
  const keys = knownKeys.get("") ?? [];
  const own = scope === "workspace" ? keys : keys.filter((key) => !workspaceOnly.has(key));
  const assignments = readLevel(document, { prefix: "", keys: own, report });
  return { assignments, sets: readSets(document, report) };
}

function readSets(document: MapValue, report: Report): Map<string, readonly Assignment[]> {
  const sets = new Map<string, readonly Assignment[]>();
  const configs = document.entries.get("configs")?.value;
  if (configs === undefined || isNothing(configs)) return sets;
  if (configs.kind !== "map") {
    reportError(report, "wrong-type", "`configs` must be a map of named settings", configs.at);
    return sets;
  }
  const structural = new Set([...workspaceOnly, "version", "configs"]);
  const keys = (knownKeys.get("") ?? []).filter((key) => !structural.has(key));
  for (const { key: name, value } of configs.entries.values()) {
    if (value.kind === "map") sets.set(name, readLevel(value, { prefix: "", keys, report }));
    else reportError(report, "wrong-type", `the config "${name}" must be a map`, value.at);
  }
  return sets;
}

interface Level {
  /** The name of the level and a dot; empty for the top. */
  readonly prefix: string;
  readonly keys: readonly string[];
  readonly report: Report;
}

function readLevel(map: MapValue, { prefix, keys, report }: Level): Assignment[] {
  return [...map.entries.values()].flatMap(({ key, keyAt, value }): Assignment[] => {
    if (key.startsWith("x-")) return [];
    if (!keys.includes(key)) {
      report({
        severity: "error",
        code: "unknown-attribute",
        message: `${prefix === "" ? "the configuration" : `"${prefix.slice(0, -1)}"`} has no key "${key}"`,
        at: keyAt,
        ...suggestionFor(key, keys),
      });
      return [];
    }
    if (isNothing(value)) return [];
    const full = `${prefix}${key}`;
    if (isSettingKey(full)) return [{ kind: "setting", key: full, value }];
    if (full === "version" || full === "configs") return [];
    if (value.kind !== "map") {
      reportError(report, "wrong-type", `\`${full}\` must be a map`, value.at);
      return [];
    }
    if (full === "components") {
      const entries = [...value.entries.values()];
      return entries.map((entry) => ({ kind: "component", name: entry.key, value: entry.value }));
    }
    return readLevel(value, { prefix: `${full}.`, keys: knownKeys.get(full) ?? [], report });
  });
}

function suggestionFor(key: string, keys: readonly string[]): { help?: string } {
  // `jobs` at the top is meant for `build.jobs`, however far apart the two are as words.
  const elsewhere = Object.keys(settingTable).find((full) => full.endsWith(`.${key}`));
  if (elsewhere !== undefined) return { help: `did you mean "${elsewhere}"?` };
  if (workspaceOnly.has(key)) return { help: "it belongs into kraft.workspace.yaml" };
  return didYouMean(key, keys);
}

function checkVersion(document: MapValue, scope: ConfigScope, report: Report): void {
  const version = document.entries.get("version")?.value;
  if (version === undefined) {
    if (scope === "workspace") reportEmpty(document.at, report);
    return;
  }
  if (version.kind === "scalar" && version.text === "1") return;
  const message = "this version of the configuration is not known; it must be 1";
  reportError(report, "unsupported-version", message, version.at);
}

/** Until there is a second version, a file without one can only be of the first. */
function reportEmpty({ source }: Span, report: Report): void {
  report({
    severity: "warning",
    code: "missing-attribute",
    message: "this file does not say which version of the configuration it has",
    at: { source, start: 0, end: 0 },
    help: 'begin it with "version: 1"',
  });
}

function reportError(
  report: Report,
  code: "wrong-type" | "unsupported-version",
  message: string,
  at: Span,
): void {
  report({ severity: "error", code, message, at });
}

function keysOfLevels(): ReadonlyMap<string, readonly string[]> {
  const levels = new Map([["", ["version", "components", "configs"]]]);
  for (const key of Object.keys(settingTable)) {
    const [first = "", second] = key.split(".");
    const top = levels.get("") ?? [];
    if (!top.includes(first)) top.push(first);
    if (second !== undefined) levels.set(first, [...(levels.get(first) ?? []), second]);
  }
  return levels;
}
