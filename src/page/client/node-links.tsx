import { useState } from "preact/hooks";

import type { PageStore } from "./page-store.ts";
import { StateSign } from "./state-sign.tsx";
import { badgeOf } from "./view.ts";

interface Linking {
  readonly title: string;
  readonly store: PageStore;
  readonly select: (id: string) => void;
}

/** Nodes that one is joined to, each as a button that leads there. */
export function NodeLinks({
  title,
  places,
  store,
  select,
}: Linking & { readonly places: readonly number[] }) {
  const [shown, more] = useMore(places);
  if (places.length === 0) return null;
  return (
    <section>
      <h3>
        {title} <span class="muted">{places.length}</span>
      </h3>
      <ul class="links">
        {shown.map((place) => {
          const node = store.graph.nodes[place]!;
          return (
            <li key={node.id}>
              <button type="button" class="link" title={node.id} onClick={() => select(node.id)}>
                <StateSign state={store.stateAt(place)} />{" "}
                <span class="badge">{badgeOf(node)}</span> <span class="path">{node.name}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {more}
    </section>
  );
}

/** Paths, of which those that are nodes lead there. */
export function PathList({
  title,
  paths = [],
  store,
  select,
}: Linking & { readonly paths?: readonly string[] | undefined }) {
  const [shown, more] = useMore(paths);
  if (paths.length === 0) return null;
  return (
    <section>
      <h3>
        {title} <span class="muted">{paths.length}</span>
      </h3>
      <ul class="paths">
        {shown.map((path) => (
          <li key={path}>
            {store.graph.placeOf.has(path) ? (
              <button type="button" class="link" onClick={() => select(path)}>
                {path}
              </button>
            ) : (
              path
            )}
          </li>
        ))}
      </ul>
      {more}
    </section>
  );
}

/** The first of `all`, and a button for the rest. */
function useMore<T>(all: readonly T[]) {
  const [most, setMost] = useState(firstShown);
  const rest = all.length - most;
  const button =
    rest > 0 ? (
      <button type="button" class="more" onClick={() => setMost(most * 10)}>
        {rest.toLocaleString("en")} more
      </button>
    ) : null;
  return [all.slice(0, most), button] as const;
}

const firstShown = 12;
