// Events in words. Knows no stream.

import type {
  AboutAction,
  ActionCounts,
  ActionFailure,
  ActionFinished,
  ActionOutcome,
  RemoteUse,
  SourcesChanged,
  Watching,
} from "../engine/event.ts";

/** An action in a few words, such as `CC examples/hello/main.c`. */
export function describeAction({ mnemonic, subject }: AboutAction): string {
  return `${mnemonic} ${subject}`;
}

/** All that users need to look into a failure; `error` is that word, as it is to be shown. */
export function describeFailure(
  action: AboutAction,
  failure: ActionFailure,
  error: string,
): string {
  const { message, code, lastLines, logFile, repeatCommand, reasons } = failure;
  const shown = reasons.slice(0, maxReasons);
  const rest = reasons.length - shown.length;
  return [
    `${error}${code === undefined ? "" : `[${code}]`}: ${action.owner}: ${describeAction(action)}: ${message}`,
    ...lastLines.split("\n").flatMap((line) => (line === "" ? [] : [`  | ${line}`])),
    ...shown.map((reason) => `  it ran because ${reason}`),
    ...(rest > 0 ? [`  and for ${rest} more reasons`] : []),
    ...(logFile === undefined ? [] : [`  all it printed: ${logFile}`]),
    ...(repeatCommand === undefined ? [] : [`  to repeat it:   ${repeatCommand}`]),
  ].join("\n");
}

/** `12 actions: 10 up to date, 2 run`. */
export function describeCounts(counts: ActionCounts): string {
  const outcomes = Object.entries(words) as [ActionOutcome, string][];
  const total = outcomes.reduce((sum, [outcome]) => sum + counts[outcome], 0);
  const parts = outcomes.flatMap(([outcome, word]) =>
    counts[outcome] === 0 ? [] : [`${counts[outcome]} ${word}`],
  );
  const noun = total === 1 ? "action" : "actions";
  return parts.length === 0 ? `no ${noun}` : `${total} ${noun}: ${parts.join(", ")}`;
}

/**
 * `12 s of work saved`, `1.2 MB received`, `3.0 kB sent`, and results that others have not got; none
 * of what is nothing.
 */
export function describeRemote(remote: RemoteUse | undefined): string[] {
  if (remote === undefined) return [];
  const { receivedBytes, sentBytes, failed, executed = 0, savedMs } = remote;
  return [
    ...(executed === 0 ? [] : [`${executed} of them elsewhere`]),
    ...(savedMs < 50 ? [] : [`${formatDuration(savedMs)} of work saved`]),
    ...(receivedBytes === 0 ? [] : [`${formatBytes(receivedBytes)} received`]),
    ...(sentBytes === 0 ? [] : [`${formatBytes(sentBytes)} sent`]),
    ...(failed === 0 ? [] : [`${failed} ${failed === 1 ? "result" : "results"} not given`]),
  ];
}

/** `17 B`, `3.0 kB`, `1.2 MB`, `2.5 GB`. */
function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_950) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 999_950_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `1.2 s`, or where a result was from. */
export function describeOutcome({ outcome, wallMs }: ActionFinished): string {
  return outcome === "executed" ? formatDuration(wallMs) : words[outcome];
}

/** `app/main.c`, `app/main.c and 3 more`, or that nobody can tell. */
export function describeChange({ paths, count }: SourcesChanged): string {
  const [first] = paths;
  if (first === undefined || count === undefined) return "something changed";
  return count === 1 ? first : `${first} and ${count - 1} more`;
}

/** `watching 12 paths in 3 directories; Ctrl-C ends it`. */
export function describeWatching({ paths, directories }: Watching): string {
  const place = directories === 1 ? "1 directory" : `${directories} directories`;
  return `watching ${paths === 1 ? "1 path" : `${paths} paths`} in ${place}; Ctrl-C ends it`;
}

/** `0.2 s`, `12 s`, `3 min 5 s`, `2 h 3 min`. */
export function formatDuration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `512 B`, `3.1 MiB`, `40 MiB`. */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let power = 0;
  while (power < units.length - 1 && bytes >= 1024 ** (power + 1)) power++;
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 9.95 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}

const maxReasons = 5;

const words: Readonly<Record<ActionOutcome, string>> = {
  upToDate: "up to date",
  localHit: "from the local cache",
  remoteHit: "from the remote cache",
  executed: "run",
  failed: "failed",
  skipped: "skipped",
};
