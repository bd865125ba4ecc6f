// The server behind the page, or the data in the page's own file.

import type { PageChange, PageData, PageDetail } from "../page-data.ts";
import type { PageStore } from "./page-store.ts";

/** The data that the page begins with. */
export async function loadData(): Promise<PageData> {
  const packed = document.getElementById("data")?.textContent;
  if (packed === undefined || packed === null) return fetchJson<PageData>("data");
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).json()) as PageData; // Ours.
}

/** What is told of the node `id`; undefined when nothing is. */
export async function loadDetail(data: PageData, id: string): Promise<PageDetail | undefined> {
  if (!data.isLive) return data.details?.[id];
  return fetchJson<PageDetail>(`detail?id=${encodeURIComponent(id)}`).catch(() => undefined);
}

async function fetchJson<T>(path: string): Promise<T> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T; // The server is of the same version.
}

/** Tells `store` what happens, for as long as the page is open. */
export function follow(store: PageStore): void {
  const events = new EventSource("events");
  events.onopen = () => store.connect(true);
  events.onerror = () => store.connect(false);
  events.onmessage = ({ data }: MessageEvent<string>) => {
    const changes = JSON.parse(data) as PageChange[];
    store.take(changes);
    if (changes.some(({ kind }) => kind === "changed")) void reload(store);
  };
}

async function reload(store: PageStore): Promise<void> {
  try {
    store.replace(await fetchJson<PageData>("data"));
  } catch {
    // What was known stays; the stream tells when the server is there again.
  }
}

/** Asks the server to do something. */
export async function ask(what: "build" | "watch" | "stop"): Promise<void> {
  await fetch(what, { method: "POST" }).catch(() => undefined);
}
