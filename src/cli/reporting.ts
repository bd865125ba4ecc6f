import type { Listen } from "../engine/event.ts";
import type { KraftContext } from "./context.ts";

/** How often the line that shows progress is drawn anew, in milliseconds. */
const tickMs = 200;

/** What of a build is told, and where. */
export interface ReportingOptions {
  readonly context: KraftContext;
  /** A file for lines of JSON; `-` is the standard output. */
  readonly events: string | undefined;
  readonly explain: boolean;
}

/** What `use` gives, with a listener that tells the user, and the file for events if there is one. */
export async function withReporting<T>(
  { context, events, explain }: ReportingOptions,
  use: (listen: Listen) => Promise<T>,
): Promise<T> {
  const { host, stderr, columns, hasColor } = context;
  const { newTerminalReport } = await import("../report/terminal.ts");
  const terminal = newTerminalReport({
    write: (text) => void stderr.write(text),
    columns,
    hasColor,
    explains: explain,
    now: host.now,
  });
  const file = events === undefined ? undefined : await openEvents(events, context);
  const timer = setInterval(() => terminal.tick(), tickMs);
  try {
    return await use((event) => {
      terminal.listen(event);
      file?.listen(event);
    });
  } finally {
    clearInterval(timer);
    file?.close();
  }
}

async function openEvents(path: string, { stdout }: KraftContext) {
  const { openEventFile, streamEvents } = await import("../report/event-file.ts");
  return path === "-" ? streamEvents((text) => void stdout.write(text)) : openEventFile(path);
}
