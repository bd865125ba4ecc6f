import { resolve } from "node:path";

import type { BuildEvent, Listen } from "../engine/event.ts";
import { newTerminalReport, type TerminalOptions } from "../report/terminal.ts";
import type { KraftContext } from "./context.ts";
import { githubFilesOf } from "./github-files.ts";
import type { ColorChoice } from "./report-options.ts";

/** How often the lines that show progress are drawn anew, in milliseconds. */
const tickMs = 200;

/** What of a build is told, and where. */
export interface ReportingOptions {
  readonly context: KraftContext;
  /** A file for lines of JSON; `-` is the standard output. */
  readonly events: string | undefined;
  readonly explain: boolean;
  /** A file for a trace; absent: none. */
  readonly profile?: string | undefined;
  readonly isQuiet?: boolean;
  readonly isVerbose?: boolean;
  readonly color?: ColorChoice | undefined;
}

/** What `use` gives, with a listener that tells the user, and the files that were asked for. */
export async function withReporting<T>(
  options: ReportingOptions,
  use: (listen: Listen) => Promise<T>,
): Promise<T> {
  const { context, events, profile } = options;
  const terminal = newTerminalReport(terminalOptionsOf(options));
  const sinks = events === undefined ? [] : [await openEvents(events, context)];
  if (profile !== undefined) {
    const { openProfile } = await import("../report/profile.ts");
    sinks.push(openProfile(resolve(context.host.workingDirectory, profile), context.host.now));
  }
  const timer = setInterval(() => terminal.tick(), tickMs);
  try {
    return await use((event: BuildEvent) => {
      terminal.listen(event);
      for (const sink of sinks) sink.listen(event);
    });
  } finally {
    clearInterval(timer);
    terminal.close();
    for (const sink of sinks) sink.close();
  }
}

function terminalOptionsOf(options: ReportingOptions): TerminalOptions {
  const { context, explain, isQuiet = false, isVerbose = false, color = "auto" } = options;
  const { host, stderr, screen, hasColor } = context;
  const githubFile = githubFilesOf(host);
  return {
    write: (text) => void stderr.write(text),
    screen,
    hasColor: color === "auto" ? hasColor : color === "always",
    detail: isQuiet ? "quiet" : isVerbose ? "verbose" : "normal",
    explains: explain,
    ...(githubFile !== undefined && { githubFile }),
    now: host.now,
  };
}

async function openEvents(path: string, { stdout }: KraftContext) {
  const { openEventFile, streamEvents } = await import("../report/event-file.ts");
  return path === "-" ? streamEvents((text) => void stdout.write(text)) : openEventFile(path);
}
