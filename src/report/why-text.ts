// Answers of `why` in words. Knows no stream.

import type { WhyAction, WhyAnswer, WhyRoot } from "../engine/why-answer.ts";
import type { Definition } from "../why/definition.ts";
import { describeCause } from "../why/words.ts";
import { describeAction, formatDuration } from "./describe.ts";

/** How to tell. */
export interface WhyTextOptions {
  /** Milliseconds since 1970. */
  readonly epochMs: number;
  /** Whether to name every action, and not just some for each root. */
  readonly isWhole: boolean;
}

/** Roots with what they led to, the first first. */
export function formatWhy(answer: WhyAnswer, { epochMs, isWhole }: WhyTextOptions): string {
  const lines = [
    headlineOf(answer, epochMs),
    ...answer.roots.flatMap((root) => rootLines(root, isWhole ? Number.POSITIVE_INFINITY : some)),
    ...answer.laidOut.map((path) => `${path} was not as it had been left, and was laid out again`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** How the records of two machines differ; `onlyTheirs` are actions that are not known here. */
export function formatComparison(
  answer: WhyAnswer,
  { file, onlyTheirs, unrecorded, isWhole }: ComparisonOptions,
): string {
  const ids = new Set(answer.roots.flatMap(({ actions }) => actions.map(idOf)));
  const noun = ids.size === 1 ? "action differs" : "actions differ";
  const rest = onlyTheirs.length;
  const lines = [
    ids.size === 0
      ? `nothing ${unrecorded.length === 0 ? "" : "that is written down "}differs from ${file}`
      : `${ids.size} ${noun} from ${file} (there → here)`,
    ...answer.roots.flatMap((root) => rootLines(root, isWhole ? Number.POSITIVE_INFINITY : some)),
    ...(rest === 0 ? [] : [`${rest} of its actions are not known here, such as ${onlyTheirs[0]}`]),
  ];
  return lines.map((line) => `${line}\n`).join("") + formatUnrecorded(unrecorded);
}

/** Says how many actions nobody can compare, and what helps; nothing where there are none. */
export function formatUnrecorded(ids: readonly string[]): string {
  const [first, ...others] = ids;
  if (first === undefined) return "";
  const which = others.length === 0 ? first : `${ids.length} actions, such as ${first},`;
  return `of ${which} nothing is written down here, as they were not built, or came as a whole; a build with --recheck does so\n`;
}

/** What was compared with. */
export interface ComparisonOptions extends Pick<WhyTextOptions, "isWhole"> {
  readonly file: string;
  readonly onlyTheirs: readonly string[];
  /** Actions of which nothing is written down here. */
  readonly unrecorded: readonly string[];
}

/** Roots by how many actions they led to that no cache had. */
export function formatNotCached(answer: WhyAnswer, { epochMs }: WhyTextOptions): string {
  const counted = answer.roots.map((root) => {
    return { root, count: root.actions.filter(isUncached).length };
  });
  const uncached = counted.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  const ids = new Set(answer.roots.flatMap(({ actions }) => actions.filter(isUncached)).map(idOf));
  const noun = ids.size === 1 ? "action was" : "actions were";
  const width = Math.max(...uncached.map(({ count }) => String(count).length), 3);
  const lines = [
    headlineOf(answer, epochMs),
    `${ids.size} ${noun} not from a cache${ids.size === 0 ? "" : ":"}`,
    ...uncached.map(({ root, count }) => `${String(count).padStart(width + 2)}  ${titleOf(root)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Enough to see what a root comes to. */
const some = 12;

/** Whether the action ran, rather than being up to date or taken from a cache. */
export function isUncached({ outcome }: Pick<WhyAction, "outcome">): boolean {
  return outcome === "executed" || outcome === "failed";
}

function idOf({ id }: WhyAction): string {
  return id;
}

function headlineOf({ startedMs, patterns, ok, buildsSince }: WhyAnswer, epochMs: number): string {
  const age = formatDuration(Math.max(0, epochMs - startedMs));
  const how = ok === undefined ? ", which was cut off" : ok ? "" : ", which failed";
  const builds = buildsSince === 1 ? "one build" : `${buildsSince} builds`;
  const since = buildsSince === 0 ? "" : `; ${builds} since had nothing to do for it`;
  return `build ${patterns.length === 0 ? "." : patterns.join(" ")}, ${age} ago${how}${since}`;
}

function titleOf({ text, definition, buildsBefore }: WhyRoot): string {
  const where = definition === undefined ? "" : ` (${describeDefinition(definition)})`;
  const when = buildsBefore === 0 ? "" : ", before an earlier build";
  return `${text}${where}${when}`;
}

/** Where it was written, in few words. */
export function describeDefinition(definition: Definition): string {
  if (definition.kind === "line") return `${definition.file}:${definition.line}`;
  const { name, from = "default", to = "default" } = definition;
  return `the setting ${name}: ${from} → ${to}`;
}

function rootLines(root: WhyRoot, most: number): string[] {
  const { actions, diff = [] } = root;
  const shown = actions.slice(0, most);
  const rest = actions.length - shown.length;
  return [
    titleOf(root),
    ...diff.map((line) => `    ${line}`),
    ...shown.flatMap(actionLines),
    ...(rest > 0 ? [`  and ${rest} more actions; --all names them`] : []),
  ];
}

const outcomes = {
  executed: "run",
  failed: "failed",
  localHit: "from the local cache",
  remoteHit: "from the remote cache",
  differs: "differs",
} as const;

function actionLines(action: WhyAction): string[] {
  const { outcome, isDirect, follows, isSame, options } = action;
  const indent = isDirect ? "  " : "    ";
  const [first, ...others] = follows;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const because = first === undefined ? "" : `, as ${first.text}${more}`;
  const same = isSame ? "; its outputs are the same, so nothing follows" : "";
  const shown = options.slice(0, some).map((option) => `${indent}  ${describeCause(option)}`);
  const rest = options.length - shown.length;
  return [
    `${indent}${describeAction(action)}: ${outcomes[outcome]}${because}${same}`,
    ...shown,
    ...(rest > 0 ? [`${indent}  and ${rest} more options`] : []),
  ];
}
