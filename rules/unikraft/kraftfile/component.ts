import { type Entry, type MapValue, type Span, kindNameOf, pointerTo } from "../../../src/index.ts";
import {
  type ComponentSource,
  componentSourceOf,
  isRange,
  isReference,
  nameOfSource,
} from "./component-source.ts";
import { type KconfigSetting, readKconfig } from "./kconfig.ts";
import { type Reading, fieldsOf, stringOf, textOf } from "./reading.ts";

/** A part of an image that comes from elsewhere: the core, a library, a template. */
export interface Component {
  /** `unikraft` for the core; may be empty for a template of which nothing tells it. */
  readonly name: string;
  /** Absent: it is found by its name. */
  readonly source?: ComponentSource | undefined;
  /** A release, a channel such as `stable`, a branch or a commit; absent: nothing is said. */
  readonly version?: string | undefined;
  readonly kconfig: readonly KconfigSetting[];
  readonly at: Span;
}

/** The component `name`, which `entry` states as a text or a map. Source: kraftkit.md §1.7. */
export function readComponent(entry: Entry, name: string, reading: Reading): Component | undefined {
  const at = pointerTo(entry);
  const { value } = entry;
  if (value.kind === "map") return componentOfMap(value, { name, at }, reading);
  const text = textOf(value);
  if (text !== undefined && typeof (value.kind === "scalar" && value.value) !== "boolean") {
    return checked(shortForm(text, { name, at }, reading), reading);
  }
  return reading.error({
    code: "bad-component",
    message: `\`${entry.key}\` must be a version, a source or a map, not ${kindNameOf(value)}`,
    at,
    help: name === "" ? "name its repository" : `name a version, as in \`${entry.key}: stable\``,
  });
}

/** True for what can be a directory and a part of a URL. */
export function isComponentName(text: string): boolean {
  return /^\w[\w.+-]*$/.test(text);
}

/** `template`, whose name is told by its source. Source: kraftkit.md §1.8. */
export function readTemplate(entry: Entry | undefined, reading: Reading): Component | undefined {
  const component = entry && readComponent(entry, "", reading);
  if (component?.source === undefined || component.name !== "") return component;
  return { ...component, name: nameOfSource(component.source) };
}

function shortForm(text: string, { name, at }: Place, reading: Reading): Component {
  const source = componentSourceOf(text, reading);
  if (source !== undefined) return { name, source, kconfig: [], at };
  // A template without a source may be called as in a catalog: app/elfloader:stable.
  const match = name === "" ? /^(?:apps?[-/])?(\w[\w.+-]*)(?::(.+))?$/s.exec(text) : null;
  if (match === null) return { name, version: text, kconfig: [], at };
  return { name: match[1] ?? "", version: match[2], kconfig: [], at };
}

interface Place {
  /** Empty for a template, which may say its own. */
  readonly name: string;
  readonly at: Span;
}

function componentOfMap(map: MapValue, given: Place, reading: Reading): Component | undefined {
  const ownName = given.name === "" ? ["name"] : [];
  const keys = [...ownName, "version", "source", "kconfig"];
  const fields = fieldsOf(map, { owner: "a component", keys }, reading);
  const name = stringOf(fields.get("name"), "bad-component", reading);
  const version = readVersion(fields.get("version"), reading);
  const origin = readSource(fields.get("source"), version, reading);
  return checked(
    {
      name: name !== undefined && isComponentName(name) ? name : given.name,
      at: given.at,
      kconfig: readKconfig(fields.get("kconfig"), reading),
      version,
      ...origin,
    },
    reading,
  );
}

function readVersion(entry: Entry | undefined, { error }: Reading): string | undefined {
  if (entry === undefined) return undefined;
  const text = textOf(entry.value);
  if (text !== undefined) return text;
  const message = `\`version\` must be text, not ${kindNameOf(entry.value)}`;
  return error({ code: "bad-component", message, at: pointerTo(entry) });
}

/** What `source` says; a text that is none is a version, for which KraftKit takes it, too. */
function readSource(
  entry: Entry | undefined,
  version: string | undefined,
  reading: Reading,
): Pick<Component, "source" | "version"> {
  const text = stringOf(entry, "bad-component", reading);
  if (entry === undefined || text === undefined) return {};
  const source = componentSourceOf(text, reading);
  if (source !== undefined) return { source };
  const at = pointerTo(entry);
  const message = "`source` is neither a URL nor a directory that is there";
  if (version !== undefined || reading.isV07) {
    const help = "paths are relative to the directory of the Kraftfile, and begin with ./ or ../";
    reading.error({ code: "bad-component", message, at, help });
    return {};
  }
  const help = "it counts as the `version`: say so";
  reading.warn({ code: "bad-component", message, at, help });
  return { version: text };
}

/** `component`, unless git would take its version for something else. */
function checked(component: Component, { error }: Reading): Component | undefined {
  const { version, source, at } = component;
  const reference = source?.kind === "git" ? source.reference : undefined;
  for (const text of [version, reference]) {
    if (text === undefined || isReference(text)) continue;
    if (source === undefined && isRange(text)) continue;
    const message = isRange(text)
      ? `of ${JSON.stringify(text)}, nobody can say which it is at a source of one's own`
      : `${JSON.stringify(text)} can be no version`;
    const help = isRange(text)
      ? "name a version, or leave out `source`, so that manifests can tell"
      : "name a release, a channel such as `stable`, a branch or a commit";
    return error({ code: "bad-component", message, at, help });
  }
  return component;
}
