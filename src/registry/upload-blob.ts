// One blob of the disk → one repository: whether, how, and again.

import { FetchError } from "../fetch/fetch-error.ts";
import type { Answer } from "../fetch/http-exchange.ts";
import { isPassing } from "../fetch/http-failure.ts";
import type { BlobDescriptor } from "./manifest.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { type BlobFile, UploadSession } from "./upload-session.ts";

/** How a blob came to be there. */
export type Uploaded = "present" | "mounted" | "sent";

/** Where uploads are that broke off, so that another process goes on with them. */
export interface UploadNotes {
  /** What `use` gives, while no other process uploads what has the same key. */
  readonly alone: <T>(key: string, use: () => Promise<T>) => Promise<T>;
  /** Where the upload was; undefined when there was none. */
  readonly read: (key: string) => string | undefined;
  /** Undefined: it is over. */
  readonly write: (key: string, location: string | undefined) => void;
}

/** What uploads have in common. */
export interface UploadOptions {
  /** Another repository of the registry that may have the blob, so that it need not be sent. */
  readonly mountFrom?: string;
  /** Sent at once; absent: all of it, unless the registry finds that too much. */
  readonly chunkBytes?: number;
  readonly onSent: (blob: BlobDescriptor, bytes: number) => void;
  /** Absent: what breaks off is lost with the process. */
  readonly notes?: UploadNotes;
}

/**
 * Sees to it that `place` has `file`. What broke off goes on from where the registry says it is.
 * Throws a FetchError.
 */
export async function uploadBlob(
  file: BlobFile,
  place: RegistryPlace,
  { registries, options }: { readonly registries: Registries; readonly options: UploadOptions },
): Promise<Uploaded> {
  const key = `${place.host.name}/${place.repository}@${file.blob.digest}`;
  // Of a small blob it is faster to send it again than to ask how much of it is there.
  const notes = file.blob.size < notedBytes ? undefined : options.notes;
  const attempts = async (): Promise<Uploaded> => {
    const location = notes?.read(key);
    const moved = (to: string | undefined) => notes?.write(key, to);
    const { mountFrom } = options;
    const from = mountFrom === undefined ? {} : { mountFrom };
    const session = new UploadSession({ file, place, registries, location, moved, ...from });
    const upload = new BlobUpload(session, file.blob, options);
    const uploaded = await registries.firstOf([place], () => upload.attempt());
    notes?.write(key, undefined);
    return uploaded;
  };
  return notes === undefined ? attempts() : notes.alone(key, attempts);
}

const notedBytes = 1024 * 1024;
/** Sent with the question that ends an upload. */
const smallBytes = 64 * 1024;

/** Proxies before registries often take 100 MB and no more. */
const smallerChunkBytes = 32 * 1024 * 1024;

class BlobUpload {
  readonly #session: UploadSession;
  readonly #blob: BlobDescriptor;
  readonly #options: UploadOptions;
  #chunkBytes: number;
  /** Whether what is sent goes on with an upload that broke off. */
  #isResumed = false;

  constructor(session: UploadSession, blob: BlobDescriptor, options: UploadOptions) {
    this.#session = session;
    this.#blob = blob;
    this.#options = options;
    this.#chunkBytes = options.chunkBytes ?? Number.POSITIVE_INFINITY;
  }

  async attempt(): Promise<Uploaded> {
    const session = this.#session;
    if (await session.isThere()) {
      this.#options.onSent(this.#blob, this.#blob.size);
      return "present";
    }
    const isSmall = this.#blob.size <= Math.min(smallBytes, this.#chunkBytes);
    const offset = session.isBegun && !isSmall ? await session.offset() : undefined;
    this.#isResumed = offset !== undefined;
    if (offset === undefined && (await session.begin())) return "mounted";
    // In one question less, where going on would save nothing.
    if (isSmall) await this.#ended(await session.finish((sent) => this.#tell(sent)));
    else await this.#send(offset ?? 0);
    return "sent";
  }

  async #send(from: number): Promise<void> {
    const session = this.#session;
    const { size } = this.#blob;
    let offset = from;
    while (offset < size) {
      const start = offset;
      const end = Math.min(size, start + Math.max(this.#chunkBytes, session.leastBytes));
      const answer = await session.send(start, end, (sent) => this.#tell(start + sent));
      if (answer.status === 413 && this.#chunkBytes > smallerChunkBytes) {
        await answer.body.dump();
        this.#chunkBytes = smallerChunkBytes;
        if (await session.begin()) return;
        offset = 0;
        continue;
      }
      if (answer.status === 416 || answer.status === 404) {
        session.forget();
        if (this.#isResumed) return await this.#sendAnew(answer);
      }
      if (answer.status !== 202) throw await session.failure(answer);
      await session.goOnAt(answer);
      offset = end;
    }
    await this.#ended(await session.finish());
  }

  #tell(sent: number): void {
    this.#options.onSent(this.#blob, sent);
  }

  async #ended(answer: Answer): Promise<void> {
    const session = this.#session;
    if (answer.status === 201 || answer.status === 204) {
      await answer.body.dump();
      return;
    }
    if (isPassing(answer.status)) {
      // All of it may be there, and the registry only too busy to say so; but not time and again.
      if (this.#isResumed) session.forget();
      throw await session.failure(answer);
    }
    session.forget(); // Whatever it has got, it is not the blob.
    const isLost = [400, 404, 416].includes(answer.status);
    if (this.#isResumed && isLost) return await this.#sendAnew(answer);
    const failure = await session.failure(answer);
    if (answer.status !== 400) throw failure;
    const message = `${session.shown()}: what arrived there is not what was sent`;
    throw new FetchError("digest-mismatch", message, { cause: failure });
  }

  /** A registry may say where it is, and then go on with what had broken off, even to its end. */
  async #sendAnew(refusal: Answer): Promise<void> {
    await refusal.body.dump();
    this.#isResumed = false;
    if (await this.#session.isThere()) return;
    if (await this.#session.begin()) return;
    await this.#send(0);
  }
}
