// Two states of an action → what differs, cause by cause. Pure.

import type { Cause, OrderCause } from "./cause.ts";
import { commandCauses } from "./command-causes.ts";
import { inputCauses } from "./input-causes.ts";
import type { State, StateFacts } from "./state.ts";

/** What is different in `now`: tools, then the command, then inputs. Empty when nothing is. */
export function causesBetween(before: State, now: State, facts: StateFacts): readonly Cause[] {
  const inputs = [...inputCauses(before, now, facts), ...orderOf(before, now)];
  const command = commandCauses(before, now);
  const all = [
    ...toolCauses(before, now, facts),
    ...command.filter((cause) => !isImplied(cause, [...inputs, ...command])),
    ...inputs,
  ].map(clipped);
  if (all.length <= maxCauses) return all;
  return [...all.slice(0, maxCauses), { kind: "more", count: all.length - maxCauses }];
}

/** More say nothing to anyone, and are kept for each of many actions. */
const maxCauses = 40;

function toolCauses(before: State, now: State, { toolVersion }: StateFacts): readonly Cause[] {
  const names = [...new Set([...Object.keys(now.tools), ...Object.keys(before.tools)])].sort();
  return names.flatMap((name): Cause[] => {
    const [old, current] = [before.tools[name], now.tools[name]];
    if (old === current) return [];
    const from = old === undefined ? undefined : toolVersion(old);
    const to = current === undefined ? undefined : toolVersion(current);
    const sides = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    const change = old === undefined ? "new" : current === undefined ? "gone" : "other";
    return [{ kind: "tool", name: name.replace(/\?$/, ""), change, ...sides }];
  });
}

/** Where inputs that were there before begin to be in another order. */
function orderOf(before: State, now: State): readonly OrderCause[] {
  const old = Object.keys(before.inputs).filter((path) => now.inputs[path] !== undefined);
  const current = Object.keys(now.inputs).filter((path) => before.inputs[path] !== undefined);
  const at = current.findIndex((path, i) => old[i] !== path);
  const [from, to] = [old[at], current[at]];
  return from === undefined || to === undefined
    ? []
    : [{ kind: "order", list: "inputs", from, to }];
}

/** Whether a change of the command is but the list of inputs or outputs, as `$SRCS` has it. */
function isImplied(cause: Cause, others: readonly Cause[]): boolean {
  if (cause.kind === "order") return others.some((one) => isOrder(one) && one !== cause);
  if (cause.kind !== "environment" && cause.kind !== "argument") return false;
  const [from, to] = [wordsOf(cause.from), wordsOf(cause.to)];
  const different = [...less(from, to), ...less(to, from)];
  if (different.length === 0) {
    return cause.from !== undefined && cause.to !== undefined && others.some(isOrder);
  }
  const paths = new Set(others.flatMap(listedIn));
  return different.every((word) => paths.has(word));
}

/** Of the inputs. */
function isOrder(cause: Cause): boolean {
  return cause.kind === "order" && cause.list === "inputs";
}

/** Inputs and outputs that came or went. */
function listedIn(cause: Cause): readonly string[] {
  if (cause.kind === "declaration" && cause.name === "outputs") {
    const sides = [cause.from ?? "[]", cause.to ?? "[]"].map(
      (side) => JSON.parse(side) as string[],
    );
    return sides.flat();
  }
  if (cause.kind === "renamed") return [cause.from, cause.to];
  if (cause.kind !== "file" || cause.within !== undefined) return [];
  return cause.change === "new" || cause.change === "gone" ? [cause.path] : [];
}

/** With sides that are no longer than it takes to see what differs: they are kept. */
function clipped(cause: Cause): Cause {
  if (cause.kind !== "argument" && cause.kind !== "environment" && cause.kind !== "declaration") {
    return cause;
  }
  const { from = "", to = "" } = cause;
  if (from.length + to.length <= longestKept) return cause;
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same++;
  const start = cause.from === undefined || cause.to === undefined ? 0 : Math.max(0, same - 60);
  const cut = (side: string) =>
    `${start > 0 ? "…" : ""}${side.slice(start, start + longestKept / 2)}`;
  return {
    ...cause,
    ...(cause.from !== undefined && { from: cut(from) }),
    ...(cause.to !== undefined && { to: cut(to) }),
  };
}

/** In UTF-16 units, of both sides together. */
const longestKept = 2000;

function wordsOf(text = ""): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** `words` less one of each in `others`. */
function less(words: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return words.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
