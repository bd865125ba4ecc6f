// One open page: its graph, the build that it started, and who listens. Knows no socket.

import { type FSWatcher, mkdirSync, watch } from "node:fs";

import { renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { build, type BuildRequest } from "../engine/build.ts";
import { newDiagnosticLog } from "../engine/diagnostic-log.ts";
import type { BuildEvent } from "../engine/event.ts";
import { journalDirectoryOf } from "../engine/journaling.ts";
import { watchTargets } from "../engine/watch.ts";
import { BuildFeed } from "./build-feed.ts";
import { openGraph, type OpenedPage } from "./open-graph.ts";
import type { PageDetail, PageMode } from "./page-data.ts";

/** A page that is served. */
export class PageSession {
  readonly #request: BuildRequest;
  readonly feed: BuildFeed;
  #opened: OpenedPage | undefined;
  #opening: Promise<OpenedPage | undefined> | undefined;
  /** Ends what runs; undefined while nothing does. */
  #running: AbortController | undefined;
  #ended: Promise<void> = Promise.resolve();
  #journals: FSWatcher | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** What `request` builds is what the page shows. */
  constructor(request: BuildRequest) {
    this.#request = request;
    this.feed = new BuildFeed(request.host.now);
  }

  /** The graph as it is, with the last builds; undefined when there is none that can be shown. */
  page(): Promise<OpenedPage | undefined> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Of a node that the page has. */
  async detailOf(id: string): Promise<PageDetail | undefined> {
    return (await this.page())?.detailOf(id);
  }

  /** Builds once, or again and again; false when something runs already. */
  start(mode: Exclude<PageMode, "idle">): boolean {
    if (this.#running !== undefined) return false;
    const running = new AbortController();
    this.#running = running;
    this.feed.tell({ kind: "mode", mode });
    this.#ended = this.#run(mode, running.signal).finally(() => {
      this.#running = undefined;
      this.feed.tell({ kind: "mode", mode: "idle" });
    });
    return true;
  }

  /** Ends what runs, if anything does. */
  stop(): void {
    this.#running?.abort();
  }

  /** Ends all that runs, and waits for it. */
  async close(): Promise<void> {
    this.#journals?.close();
    clearTimeout(this.#settling);
    this.stop();
    await this.#ended;
  }

  async #run(mode: PageMode, signal: AbortSignal): Promise<void> {
    const listen = (event: BuildEvent): void => {
      this.#request.listen(event);
      this.feed.take(event);
      if (event.kind === "finished") this.#renew();
    };
    const request = { ...this.#request, listen, signal };
    try {
      if (mode === "building") await build(request);
      else await watchTargets(request);
    } catch (error) {
      // The page stays: whatever it was, the next build may do without.
      const text = error instanceof Error ? error.message : String(error);
      this.feed.tell({ kind: "note", severity: "error", text });
    }
  }

  /** What is known of the graph and its builds may be another. */
  #renew(): void {
    this.#opening = undefined;
    this.feed.tell({ kind: "changed" });
  }

  async #open(): Promise<OpenedPage | undefined> {
    const { host, choice } = this.#request;
    const log = newDiagnosticLog((event) => {
      if (event.kind !== "diagnostic") return;
      const text = renderDiagnostic(event.diagnostic);
      const severity = event.diagnostic.severity === "error" ? "error" : "note";
      this.feed.tell({ kind: "note", severity, text });
    });
    const { report } = log;
    const opened = await openGraph({ repository: this.#request, choice, host, report });
    log.tell();
    // A file with a mistake, while it is edited, is no reason to take away what was seen.
    this.#opened = opened ?? this.#opened;
    if (opened !== undefined) this.#follow(opened.root);
    return this.#opened;
  }

  /** Hears of builds that are started elsewhere, such as by `watch` in a terminal. */
  #follow(root: string): void {
    if (this.#journals !== undefined) return;
    const directory = journalDirectoryOf(root);
    try {
      mkdirSync(directory, { recursive: true });
      this.#journals = watch(directory, () => {
        if (this.#running !== undefined) return;
        clearTimeout(this.#settling);
        // A build writes its lines in several goes.
        this.#settling = setTimeout(() => this.#renew(), settleMs);
      });
      this.#journals.on("error", () => this.#journals?.close());
    } catch {
      // Then builds of others are seen when the page is loaded again.
    }
  }
}

const settleMs = 150;
