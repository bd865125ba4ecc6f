// Actions without a build: those of the targets, and what they yielded when they last ran.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import { parseYielded } from "../action/yielded.ts";
import type { Label } from "../label/label.ts";
import type { Cas } from "../store/cas.ts";
import { ActionGraph } from "./action-graph.ts";
import type { Records } from "./records.ts";

/** What is known of actions before anything is built. */
export interface KnownActions {
  readonly graph: ActionGraph;
  /** Targets that come to further actions, of which nothing is known until they are built. */
  readonly unknownOf: readonly Label[];
}

/** `actions`, and as far as `records` and `cas` still tell, those that they yield. */
export function knownActions(
  actions: readonly Action[],
  { records, cas }: { readonly records: Records; readonly cas: Pick<Cas, "read"> },
): KnownActions {
  const graph = new ActionGraph(actions, { durationOf: () => 0 });
  const unknownOf = new Set<Label>();
  const pending = [...actions];
  for (const action of pending) {
    if (action.yields === undefined) continue;
    const yielded = lastYieldedBy(action, action.yields, { records, cas });
    if (yielded === undefined || "problem" in graph.grow(yielded)) unknownOf.add(action.owner);
    else pending.push(...yielded); // The loop goes on to these too.
  }
  return { graph, unknownOf: [...unknownOf].sort() };
}

function lastYieldedBy(
  action: Action,
  path: ExecPath,
  { records, cas }: { readonly records: Records; readonly cas: Pick<Cas, "read"> },
): readonly Action[] | undefined {
  const [, node] = records.of(actionId(action))?.outputs.find(([at]) => at === path) ?? [];
  const text = node?.kind === "file" ? cas.read(node.digest)?.toString() : undefined;
  const yielded = text === undefined ? undefined : parseYielded(text, action.owner);
  return yielded === undefined || "problem" in yielded ? undefined : yielded;
}

/** Whether it is not known what `action` reads: it never ran here, or its result came as one of many. */
export function hasUnknownReads(action: Action, records: Records): boolean {
  return action.kind === "compile" && records.of(actionId(action))?.reads === undefined;
}

/** Paths of the graph that `action` read when it last ran; where that is not known, its inputs. */
export function inputsOf(action: Action, records: Records): readonly ExecPath[] {
  const reads = action.kind === "compile" ? records.of(actionId(action))?.reads : undefined;
  const { outside } = mountsOf(action);
  // What the machine itself has is named by no path of the graph.
  return reads?.files.filter((file) => !file.startsWith("/")).map(outside) ?? action.inputs;
}
