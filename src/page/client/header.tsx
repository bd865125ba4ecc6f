import type { PageMode } from "../page-data.ts";
import type { LiveBuild, PageStore } from "./page-store.ts";
import { ask } from "./server.ts";
import { countOf, formatMs, shownStates, stateWords } from "./words.ts";

/** What the page is of, what is going on, and how to begin or end it. */
export function Header({ store }: { readonly store: PageStore }) {
  const { data, mode } = store;
  return (
    <header>
      <div class="top">
        <h1>
          <span class="muted">{data.workspace}</span> <span class="title">{data.title}</span>
        </h1>
        <Status store={store} />
        {data.isLive && <Commands mode={mode} />}
      </div>
      {store.isBuilding && <Progress store={store} />}
      {store.notes.length > 0 && (
        <section class="notes" aria-label="Messages">
          {store.notes.map(({ severity, text }, at) => (
            <pre key={at} class={severity}>
              {text}
            </pre>
          ))}
          <button type="button" onClick={() => store.dismissNotes()}>
            Dismiss
          </button>
        </section>
      )}
    </header>
  );
}

function Commands({ mode }: { readonly mode: PageMode }) {
  if (mode !== "idle") {
    return (
      <div class="commands">
        <button type="button" onClick={() => void ask("stop")}>
          {mode === "watching" ? "Stop watching" : "Stop"}
        </button>
      </div>
    );
  }
  return (
    <div class="commands">
      <button type="button" class="main" onClick={() => void ask("build")}>
        Build
      </button>
      <button type="button" title="Build after each change" onClick={() => void ask("watch")}>
        Watch
      </button>
    </div>
  );
}

function Status({ store }: { readonly store: PageStore }) {
  const { build, mode, graph, isConnected } = store;
  const end = build?.end;
  const text = !isConnected
    ? "not connected: is kraft-graph ui still running?"
    : store.isBuilding
      ? progressText(store)
      : end !== undefined
        ? `${endText(end)}${mode === "watching" ? "; watching" : ""}`
        : countOf(graph.nodes.length, "node");
  const name = !isConnected || (end && !end.ok && !end.isStopped) ? "bad" : end?.ok ? "good" : "";
  return (
    <p class={`status ${name}`} role="status">
      {text}
    </p>
  );
}

function progressText(store: PageStore): string {
  const { done, all, running } = progressOf(store);
  return all === 0 ? "planning…" : `building: ${done} of ${all}, ${running} running`;
}

function progressOf({ runs, build }: PageStore) {
  let running = 0;
  for (const { state } of runs.values()) if (state === "running") running++;
  const done = runs.size - running;
  // Actions that others yield were not planned.
  return { done, running, all: Math.max(build?.actions ?? 0, runs.size) };
}

function Progress({ store }: { readonly store: PageStore }) {
  const { done, all } = progressOf(store);
  return <progress aria-label="Build" value={done} max={Math.max(1, all)} />;
}

function endText({ ok, isStopped, wallMs, counts }: NonNullable<LiveBuild["end"]>): string {
  const word = isStopped ? "stopped" : ok ? "built" : "failed";
  const parts = describeCounts(counts) || (ok ? "nothing to do" : "");
  return `${word} in ${formatMs(wallMs)}${parts === "" ? "" : `: ${parts}`}`;
}

function describeCounts(counts: Readonly<Record<string, number | undefined>>): string {
  const parts = shownStates.flatMap((state) =>
    (counts[state] ?? 0) > 0 ? [`${counts[state]} ${stateWords[state][1]}`] : [],
  );
  return parts.join(", ");
}
