// What a server says of itself: lines for Prometheus, and JSON. Sends nothing.

import type { CacheEvent, CachePart, Traffic } from "./traffic.ts";

/** What is known of a server just now. */
export interface ServerState {
  readonly traffic: Traffic;
  readonly version: string;
  /** On disk; undefined before anybody counted. */
  readonly sizeBytes: number | undefined;
  readonly maxSizeBytes: number;
  readonly isReadOnly: boolean;
  readonly upMs: number;
}

const parts: readonly CachePart[] = ["action-cache", "cas"];
const events: readonly CacheEvent[] = ["hits", "misses", "writes"];

/** The text of `/metrics`. Source: Prometheus, "Exposition formats", version 0.0.4. */
export function metricsText(state: ServerState): string {
  const { traffic, sizeBytes, maxSizeBytes, version, upMs } = state;
  const counters = parts.flatMap((part) =>
    events.map((event) => `{part="${part}",event="${event}"} ${traffic.countOf(part, event)}`),
  );
  const requests = traffic
    .requests()
    .map(({ method, status, count }) => `{method="${method}",status="${status}"} ${count}`);
  return [
    ...metric("kraft_cache_info", "gauge", "The program that serves.", [
      `{version="${version}"} 1`,
    ]),
    ...metric("kraft_cache_up_seconds", "gauge", "How long it serves.", [` ${upMs / 1000}`]),
    ...metric("kraft_cache_size_bytes", "gauge", "What the store holds, on disk.", [
      ` ${sizeBytes ?? "NaN"}`,
    ]),
    ...metric("kraft_cache_max_size_bytes", "gauge", "What it may hold.", [` ${maxSizeBytes}`]),
    ...metric("kraft_cache_events_total", "counter", "Hits, misses and writes.", counters),
    ...metric("kraft_cache_received_bytes_total", "counter", "Bytes of blobs taken in.", [
      ` ${traffic.receivedBytes}`,
    ]),
    ...metric("kraft_cache_sent_bytes_total", "counter", "Bytes of blobs given.", [
      ` ${traffic.sentBytes}`,
    ]),
    ...metric("kraft_cache_requests_total", "counter", "Requests by method and status.", requests),
    "",
  ].join("\n");
}

function metric(
  name: string,
  type: "counter" | "gauge",
  help: string,
  samples: readonly string[],
): string[] {
  const lines = samples.map((sample) => `${name}${sample}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

/** The text of `/status`. */
export function statusText(state: ServerState): string {
  const { traffic, sizeBytes, maxSizeBytes, version, isReadOnly, upMs } = state;
  const countsOf = (part: CachePart) =>
    Object.fromEntries(events.map((event) => [event, traffic.countOf(part, event)]));
  const status = {
    version,
    readOnly: isReadOnly,
    upSeconds: Math.round(upMs / 1000),
    sizeBytes,
    maxSizeBytes,
    actionCache: countsOf("action-cache"),
    cas: countsOf("cas"),
    receivedBytes: traffic.receivedBytes,
    sentBytes: traffic.sentBytes,
  };
  return `${JSON.stringify(status, undefined, 2)}\n`;
}
