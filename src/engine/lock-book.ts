// What the lock file says of sources, and what this build adds to it. Knows no network.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

import type { FetchAction } from "../action/action.ts";
import { isPinned, type RemoteSource } from "../action/remote-source.ts";
import type { Host } from "../base/host.ts";
import type { Diagnostic, Source } from "../diagnostic/diagnostic.ts";
import { writeError } from "../store/store-error.ts";
import {
  lockFileName,
  type Pin,
  pinName,
  pinNameOf,
  pinnedBy,
  type Pins,
  readLockFile,
} from "../workspace/lock-file.ts";

/** The pins that hold for one run of the program. */
export interface LockBook {
  /** `source` with what is known of it; one of which nothing is known comes back as it is. */
  readonly pinned: (source: RemoteSource) => RemoteSource;
  /** Takes in what `source` was found to stand for. */
  readonly add: (pin: Pin) => void;
  /** What was added since the file was read. */
  readonly added: () => readonly Pin[];
  /** What is in the file, read when it is first asked for. */
  readonly inFile: () => Pins;
  /** False when the file has mistakes, so that nothing is known of what it should say. */
  readonly isSound: () => boolean;
}

/** The book that begins with `file`; mistakes in it are told when it is read. */
export function openLockBook(
  file: Source | undefined,
  tell: (diagnostic: Diagnostic) => void,
): LockBook {
  let pins: Pins | undefined;
  let isSound = true;
  const added = new Map<string, Pin>();
  const inFile = (): Pins => {
    pins ??= file === undefined ? new Map() : readLockFile(file, report);
    return pins;
  };
  const report = (diagnostic: Diagnostic): void => {
    if (diagnostic.severity === "error") isSound = false;
    tell(diagnostic);
  };
  return {
    pinned: (source) => {
      if (isPinned(source)) return source;
      const name = pinNameOf(source);
      const pin = name === undefined ? undefined : (added.get(name) ?? inFile().get(name));
      return pin === undefined ? source : pinnedBy(source, pin);
    },
    add: (pin) => void added.set(pinName(pin), pin),
    added: () => [...added.values()],
    inFile,
    isSound: () => {
      inFile();
      return isSound;
    },
  };
}

/** `action` with what `book` knows of its source. */
export function pinnedAction(action: FetchAction, book: Pick<LockBook, "pinned">): FetchAction {
  const source = book.pinned(action.source);
  return source === action.source ? action : { ...action, source };
}

/**
 * Adds `pins` to the lock file of the workspace `root`, as it is by now: a pin that another build
 * has added meanwhile stays. Throws a StoreError.
 */
export async function addToLockFile(
  root: string,
  pins: readonly Pin[],
  host: Pick<Host, "processId">,
): Promise<void> {
  if (pins.length === 0) return;
  const text = lockFileText(root);
  const known =
    text === undefined ? new Map() : readLockFile({ path: lockFileName, text }, () => undefined);
  const fresh = pins.filter((pin) => !known.has(pinName(pin)));
  if (fresh.length > 0) await writeLockFile(root, [...known.values(), ...fresh], host);
}

/** The text of the lock file of the workspace `root`; undefined when there is none. */
export function lockFileText(root: string): string | undefined {
  try {
    return readFileSync(posix.join(root, lockFileName), "utf8");
  } catch {
    return undefined;
  }
}

/** Writes the lock file of the workspace `root` with exactly `pins`. Throws a StoreError. */
export async function writeLockFile(
  root: string,
  pins: Iterable<Pin>,
  { processId }: Pick<Host, "processId">,
): Promise<void> {
  const { lockText } = await import("../workspace/lock-text.ts");
  const path = posix.join(root, lockFileName);
  const before = lockFileText(root);
  const text = lockText(pins, before);
  if (text === before) return;
  const draft = `${path}.${processId}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (cause) {
    throw writeError(cause, path);
  }
}
