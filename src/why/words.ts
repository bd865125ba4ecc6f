// Causes in words, a line each. Knows no terminal.

import { assertNever } from "../base/brand.ts";
import type { Cause, FileCause, OptionCause } from "./cause.ts";

/** `cause` as the end of a sentence that begins with "because", in one line. */
export function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case "new":
      return "it was not built here before";
    case "unrecorded":
      return "its last result came with those of its package as a whole, without what it was made of";
    case "result-lost":
      return "its result is no longer in the cache";
    case "output-lost":
      return "its output was lost";
    case "command":
      return "its command changed";
    case "unmatched":
      return "the other record does not have it";
    case "file":
      return describeFile(cause);
    case "renamed":
      return `${cause.from} was renamed to ${cause.to}`;
    case "shadow":
      return cause.change === "new"
        ? `${cause.path} would now be found first`
        : `${cause.path} would no longer be found first`;
    case "option":
      return describeOption(cause);
    case "argument":
      return describeArgument(cause);
    case "environment":
      return `variable ${cause.name}: ${sidesOf(cause, "not set")}`;
    case "text":
      return `line ${cause.line}: ${sidesOf(cause, "no line")}`;
    case "program":
      return `program ${sidesOf(cause)}`;
    case "declaration":
      return `its ${cause.name}: ${sidesOf(cause, "not declared")}`;
    case "tool":
      return describeTool(cause);
    case "order": {
      const what = cause.list === "inputs" ? "its inputs" : "its arguments";
      return `the order of ${what} changed: ${cause.to} comes before ${cause.from}`;
    }
    case "more":
      return `and ${cause.count} more`;
    default:
      return assertNever(cause);
  }
}

function describeFile({ path, change, from, to, within, leadsTo }: FileCause): string {
  const isLink = leadsTo === undefined ? "" : `, a link to ${leadsTo},`;
  switch (change) {
    case "new":
      return within === undefined ? `${path} is a new input` : `${path} is new`;
    case "dropped":
      return `${path} is no longer an input`;
    case "gone":
      return `${path} is gone`;
    case "mode":
      return `the mode of ${path} changed: ${modeOf(from)} → ${modeOf(to)}`;
    case "target":
      return `the link ${path} changed: ${from} → ${to}`;
    case "type":
      return `${path} is now ${shapeOf(to)}, and was ${shapeOf(from)}`;
    case "content":
      return `${path}${isLink} changed`;
    default:
      return assertNever(change);
  }
}

/** Source: `textOf` in src/engine/state-of.ts. */
function modeOf(text = ""): string {
  const [, executable = "", mode = ""] = /^[0-9a-f]{32}(x?)(\d*)$/.exec(text) ?? [];
  if (mode !== "") return mode;
  return executable === "x" ? "executable" : "not executable";
}

function shapeOf(text = ""): string {
  if (text.startsWith("-> ")) return "a link";
  return text.endsWith("/") ? "a directory" : "a file";
}

/** As people write options: one that is not set is `n`, unless its values are no switch. */
function describeOption({ name, from, to }: OptionCause): string {
  const isSwitch = [from, to].every((value) => value === undefined || /^[ymn]$/.test(value));
  const absent = isSwitch ? "n" : "not set";
  return `${name}: ${from ?? absent} → ${to ?? absent}`;
}

function describeArgument({
  list,
  at,
  from,
  to,
}: Extract<Cause, { readonly kind: "argument" }>): string {
  const step = list === "preprocess" || list === "compile" ? ` to ${list}` : "";
  if (from === undefined) return `argument ${at}${step} is new: ${cut(to ?? "", 0)}`;
  if (to === undefined) return `argument ${at}${step} is gone: ${cut(from, 0)}`;
  return `argument ${at}${step}: ${sidesOf({ from, to })}`;
}

function describeTool({
  name,
  change,
  from,
  to,
}: Extract<Cause, { readonly kind: "tool" }>): string {
  const tool = name === "kraft-graph" ? "kraft-graph itself" : `the tool ${name}`;
  if (change === "new") return `${tool} is new${to === undefined ? "" : `: ${to}`}`;
  if (change === "gone") return `${tool} is gone`;
  if (from === undefined || to === undefined) return `${tool} changed`;
  if (from === to) return `${tool} changed, though it says the same of its version: ${to}`;
  return `${tool} changed: ${from} → ${to}`;
}

interface Sides {
  readonly from?: string;
  readonly to?: string;
}

/** `old → new`, both cut to where they differ. */
function sidesOf({ from, to }: Sides, absent = ""): string {
  if (from === undefined || to === undefined) {
    const [old, now] = [from, to].map((side) => (side === undefined ? absent : cut(side, 0)));
    return `${old} → ${now}`;
  }
  const start = startOfDifference(from, to);
  return `${cut(from, start)} → ${cut(to, start)}`;
}

/** Where two values that differ begin to, with a little before it; 0 for short ones. */
function startOfDifference(a: string, b: string): number {
  if (a.length <= longestShown && b.length <= longestShown) return 0;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return Math.max(0, same - 20);
}

function cut(value: string, start: number): string {
  const head = start > 0 ? "…" : "";
  const tail = value.length > start + longestShown ? "…" : "";
  return `${head}${value.slice(start, start + longestShown)}${tail}`.replaceAll("\n", "⏎");
}

/** In UTF-16 units, so that a line with both sides fits a wide terminal. */
const longestShown = 60;
