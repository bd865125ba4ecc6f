// What commands about images share: the store of this machine, and connections to registries.

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { fetchContextOf } from "../engine/fetch-options.ts";
import { registrySettingsOf } from "../engine/registry-settings.ts";
import { waitFor } from "../engine/wait-for.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import { FormatError } from "../format/format-error.ts";
import { ImageStore, type StoredImage } from "../registry/image-store.ts";
import { kraftkitDirectory, kraftkitImages } from "../registry/kraftkit-store.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import { Registries } from "../registry/registries.ts";
import type { UploadNotes } from "../registry/upload-blob.ts";
import { uploadNotesIn } from "../registry/upload-notes.ts";
import { TransferReport } from "../report/transfer.ts";
import { exclusively } from "../store/exclusive.ts";
import { openTemporary } from "../store/temporary.ts";
import type { Settings } from "../workspace/config.ts";
import type { exitCodes, KraftContext } from "./context.ts";
import { tellMistake } from "./mistakes.ts";

/** Where images are, and for whom. */
export interface ImagePlace {
  readonly store: ImageStore;
  readonly registries: Registries;
  readonly context: KraftContext;
  /** Whether no registry may be asked. */
  readonly isOffline: boolean;
  /** A path on the file system of the store that nobody else has; what is there goes in the end. */
  readonly temporaryPath: () => string;
  /** Where the part of a blob of a pull stays, which `exclusively` has for itself. */
  readonly partialPath: (digest: string) => string;
  /** Where pushes are that broke off. */
  readonly uploadNotes: UploadNotes;
  /** What `use` gives, which is told as `title` while it takes long. */
  readonly transfer: <T>(title: string, use: () => Promise<T>) => Promise<T>;
  /** What `use` gives, while no other process does what has the same name. */
  readonly exclusively: <T>(name: string, use: () => Promise<T>) => Promise<T>;
}

/** What opening it takes. */
export interface ImagesRequest {
  readonly settings: Settings;
  readonly context: KraftContext;
  /** Registries that need no certificate, besides those of the settings. */
  readonly insecure?: readonly string[];
  /** Whether nobody wants to hear how far pulling or pushing is. */
  readonly isQuiet?: boolean;
}

type ExitName = keyof typeof exitCodes;

/** What `use` gives; what goes wrong with images is told, and is a code. */
export async function withImages(
  { settings, context, insecure = [], isQuiet = false }: ImagesRequest,
  use: (place: ImagePlace) => Promise<ExitName>,
): Promise<ExitName> {
  const { host, signal, stderr } = context;
  const cache = settings.values["cache.dir"].value;
  const temporary = openTemporary(join(cache, "tmp"));
  const given: string[] = [];
  const own = registrySettingsOf(settings);
  const all = { ...own, insecure: [...own.insecure, ...insecure] };
  const report = new TransferReport({
    write: (text) => void stderr.write(text),
    screen: context.screen,
    now: host.now,
  });
  const tell = ({ receivedBytes, totalBytes }: { receivedBytes: number; totalBytes?: number }) =>
    report.take(receivedBytes, totalBytes);
  const registries = new Registries(all, fetchContextOf(host, { signal, onProgress: tell }));
  const alone = async <T>(name: string, use: () => Promise<T>): Promise<T> => {
    const path = join(cache, "fetching", name);
    const done = await exclusively({ path, temporary, host, wait: waitFor, signal }, async () => ({
      value: await use(),
    }));
    if (done === undefined) throw new FetchError("interrupted", "it was interrupted");
    return done.value;
  };
  const store = new ImageStore(join(cache, "images"), (change) => alone("images", change));
  const partialPath = (digest: string) => join(cache, "tmp", `partial-${digest.slice(7, 39)}`);
  const temporaryPath = () => {
    const path = join(cache, "tmp", `image-${randomBytes(8).toString("hex")}`);
    given.push(path);
    return path;
  };
  try {
    return await use({
      store,
      registries,
      context,
      isOffline: settings.values["sources.offline"].value,
      temporaryPath,
      partialPath,
      transfer: (title, use) => (isQuiet ? use() : told(report, title, use)),
      uploadNotes: uploadNotesIn(join(cache, "uploads"), alone),
      exclusively: alone,
    });
  } catch (error) {
    if (signal.aborted) return "interrupted";
    if (!(error instanceof FetchError) && !(error instanceof FormatError)) throw error;
    const help = error instanceof FetchError ? error.help : undefined;
    const { message } = error;
    const about = { severity: "error", code: codeOf(error), message } as const;
    tellMistake({ ...about, ...(help !== undefined && { help }) }, { stderr, host });
    return "failed";
  } finally {
    await registries.close();
    for (const path of given) rmSync(path, { recursive: true, force: true });
  }
}

/** How often the line that shows progress is drawn anew, in milliseconds. */
const tickMs = 200;

async function told<T>(report: TransferReport, title: string, use: () => Promise<T>): Promise<T> {
  report.begin(title);
  const timer = setInterval(() => report.tick(), tickMs);
  try {
    return await use();
  } finally {
    clearInterval(timer);
    report.end();
  }
}

function codeOf(error: FetchError | FormatError) {
  if (error instanceof FetchError) return error.code === "offline" ? "not-cached" : "not-fetched";
  return /for urunc/.test(error.message) ? "not-for-urunc" : "bad-image";
}

/** Why `what` cannot be, as registries may not be asked. */
export function offlineError(what: string): FetchError {
  const help = "it takes a network: leave out --offline, or sources.offline";
  return new FetchError("offline", `${what}, and no registry may be asked`, { help });
}

/** The image called `word`, as people write names: ours, else one of KraftKit's. */
export function findImage(
  word: string,
  { store, context }: Pick<ImagePlace, "store" | "context">,
): StoredImage | undefined {
  const names = namesOf(word);
  const find = (images: readonly StoredImage[]) =>
    images.find(({ reference }) => names.includes(reference));
  return find(store.list()) ?? find(imagesOfKraftkit(context));
}

/** The images that KraftKit has on this machine. */
export function imagesOfKraftkit({ host }: Pick<KraftContext, "host">): readonly StoredImage[] {
  const directory = kraftkitDirectory(host.env);
  return directory === undefined ? [] : kraftkitImages(directory);
}

/** The name in full that `word` is short for. Throws a FormatError. */
export function fullNameOf(word: string): string {
  return formatReference(parseReference(word, "kraft"));
}

function namesOf(word: string): readonly string[] {
  try {
    return [fullNameOf(word)];
  } catch {
    return [];
  }
}
