// What differs between the inputs of two states. Pure.

import type { Cause, FileCause } from "./cause.ts";
import { optionCauses } from "./option-causes.ts";
import type { State, StateFacts } from "./state.ts";

/** Files that came, went or changed, in directories too; options by symbol; headers that shadow. */
export function inputCauses(before: State, now: State, facts: StateFacts): readonly Cause[] {
  const names = [...new Set([...Object.keys(before.inputs), ...Object.keys(now.inputs)])].sort();
  const options = new Set([...(before.options?.names ?? []), ...(now.options?.names ?? [])]);
  const causes = names.flatMap((name): readonly Cause[] => {
    const [from, to] = [before.inputs[name], now.inputs[name]];
    if (from === to) return [];
    if (options.has(name)) {
      return optionCauses(name, { from, to, path: now.options?.path ?? before.options?.path });
    }
    if (isShadow(from) || isShadow(to)) {
      const change = isShadow(to) ? "new" : "gone";
      return [{ kind: "shadow", path: name, change }];
    }
    return fileCauses(name, { from, to }, facts);
  });
  return withRenames(causes);
}

/** What stands in a state for a file that would be found before the one that was. */
export const shadowText = "would be found";

function isShadow(text: string | undefined): boolean {
  return text === shadowText;
}

interface Sides {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function fileCauses(path: string, { from, to }: Sides, facts: StateFacts): readonly FileCause[] {
  const isTree = from?.endsWith("/") === true && to?.endsWith("/") === true;
  const old = isTree ? facts.filesIn(from, path) : undefined;
  const current = isTree ? facts.filesIn(to, path) : undefined;
  if (old === undefined || current === undefined) return [fileCauseOf(path, { from, to })];
  const below = [...new Set([...old.keys(), ...current.keys()])].sort();
  const causes = below.flatMap((name) => {
    const sides = { from: old.get(name), to: current.get(name) };
    if (sides.from === sides.to) return [];
    return [{ ...fileCauseOf(`${path}/${name}`, sides), within: path }];
  });
  return causes.length > 0 ? causes : [fileCauseOf(path, { from, to })];
}

function fileCauseOf(path: string, { from, to }: Sides): FileCause {
  const sides = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  return { kind: "file", path, change: changeOf(from, to), ...sides };
}

function changeOf(from: string | undefined, to: string | undefined): FileCause["change"] {
  if (from === undefined) return "new";
  if (to === undefined) return "gone";
  const [old, current] = [shapeOf(from), shapeOf(to)];
  if (old !== current) return "type";
  if (old === "link") return "target";
  return from.slice(0, 32) === to.slice(0, 32) ? "mode" : "content";
}

function shapeOf(text: string): "link" | "directory" | "file" {
  if (text.startsWith("-> ")) return "link";
  return text.endsWith("/") ? "directory" : "file";
}

/** `causes` with what went and what came as one, where the content is the same. */
function withRenames(causes: readonly Cause[]): readonly Cause[] {
  const files = causes.filter((cause) => cause.kind === "file");
  const gone = files.filter(({ change }) => change === "gone");
  const come = files.filter(({ change }) => change === "new");
  const renamed = new Map<Cause, Cause | undefined>();
  for (const old of gone) {
    const same = come.filter((one) => one.to === old.from);
    const others = gone.filter((one) => one.from === old.from);
    const [now] = same;
    if (now === undefined || same.length > 1 || others.length > 1) continue;
    renamed.set(now, { kind: "renamed", from: old.path, to: now.path });
    renamed.set(old, undefined);
  }
  return causes.flatMap((cause) => (renamed.has(cause) ? (renamed.get(cause) ?? []) : [cause]));
}
