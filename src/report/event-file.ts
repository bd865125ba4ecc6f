import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { Listen } from "../engine/event.ts";
import { writeError } from "../store/store-error.ts";
import { eventLine } from "./event-line.ts";

/** Takes in events, and an end to them. */
export interface EventSink {
  readonly listen: Listen;
  readonly close: () => void;
}

/** Writes each event to the file `path` as it comes; that, too, may throw a StoreError. */
export function openEventFile(path: string): EventSink {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(path, "w");
    return {
      listen: (event) => append(descriptor, eventLine(event), path),
      close: () => closeSync(descriptor),
    };
  } catch (cause) {
    throw writeError(cause, path);
  }
}

/** At once, as whoever reads along wants to know now, and a build may be killed. */
function append(descriptor: number, line: string, path: string): void {
  try {
    writeFileSync(descriptor, line);
  } catch (cause) {
    throw writeError(cause, path);
  }
}

/** Writes each event by `write`. */
export function streamEvents(write: (text: string) => void): EventSink {
  return { listen: (event) => write(eventLine(event)), close: () => {} };
}
