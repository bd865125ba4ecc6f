import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";

import type { PageState } from "../page-data.ts";
import { hiddenAtFirst } from "./kinds.ts";
import { type PageStore, worstOf } from "./page-store.ts";
import { searchIn } from "./search.ts";
import { packageId, type View, viewOf } from "./view.ts";

/** What the user looks at, and ways to look at something else. */
export type Looking = ReturnType<typeof useLooking>;

/** State of the page that is nobody's but this user's. */
export function useLooking(store: PageStore) {
  const { graph } = store;
  const [selected, select] = useState<string>();
  const [focus, setFocus] = useState<string>();
  const [words, setWords] = useState("");
  const [isCollapsed, setCollapsed] = useState(() => graph.nodes.length > readableNodes);
  const [hiddenKinds, setHiddenKinds] = useState(() => hiddenAtFirst(graph));
  const view = useMemo(
    () => viewOf(graph, { hiddenKinds, isCollapsed, focus }),
    [graph, hiddenKinds, isCollapsed, focus],
  );
  const results = useMemo(() => searchIn(graph, words), [graph, words]);

  return {
    selected,
    select,
    focus,
    words,
    setWords,
    isCollapsed,
    setCollapsed,
    hiddenKinds,
    setHiddenKinds,
    view,
    results,
    /** What the search found in the view; undefined when nothing is searched. */
    found: words.trim() === "" ? undefined : foundIn(view, results),
    /** What is selected, as the view has it. */
    selectedBox: selected !== undefined && isCollapsed ? packageOf(store, selected) : selected,
    /** Selects a node, whatever hides it. */
    reveal: (id: string): void => {
      const node = graph.nodes[graph.placeOf.get(id) ?? -1];
      if (node !== undefined && !view.placeOf.has(id)) {
        setHiddenKinds(new Set([...hiddenKinds].filter((kind) => kind !== node.kind)));
        setFocus(undefined);
        setCollapsed(false);
      }
      select(id);
    },
    /** Shows the cone of a node alone; of a package, what is in it. */
    enter: (id: string): void => {
      if (graph.placeOf.has(id)) setFocus(id);
      else setCollapsed(false);
      select(id);
    },
    /** Takes back the last of what was chosen. */
    leave: (): void => {
      if (focus !== undefined) setFocus(undefined);
      else select(undefined);
    },
  };
}

/** With more than that a first look at packages says more. */
const readableNodes = 8000;

/** Renders again whenever `store` knows something new, at most once a frame. */
export function useStore(store: PageStore): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let frame = 0;
    const unsubscribe = store.subscribe(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        render(undefined);
      });
    });
    return () => {
      unsubscribe();
      cancelAnimationFrame(frame);
    };
  }, [store]);
}

/** A field that `/` leads to from anywhere. */
export function useSlash() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement && event.target.type === "text";
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  return field;
}

/** What became of each box of `view`. */
export function statesOf({ nodes }: View, store: PageStore): PageState[] {
  return nodes.map(({ members }) =>
    members.length === 1
      ? store.stateAt(members[0]!)
      : worstOf(members.map((place) => store.stateAt(place))),
  );
}

function foundIn(view: View, results: readonly number[]): ReadonlySet<number> {
  const found = new Set(results);
  const places = [...view.nodes.keys()];
  return new Set(places.filter((at) => view.nodes[at]!.members.some((one) => found.has(one))));
}

function packageOf({ graph }: PageStore, id: string): string {
  const node = graph.nodes[graph.placeOf.get(id) ?? -1];
  return node === undefined ? id : packageId(node.package);
}
