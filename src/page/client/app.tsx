import { useState } from "preact/hooks";

import { BuildsTable } from "./builds-table.tsx";
import { DetailPanel } from "./detail-panel.tsx";
import { GraphCanvas } from "./graph-canvas.tsx";
import { Header } from "./header.tsx";
import { NodeList } from "./node-list.tsx";
import { type Looking, statesOf, useLooking, useSlash, useStore } from "./page-state.ts";
import type { PageStore } from "./page-store.ts";
import { SearchBox } from "./search-box.tsx";
import { type TabName, Tabs } from "./tabs.tsx";
import { Timeline } from "./timeline.tsx";
import { Toolbar } from "./toolbar.tsx";

/** The whole page. */
export function App({ store }: { readonly store: PageStore }) {
  useStore(store);
  const [tab, setTab] = useState<TabName>("Graph");
  const looking = useLooking(store);
  const search = useSlash();
  const { selected, reveal } = looking;
  return (
    <div class="app">
      <Header store={store} />
      <section class="bar" aria-label="Search and filters">
        <SearchBox {...looking} input={search} store={store} choose={reveal} />
        <Toolbar {...looking} graph={store.graph} />
      </section>
      <nav aria-label="Views">
        <Tabs current={tab} choose={setTab} />
      </nav>
      <div class="work">
        <main>
          <div id="view" role="tabpanel" aria-labelledby={`tab-${tab}`}>
            <Middle {...{ tab, store, looking }} />
          </div>
        </main>
        {selected !== undefined && (
          <DetailPanel
            key={selected}
            {...{ store, selected, isFocused: looking.focus === selected }}
            select={reveal}
            focus={looking.enter}
            close={() => looking.select(undefined)}
          />
        )}
      </div>
    </div>
  );
}

interface MiddleProps {
  readonly tab: TabName;
  readonly store: PageStore;
  readonly looking: Looking;
}

function Middle({ tab, store, looking }: MiddleProps) {
  const { view, found, selected, select, enter, leave, reveal } = looking;
  switch (tab) {
    case "Graph":
      return (
        <GraphCanvas
          {...{ view, found, select, leave }}
          states={statesOf(view, store)}
          selected={looking.selectedBox}
          focus={enter}
        />
      );
    case "Nodes":
      return <NodeList {...{ store, view, found, selected }} select={reveal} />;
    case "Timeline":
      return <Timeline {...{ store, selected }} select={reveal} />;
    case "Builds":
      return <BuildsTable builds={store.data.builds} />;
  }
}
