// What the lock file says of sources, and what this build adds to it. Knows no network.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

import type { FetchAction } from "../action/action.ts";
import { isPinned, type RemoteSource } from "../action/remote-source.ts";
import type { Host } from "../base/host.ts";
import type { Diagnostic, Source } from "../diagnostic/diagnostic.ts";
import { exclusively } from "../store/exclusive.ts";
import { writeError } from "../store/store-error.ts";
import { openTemporary } from "../store/temporary.ts";
import { componentPinName, readComponentPins } from "../workspace/component-pin.ts";
import type { LockContent } from "../workspace/lock-text.ts";
import {
  lockFileName,
  type Pin,
  pinName,
  pinNameOf,
  pinnedBy,
  type Pins,
  readLockFile,
} from "../workspace/lock-file.ts";
import { waitFor } from "./wait-for.ts";

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
 * Adds `content` to the lock file of the workspace `root`, as it is by now: a pin that another build
 * has added meanwhile stays. Throws a StoreError.
 */
export async function addToLockFile(
  root: string,
  content: Partial<LockContent>,
  host: LockHost,
): Promise<void> {
  const [pins, components] = [[...(content.pins ?? [])], [...(content.components ?? [])]];
  if (pins.length + components.length === 0) return;
  await changeLockFile(root, host, (known) => ({
    pins: [...new Map([...byName(pins, pinName), ...byName(known.pins, pinName)]).values()],
    components: [
      ...new Map([
        ...byName(components, componentPinName),
        ...byName(known.components, componentPinName),
      ]).values(),
    ],
  }));
}

function byName<T>(items: Iterable<T>, nameOf: (item: T) => string): (readonly [string, T])[] {
  return [...items].map((item) => [nameOf(item), item] as const);
}

/** The text of the lock file of the workspace `root`; undefined when there is none. */
export function lockFileText(root: string): string | undefined {
  try {
    return readFileSync(posix.join(root, lockFileName), "utf8");
  } catch {
    return undefined;
  }
}

/** What writing the lock file takes of the host. */
export type LockHost = Pick<Host, "epochMs" | "processId">;

/**
 * Writes the lock file of the workspace `root` with what `change` makes of what it says by now.
 * Throws a StoreError.
 */
export async function changeLockFile(
  root: string,
  host: LockHost,
  change: (known: LockContent) => LockContent,
): Promise<void> {
  const { lockText } = await import("../workspace/lock-text.ts");
  const temporary = openTemporary(posix.join(root, ".kraft/tmp"));
  const path = posix.join(root, ".kraft/writing-lock");
  const { signal } = new AbortController();
  // Of two who read, change and write, the later one would forget what the other has added.
  await exclusively({ path, temporary, host, wait: waitFor, signal }, async () =>
    writeChanged(root, (text) => lockText(change(contentOf(text)), text), host),
  );
}

function writeChanged(
  root: string,
  change: (text: string | undefined) => string,
  { processId }: LockHost,
): void {
  const path = posix.join(root, lockFileName);
  const before = lockFileText(root);
  const text = change(before);
  if (text === before) return;
  const draft = `${path}.${processId}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (cause) {
    throw writeError(cause, path);
  }
}

/** What `text` says; mistakes in it are told by whoever carries out what is planned. */
function contentOf(text: string | undefined): LockContent {
  if (text === undefined) return { pins: [], components: [] };
  const source = { path: lockFileName, text };
  return {
    pins: readLockFile(source, () => undefined).values(),
    components: readComponentPins(source).values(),
  };
}
