// All settings of a run, each with where it comes from. Knows no command and no rule set.

import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import { positionOf, type Report, type Span } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import { type ConfigFile, type ConfigScope, readConfigFile } from "./config-file.ts";
import type { FileView } from "./files.ts";
import { builtInSettings } from "./setting-defaults.ts";
import { type SettingKey, type SettingValue, settingTable } from "./setting-table.ts";
import { path, type SettingType } from "./setting-type.ts";
import { type Flag, flagLayer, type Layer, variableLayer } from "./text-layer.ts";

/** A value, and where it was said. */
export interface Setting<T> {
  readonly value: T;
  /** For people: `default`, `kraft.workspace.yaml:3`, `KRAFT_GRAPH_BUILD_JOBS`, `--jobs`. */
  readonly origin: string;
  /** For diagnostics; absent for defaults. */
  readonly at?: Span;
}

/** Every setting of a run. */
export interface Settings {
  readonly values: { readonly [K in SettingKey]: Setting<SettingValue<K> | Unset<K>> };
  /** Where the workspace says that components are: absolute directories by name. */
  readonly components: ReadonlyMap<string, Setting<string>>;
  /** What stands under `configs`. */
  readonly configNames: readonly string[];
}

/** Settings that have no default, as what they are about is then absent. */
type Unset<K> = K extends
  | `remote.${"url" | "executor" | "signKey" | "instance" | "ca" | "certificate" | "key"}`
  | `dockerfile.${"buildkit" | "ca" | "certificate" | "key"}`
  | "sources.vendor"
  ? undefined
  : never;

/** Where settings are read from. */
export interface SettingsRequest {
  /** Absolute. */
  readonly root: string;
  /** The workspace file's path; undefined when the workspace is a single package without one. */
  readonly workspaceFile: string | undefined;
  readonly files: FileView;
  readonly host: Pick<Host, "env" | "cpus" | "workingDirectory">;
  /** Names of the rule sets that apply when the workspace names none. */
  readonly builtInRules: readonly string[];
  /** Names of `configs` to apply, in order. */
  readonly configs?: readonly string[];
  readonly flags?: readonly Flag[];
  readonly report: Report;
}

/** The file for all users of a machine. */
const systemFile = "/etc/kraft-graph/config.yaml";

/**
 * The settings from, later ones first in rank: defaults, the system's file, the user's file
 * (`$XDG_CONFIG_HOME/kraft-graph/config.yaml`), the workspace's file, `configs` that were asked
 * for, KRAFT_GRAPH_* variables, flags. What is wrong is reported, and then counts as not said.
 */
export function readSettings(request: SettingsRequest): Settings {
  const { host, report } = request;
  const files = configFiles(request);
  const layers = [
    ...files.map(({ layer }) => layer),
    ...namedLayers(files, request.configs ?? [], report),
    variableLayer(host, report),
    ...(request.flags ?? []).map((flag) => flagLayer(flag, host.workingDirectory)),
  ];
  const settings: Unchecked = {
    values: { ...builtInSettings(request) },
    components: new Map(),
    configNames: files.flatMap(({ sets }) => [...sets.keys()]),
  };
  for (const layer of layers) apply(layer, settings, { home: host.env["HOME"], report });
  return settings as unknown as Settings;
}

/** `Settings` while it is made: each value goes in as its key's type has read it. */
interface Unchecked {
  readonly values: Record<string, Setting<unknown>>;
  readonly components: Map<string, Setting<string>>;
  readonly configNames: readonly string[];
}

function apply(
  { assignments, directory, originOf }: Layer,
  { values, components }: Unchecked,
  { home, report }: { home: string | undefined; report: Report },
): void {
  for (const assignment of assignments) {
    const { at } = assignment.value;
    const origin = originOf(at);
    if (assignment.kind === "setting") {
      const type: SettingType<unknown> = settingTable[assignment.key];
      const value = type.read(assignment.value, { directory, home });
      if (value === undefined) reportBad(assignment.key, { at, type: type.type, report });
      else values[assignment.key] = { value, origin, at };
    } else {
      const { name } = assignment;
      const value = path.read(assignment.value, { directory, home });
      if (value === undefined) reportBad(`components.${name}`, { at, type: path.type, report });
      else components.set(name, { value, origin, at });
    }
  }
}

interface NamedFile {
  readonly layer: Layer;
  readonly sets: ConfigFile["sets"];
}

function configFiles({ root, workspaceFile, files, host, report }: SettingsRequest): NamedFile[] {
  const { HOME: home, XDG_CONFIG_HOME: given } = host.env;
  // The specification says that a relative path in this variable is to be ignored.
  const base = given?.startsWith("/") === true ? given : home && posix.join(home, ".config");
  const userFile = base && posix.join(base, "kraft-graph/config.yaml");
  const read = (file: string | undefined, scope: ConfigScope, name = file): NamedFile[] => {
    const text = file === undefined ? undefined : files.read(file);
    if (file === undefined || name === undefined) return [];
    if (text === undefined) {
      if (files.kindOf(file) === "file") reportUnreadable(name, report);
      return [];
    }
    const { assignments, sets } = readConfigFile({ path: name, text }, scope, report);
    const directory = posix.dirname(file);
    return [{ layer: { assignments, directory, originOf: fileOrigin }, sets }];
  };
  return [
    ...read(systemFile, "machine"),
    ...read(userFile, "machine"),
    ...read(workspaceFile, "workspace", workspaceFile && posix.relative(root, workspaceFile)),
  ];
}

function reportUnreadable(name: string, report: Report): void {
  report({ severity: "error", code: "unreadable-file", message: `${name} cannot be read` });
}

function namedLayers(
  files: readonly NamedFile[],
  names: readonly string[],
  report: Report,
): Layer[] {
  const known = files.flatMap(({ sets }) => [...sets.keys()]);
  return names.flatMap((name) => {
    if (!known.includes(name)) {
      report({
        severity: "error",
        code: "unknown-attribute",
        message: `there is no config "${name}" in \`configs\``,
        ...didYouMean(name, known),
      });
    }
    return files.flatMap(({ layer, sets }) => {
      const assignments = sets.get(name);
      const originOf = (at: Span): string => `${fileOrigin(at)} (config ${name})`;
      return assignments === undefined ? [] : [{ ...layer, assignments, originOf }];
    });
  });
}

function fileOrigin(at: Span): string {
  return `${at.source.path}:${positionOf(at).line}`;
}

function reportBad(
  name: string,
  { at, type, report }: { at: Span; type: string; report: Report },
): void {
  const message = `\`${name}\` is not valid: expected ${type}`;
  report({ severity: "error", code: "bad-attribute", message, at });
}
