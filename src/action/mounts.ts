// Paths as an action sees them. Knows no disk.

import type { Action, ExecPath } from "./action.ts";

/** Translates between the paths of the graph and those that an action sees. */
export interface Mounts {
  /** What the action sees for the path `path` of the graph. */
  readonly inside: (path: ExecPath) => ExecPath;
  /** The path of the graph behind what the action sees at `path`. */
  readonly outside: (path: ExecPath) => ExecPath;
}

/** The translation for `action`. Of several mounts that fit a path, the deepest counts. */
export function mountsOf({ mounts }: Pick<Action, "mounts">): Mounts {
  if (mounts === undefined) return plain;
  let known = translations.get(mounts);
  if (known === undefined) {
    const pairs = Object.entries(mounts);
    const inward = deepestFirst(pairs);
    const outward = deepestFirst(pairs.map(([from, to]) => [to, from]));
    known = {
      inside: (path) => replaced(path, inward),
      outside: (path) => replaced(path, outward),
    };
    translations.set(mounts, known);
  }
  return known;
}

/** Actions of a target share their mounts, and ask for each of thousands of files. */
const translations = new WeakMap<object, Mounts>();

const plain: Mounts = { inside: (path) => path, outside: (path) => path };

type Pairs = readonly (readonly [from: ExecPath, to: ExecPath])[];

function deepestFirst(pairs: Pairs): Pairs {
  return pairs.toSorted(([a], [b]) => b.length - a.length);
}

function replaced(path: ExecPath, pairs: Pairs): ExecPath {
  if (path.startsWith("/")) return path;
  for (const [from, to] of pairs) {
    if (path === from) return to;
    const below = from === "." ? path : path.startsWith(`${from}/`) && path.slice(from.length + 1);
    if (below !== false) return to === "." ? below : `${to}/${below}`;
  }
  return path;
}
