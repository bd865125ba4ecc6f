// args.nix as data: what bunix makes an image of. Knows no image.
//
// Source: bunix, default.nix, uruncJSON.nix, README.

import {
  type Report,
  type Source,
  type Span,
  didYouMean,
  uruncContainerKeys,
} from "../../../src/index.ts";
import type { NixEntry, NixValue } from "../nix/nix-value.ts";
import { parseNix } from "../nix/parse-nix.ts";

/** What an args.nix says. */
export interface ArgsFile {
  /** Of the image, without its tag. */
  readonly name: string;
  readonly tag: string;
  readonly files: readonly ArgsFileEntry[];
  /** For urunc, by keys without prefix, as they are written. */
  readonly facts: Readonly<Record<string, string>>;
  /** Where each fact stands. */
  readonly factsAt: Readonly<Record<string, Span>>;
  readonly at: Span;
}

/** A file of the image. */
export interface ArgsFileEntry {
  /** Relative to the directory of the args.nix, or a label. */
  readonly from: string;
  /** Absolute, in the image. */
  readonly to: string;
  readonly at: Span;
}

/** What bunix itself takes, the first four of which it must have. */
export const bunixKeys = {
  needed: ["unikernelType", "hypervisor", "binary", "cmdline"],
  optional: ["unikernelVersion", "initrd", "block", "blkMntPoint", "useDMBlock"],
} as const;

/** What urunc knows besides. */
const newerKeys = ["mountRootfs", "solo5NetDev", "solo5BlkDev", ...uruncContainerKeys];

const topKeys = ["name", "tag", "files", "annotations"];

/** The args.nix in `source`; undefined when it was reported to be useless. */
export function readArgsFile(source: Source, report: Report): ArgsFile | undefined {
  let isSound = true;
  const error = (message: string, at: Span, help: { help?: string } = {}): undefined => {
    isSound = false;
    report({ severity: "error", code: "bad-attribute", message, at, ...help });
  };
  const value = parseNix(source, report);
  if (value === undefined) return undefined;
  if (value.kind !== "set") {
    return error("an args.nix is a set, with `name`, `tag`, `files` and `annotations`", value.at);
  }
  for (const { name, nameAt } of value.entries.values()) {
    if (topKeys.includes(name)) continue;
    error(`an args.nix has no \`${name}\``, nameAt, didYouMean(name, topKeys));
  }
  const complain: Complain = (message, at, help) => error(message, at, help);
  const name = textOf(value, "name", complain);
  const tag = textOf(value, "tag", complain);
  const files = filesOf(value, complain);
  const annotations = annotationsOf(value, complain);
  if (name !== undefined && tag !== undefined && !nameForm.test(name)) {
    error(`no image can be called "${name}"`, placeOf(value, "name"));
  }
  if (tag !== undefined && !tagForm.test(tag)) {
    error(`no image can have the tag "${tag}"`, placeOf(value, "tag"));
  }
  if (!isSound || name === undefined || tag === undefined) return undefined;
  return { name, tag, files, ...annotations, at: { source, start: 0, end: 0 } };
}

type Complain = (message: string, at: Span, help?: { help?: string }) => void;
type NixSet = Extract<NixValue, { kind: "set" }>;

const nameForm = /^[a-z0-9]+([._:/-]+[a-z0-9]+)*$/;
const tagForm = /^\w[\w.-]{0,127}$/;

function placeOf(set: NixSet, name: string): Span {
  return set.entries.get(name)?.value.at ?? set.at;
}

function textOf(set: NixSet, name: string, complain: Complain): string | undefined {
  const entry = set.entries.get(name);
  if (entry?.value.kind === "string") return entry.value.text;
  if (entry === undefined) complain(`this set has no \`${name}\``, beginningOf(set));
  else complain(`\`${name}\` must be a string`, entry.value.at);
  return undefined;
}

/** A set is best shown by its brace. */
function beginningOf({ at }: NixSet): Span {
  return { ...at, end: at.start + 1 };
}

function setOf(set: NixSet, name: string, complain: Complain): NixSet | undefined {
  const entry = set.entries.get(name);
  if (entry?.value.kind === "set") return entry.value;
  if (entry === undefined) complain(`this set has no \`${name}\``, beginningOf(set));
  else complain(`\`${name}\` must be a set`, entry.value.at);
  return undefined;
}

function filesOf(set: NixSet, complain: Complain): readonly ArgsFileEntry[] {
  const files = setOf(set, "files", complain);
  return [...(files?.entries.values() ?? [])].flatMap(({ name, nameAt, value }) => {
    if (value.kind !== "string" && value.kind !== "literal") {
      complain(`the place of "${name}" in the image must be a string`, value.at);
      return [];
    }
    if (value.text.startsWith("/")) return { from: name, to: value.text, at: nameAt };
    complain("a place in the image begins with a slash", value.at);
    return [];
  });
}

function annotationsOf(set: NixSet, complain: Complain): Pick<ArgsFile, "facts" | "factsAt"> {
  const found = setOf(set, "annotations", complain);
  if (found === undefined) return { facts: {}, factsAt: {} };
  const known = [...bunixKeys.needed, ...bunixKeys.optional, ...newerKeys];
  const given = [...found.entries.values()].flatMap((entry) => factOf(entry, known, complain));
  for (const key of bunixKeys.needed) {
    if (!found.entries.has(key)) complain(`\`annotations\` has no \`${key}\``, beginningOf(found));
  }
  return {
    facts: Object.fromEntries(given.map(({ key, text }) => [key, text])),
    factsAt: Object.fromEntries(given.map(({ key, at }) => [key, at])),
  };
}

function factOf(
  { name, nameAt, value }: NixEntry,
  known: readonly string[],
  complain: Complain,
): readonly { key: string; text: string; at: Span }[] {
  if (!known.includes(name)) {
    complain(`urunc knows no annotation \`${name}\``, nameAt, didYouMean(name, known));
    return [];
  }
  if (value.kind === "string") return [{ key: name, text: value.text, at: value.at }];
  const help = value.kind === "literal" ? { help: `write "${value.text}"` } : {};
  complain(`\`${name}\` must be a string`, value.at, help);
  return [];
}
