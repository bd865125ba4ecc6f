// Of the actions that one yields, those that can be taken as a whole, and the key of all of them.

import { type Action, actionId, type ExecPath, type FetchAction } from "../action/action.ts";
import { identityOf, isPinned } from "../action/remote-source.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { ActionGraph } from "./action-graph.ts";
import { compileScheme } from "./compiler.ts";
import { type Inputs, InputProblem } from "./inputs.ts";
import { pinnedAction, type LockBook } from "./lock-book.ts";
import { toolsOf } from "./state-of.ts";
import type { Toolchain } from "./toolchain.ts";

/** What an action has yielded, which the graph has taken in. */
export interface Yielding {
  readonly yielder: Action;
  /** Of the list as text. */
  readonly list: Digest;
  readonly yielded: readonly Action[];
  readonly graph: Pick<ActionGraph, "makerOf">;
}

/** What decides about results besides actions. */
export interface SubBuildContext {
  readonly inputs: Inputs;
  readonly toolchain: Pick<Toolchain, "identities">;
  readonly book: Pick<LockBook, "pinned">;
  /** See `KeySource`. */
  readonly scope?: string | undefined;
}

/**
 * Those of the yielded actions whose results follow from sources, pins, and what was done before
 * they were yielded. Fetches are not among them, as what they give is to be here in any case.
 */
export function membersOf(
  { yielder, yielded, graph }: Yielding,
  { book }: Pick<SubBuildContext, "book">,
): readonly Action[] {
  const own = new Set(yielded.map(actionId));
  const before = madeBefore(yielder, graph);
  const dependents = new Map<ExecPath, Action[]>();
  const excluded = yielded.filter((action) => !isDetermined(action, book));
  for (const action of yielded) {
    for (const input of action.inputs) {
      const maker = graph.makerOf(input);
      const id = maker && actionId(maker);
      if (id === undefined ? input.startsWith(`${outputRoot}/`) : !own.has(id) && !before.has(id)) {
        excluded.push(action); // Nobody can tell when it will be there.
      } else if (id !== undefined && own.has(id)) {
        const known = dependents.get(id);
        if (known === undefined) dependents.set(id, [action]);
        else known.push(action);
      }
    }
  }
  const out = new Set<ExecPath>();
  for (const action of excluded) {
    const id = actionId(action);
    if (out.has(id)) continue;
    out.add(id);
    excluded.push(...(dependents.get(id) ?? [])); // The loop goes on to these too.
  }
  return yielded.filter((action) => action.kind !== "fetch" && !out.has(actionId(action)));
}

/** The actions that `action` comes from, and itself. */
function madeBefore(action: Action, graph: Pick<ActionGraph, "makerOf">): ReadonlySet<ExecPath> {
  const before = new Set<ExecPath>();
  const pending = [action];
  for (const next of pending) {
    if (before.has(actionId(next))) continue;
    before.add(actionId(next));
    for (const input of next.inputs) {
      const maker = graph.makerOf(input);
      if (maker !== undefined) pending.push(maker); // The loop goes on to these too.
    }
  }
  return before;
}

/** Whether what `action` gives depends on nothing but what it names. */
function isDetermined(action: Action, book: Pick<LockBook, "pinned">): boolean {
  if (action.yields !== undefined) return false;
  switch (action.kind) {
    case "fetch":
      return isPinned(pinnedAction(action, book).source);
    case "command":
      return action.network !== true && action.root === undefined && action.build === undefined;
    default:
      return true;
  }
}

/**
 * The key of all `members`: of the list they are in, and all that it may lead them to read, but
 * files of the machine. Undefined when some of that is not there, or lies elsewhere.
 */
export function keyOfSubBuild(
  { yielder, list, yielded, graph }: Yielding,
  members: readonly Action[],
  context: SubBuildContext,
): Digest | undefined {
  const { toolchain, book, scope } = context;
  const own = new Set(yielded.map(actionId));
  const isOwn = (path: ExecPath): boolean => {
    const maker = graph.makerOf(path);
    return maker !== undefined && own.has(actionId(maker));
  };
  const leaves = leavesOf(members, isOwn, context.inputs);
  if (leaves === undefined) return undefined;
  const tools = [...new Set(members.flatMap(toolsOf))].sort();
  const fetches = yielded.filter((action): action is FetchAction => action.kind === "fetch");
  const parts = [
    scheme,
    compileScheme,
    scope ?? null,
    actionId(yielder),
    list,
    fetches.map((action) => identityOf(pinnedAction(action, book).source)),
    // Of a command, the time that is set for all of the build is not in the list.
    [
      ...new Set(
        members.flatMap(({ kind, ...rest }) =>
          "env" in rest ? [kind + JSON.stringify(rest.env)] : [],
        ),
      ),
    ],
    tools.map((name) => [name, toolchain.identities.get(name) ?? null]),
    leaves,
  ];
  return digestOf(JSON.stringify(parts));
}

/** Raised when what is stored under the old keys is no longer good. */
const scheme = "sub-build 1";

/** All that `members` may read and do not make themselves, as text, each once. */
function leavesOf(
  members: readonly Action[],
  isOwn: (path: ExecPath) => boolean,
  inputs: Inputs,
): readonly string[] | undefined {
  const leaves = new Map<string, string>();
  const owned = new Map<ExecPath, boolean>();
  try {
    for (const action of members) {
      for (const path of action.inputs) {
        const isMade = owned.get(path) ?? isOwn(path);
        owned.set(path, isMade);
        if (isMade) continue;
        const hidden = action.without?.[path] ?? [];
        const name = JSON.stringify([path, hidden, action.modesOf?.includes(path) === true]);
        if (leaves.has(name)) continue;
        const { node } = inputs.at(path, action);
        if (node.kind === "tree" && !inputs.isClosed(node)) return undefined;
        if (node.kind === "symlink") return undefined;
        leaves.set(name, JSON.stringify(node));
      }
    }
  } catch (error) {
    if (error instanceof InputProblem) return undefined; // Whoever needs it tells of it.
    throw error;
  }
  return [...leaves].map(([name, node]) => `${name} ${node}`).sort();
}
