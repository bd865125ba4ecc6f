import { useState } from "preact/hooks";

import type { PageNode } from "../page-data.ts";
import type { PageStore } from "./page-store.ts";
import { StateSign } from "./state-sign.tsx";
import type { View } from "./view.ts";
import { countOf, formatMs } from "./words.ts";

/** Which nodes to list. */
export interface NodeListProps {
  readonly store: PageStore;
  readonly view: View;
  /** Places in the view; absent: nothing is searched. */
  readonly found: ReadonlySet<number> | undefined;
  readonly selected: string | undefined;
  readonly select: (id: string) => void;
}

type Order = "name" | "kind" | "package" | "time";

/** The same nodes as in the picture, for who reads rather than looks. */
export function NodeList({ store, view, found, selected, select }: NodeListProps) {
  const [order, setOrder] = useState<Order>("package");
  const [most, setMost] = useState(rowsAtOnce);
  const places = view.nodes.flatMap(({ members }, at) => ((found?.has(at) ?? true) ? members : []));
  const sorted = sortedBy(order, places, store);
  const column = (name: Order, title: string) => (
    <th
      scope="col"
      aria-sort={order === name ? (name === "time" ? "descending" : "ascending") : "none"}
    >
      <button type="button" onClick={() => setOrder(name)}>
        {title}
      </button>
    </th>
  );
  return (
    <div class="page-of-rows" tabIndex={0} role="region" aria-label="Nodes">
      <table class="nodes">
        <caption>{countOf(places.length, "node")}</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            {column("name", "Name")}
            {column("kind", "Kind")}
            {column("package", "Package")}
            {column("time", "Last took")}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most).map((place) => (
            <Row key={place} {...{ store, place, selected, select }} />
          ))}
        </tbody>
      </table>
      {sorted.length > most && (
        <button type="button" class="more" onClick={() => setMost(most + 10 * rowsAtOnce)}>
          {(sorted.length - most).toLocaleString("en")} more
        </button>
      )}
    </div>
  );
}

/** A browser takes long to lay out a table of thousands. */
const rowsAtOnce = 200;

type RowProps = Pick<NodeListProps, "store" | "selected" | "select"> & { readonly place: number };

function Row({ store, place, selected, select }: RowProps) {
  const node = store.graph.nodes[place]!;
  return (
    <tr aria-current={node.id === selected ? "true" : undefined}>
      <td>
        <StateSign state={store.stateAt(place)} />
      </td>
      <th scope="row">
        <button type="button" class="link" title={node.id} onClick={() => select(node.id)}>
          {node.name}
        </button>
      </th>
      <td>{node.kind}</td>
      <td>{node.package}</td>
      <td class="number">{node.lastMs === undefined ? "" : formatMs(node.lastMs)}</td>
    </tr>
  );
}

function sortedBy(order: Order, places: readonly number[], { graph }: PageStore): number[] {
  const keyOf = (node: PageNode): string => {
    if (order === "name") return node.name;
    return order === "kind" ? `${node.kind} ${node.name}` : `${node.package} ${node.id}`;
  };
  const nodes = places.map((place) => ({
    place,
    node: graph.nodes[place]!,
    key: keyOf(graph.nodes[place]!),
  }));
  const byKey = (a: { key: string }, b: { key: string }): number =>
    a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  nodes.sort((a, b) =>
    order === "time" ? (b.node.lastMs ?? 0) - (a.node.lastMs ?? 0) || byKey(a, b) : byKey(a, b),
  );
  return nodes.map(({ place }) => place);
}
