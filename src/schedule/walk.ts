// The order in which nodes can run, what of it is wanted, and how urgent it is. Starts nothing.

import type { Vertex } from "./vertex.ts";

/** What a walk found. */
export type Walk =
  | { readonly kind: "order"; readonly order: readonly Vertex[] }
  | { readonly kind: "cycle"; readonly ids: readonly string[] };

/**
 * `starts` and all that they need and is not done, each after what it needs. A done node needs
 * only done ones, so that a late addition to a large plan walks only what is still to come.
 */
export function needsFirst(starts: readonly Vertex[]): Walk {
  const order: Vertex[] = [];
  const seen = new Map<Vertex, "open" | "closed">();
  for (const start of starts) {
    if (seen.has(start) || start.state === "done") continue;
    const path: { vertex: Vertex; next: number }[] = [{ vertex: start, next: 0 }];
    seen.set(start, "open");
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = top.vertex.needs[top.next++];
      if (need === undefined) {
        seen.set(top.vertex, "closed");
        order.push(top.vertex);
        path.pop();
      } else if (seen.get(need) === "open") {
        const ids = path.map(({ vertex }) => vertex.id);
        return { kind: "cycle", ids: ids.slice(ids.indexOf(need.id)) };
      } else if (need.state !== "done" && !seen.has(need)) {
        seen.set(need, "open");
        path.push({ vertex: need, next: 0 });
      }
    }
  }
  return { kind: "order", order };
}

/** Marks what is wanted from now on, and counts what each of it waits for. */
export function want(
  order: readonly Vertex[],
  goals: readonly Vertex[],
  ends: readonly { from: Vertex; to: Vertex }[],
): Vertex[] {
  const marked = new Set(goals);
  for (const { from, to } of ends) {
    if (from.isWanted && from.state === "waiting") {
      marked.add(to);
      depend(from, to);
    }
  }
  const wanted: Vertex[] = [];
  for (let i = order.length - 1; i >= 0; i--) {
    const vertex = order[i]!;
    if (!marked.has(vertex) || vertex.isWanted) continue;
    vertex.isWanted = true;
    wanted.push(vertex);
    for (const need of vertex.needs) {
      marked.add(need);
      depend(vertex, need);
    }
  }
  return wanted;
}

function depend(vertex: Vertex, need: Vertex): void {
  if (need.state === "done") return;
  vertex.unmet++;
  need.dependents.push(vertex);
}

/** Sets `pathMs` anew along `order`; gives those on which it changed. */
export function measure(order: readonly Vertex[]): Vertex[] {
  const moved: Vertex[] = [];
  for (let i = order.length - 1; i >= 0; i--) {
    const vertex = order[i]!;
    let longest = 0;
    for (const { pathMs } of vertex.dependents) if (pathMs > longest) longest = pathMs;
    if (vertex.pathMs === vertex.ownMs + longest) continue;
    vertex.pathMs = vertex.ownMs + longest;
    moved.push(vertex);
  }
  return moved;
}
