// One blob of the disk → one repository. Source: distribution-spec, "Pushing Blobs".

import { createReadStream } from "node:fs";
import { Readable } from "node:stream";

import { FetchError } from "../fetch/fetch-error.ts";
import type { Answer } from "../fetch/http-exchange.ts";
import type { BlobDescriptor } from "./manifest.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { failureOfAnswer } from "./registry-failure.ts";

/** A blob, and the absolute path of a file with it. */
export interface BlobFile {
  readonly blob: BlobDescriptor;
  readonly path: string;
}

/** How a blob came to be there. */
export type Uploaded = "present" | "mounted" | "sent";

/** What uploads have in common. */
export interface UploadOptions {
  /** Another repository of the registry that may have the blob, so that it need not be sent. */
  readonly mountFrom?: string;
  /** Sent at once; absent: all of it, unless the registry finds that too much. */
  readonly chunkBytes?: number;
  readonly onSent: (blob: BlobDescriptor, bytes: number) => void;
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
  const upload = new BlobUpload(file, place, registries, options);
  return registries.firstOf([place], () => upload.attempt());
}

/** What a token must allow to write to `repository`, and to read from where blobs are mounted. */
export function pushScope(repository: string, mountFrom?: string): string {
  const own = `repository:${repository}:pull,push`;
  return mountFrom === undefined ? own : `${own} repository:${mountFrom}:pull`;
}

/** Proxies before registries often take 100 MB and no more. */
const smallerChunkBytes = 32 * 1024 * 1024;

class BlobUpload {
  readonly #file: BlobFile;
  readonly #place: RegistryPlace;
  readonly #registries: Registries;
  readonly #options: UploadOptions;
  readonly #scope: string;
  #chunkBytes: number;
  /** Where the upload that was begun goes on; undefined: none was. */
  #location: URL | undefined;
  /** Whether what is sent goes on with an upload that broke off. */
  #isResumed = false;

  constructor(
    file: BlobFile,
    place: RegistryPlace,
    registries: Registries,
    options: UploadOptions,
  ) {
    this.#file = file;
    this.#place = place;
    this.#registries = registries;
    this.#options = options;
    this.#scope = pushScope(place.repository, options.mountFrom);
    this.#chunkBytes = options.chunkBytes ?? Number.POSITIVE_INFINITY;
  }

  async attempt(): Promise<Uploaded> {
    const { blob } = this.#file;
    if (await this.#isThere()) {
      this.#options.onSent(blob, blob.size);
      return "present";
    }
    let offset = this.#location === undefined ? undefined : await this.#offset();
    this.#isResumed = offset !== undefined;
    if (offset === undefined) {
      if (await this.#begin()) return "mounted";
      offset = 0;
    }
    await this.#send(offset);
    return "sent";
  }

  async #isThere(): Promise<boolean> {
    const { host } = this.#place;
    const url = this.#url(`blobs/${this.#file.blob.digest}`);
    const answer = await host.ask({ method: "HEAD", url, scope: this.#scope });
    await answer.body.dump();
    if (answer.status === 200) return true;
    // A few registries refuse the question and take the blob.
    if (answer.status === 404 || answer.status === 405 || answer.status === 403) return false;
    throw await this.#failure(answer);
  }

  /** Begins an upload; true when none is needed, as the blob was mounted. */
  async #begin(): Promise<boolean> {
    const { digest } = this.#file.blob;
    const { mountFrom } = this.#options;
    const from = mountFrom === undefined ? "" : `?mount=${digest}&from=${mountFrom}`;
    const url = this.#url(`blobs/uploads/${from}`);
    const headers = { "content-length": "0" };
    const answer = await this.#place.host.ask({ method: "POST", url, headers, scope: this.#scope });
    if (answer.status === 201 && mountFrom !== undefined) {
      await answer.body.dump();
      return true;
    }
    if (answer.status !== 202) throw await this.#failure(answer);
    await this.#goOnAt(answer);
    return false;
  }

  /** How much the registry has; undefined when it knows nothing of the upload any more. */
  async #offset(): Promise<number | undefined> {
    const url = this.#here();
    const answer = await this.#place.host.ask({ method: "GET", url, scope: this.#scope });
    const range = /^(?:bytes=)?0-(\d+)$/.exec(answer.header("range") ?? "")?.[1];
    if (answer.status !== 204 && answer.status !== 202) {
      await answer.body.dump();
      this.#location = undefined;
      return undefined;
    }
    await this.#goOnAt(answer);
    const end = range === undefined ? 0 : Number(range) + 1;
    // `0-0` is what many say who have nothing, and few who have one byte.
    return end === 1 ? 0 : Math.min(end, this.#file.blob.size);
  }

  async #send(from: number): Promise<void> {
    const { size } = this.#file.blob;
    let offset = from;
    while (offset < size) {
      const end = Math.min(size, offset + this.#chunkBytes);
      const answer = await this.#sendChunk(offset, end);
      if (answer.status === 413 && this.#chunkBytes > smallerChunkBytes) {
        await answer.body.dump();
        this.#chunkBytes = smallerChunkBytes;
        this.#location = undefined;
        if (await this.#begin()) return;
        offset = 0;
        continue;
      }
      if (answer.status === 416 || answer.status === 404) {
        this.#location = undefined;
        if (this.#isResumed) return await this.#sendAnew(answer);
      }
      if (answer.status !== 202) throw await this.#failure(answer);
      await this.#goOnAt(answer);
      offset = end;
    }
    await this.#finish();
  }

  #sendChunk(start: number, end: number): Promise<Answer> {
    const { blob, path } = this.#file;
    const isWhole = start === 0 && end === blob.size;
    const headers = {
      "content-type": "application/octet-stream",
      "content-length": String(end - start),
      ...(!isWhole && { "content-range": `${start}-${end - 1}` }),
    };
    const tell = (sent: number) => this.#options.onSent(blob, start + sent);
    const body = () => Readable.from(piecesOf(path, { start, end, tell }), { objectMode: false });
    const url = this.#here();
    return this.#place.host.ask({ method: "PATCH", url, headers, body, scope: this.#scope });
  }

  async #finish(): Promise<void> {
    const { digest } = this.#file.blob;
    const url = this.#here();
    url.searchParams.set("digest", digest);
    const headers = { "content-length": "0" };
    const answer = await this.#place.host.ask({ method: "PUT", url, headers, scope: this.#scope });
    if (answer.status === 201 || answer.status === 204) {
      await answer.body.dump();
      return;
    }
    this.#location = undefined; // Whatever it has got, it is not the blob.
    const isLost = [400, 404, 416].includes(answer.status);
    if (this.#isResumed && isLost) return await this.#sendAnew(answer);
    const failure = await this.#failure(answer);
    if (answer.status !== 400) throw failure;
    const message = `${this.#shown()}: what arrived there is not what was sent`;
    throw new FetchError("digest-mismatch", message, { cause: failure });
  }

  /** A registry may say where it is, and then go on with what had broken off, even to its end. */
  async #sendAnew(refusal: Answer): Promise<void> {
    await refusal.body.dump();
    this.#isResumed = false;
    if ((await this.#isThere()) || (await this.#begin())) return;
    await this.#send(0);
  }

  async #goOnAt(answer: Answer): Promise<void> {
    const location = answer.header("location");
    await answer.body.dump();
    const base = this.#location ?? (await this.#place.host.origin());
    if (location === undefined || !URL.canParse(location, base.href)) {
      throw new FetchError("server-error", `${this.#shown()}: it does not say where to send to`);
    }
    this.#location = new URL(location, base);
  }

  #here(): URL {
    if (this.#location === undefined) throw new Error("bug: no upload was begun");
    return new URL(this.#location);
  }

  #failure(answer: Answer): Promise<Error> {
    return failureOfAnswer(answer, this.#shown(), this.#registries.context);
  }

  #url(rest: string): string {
    return `/v2/${this.#place.repository}/${rest}`;
  }

  #shown(): string {
    const { host, repository } = this.#place;
    return `${host.name}/${repository}@${this.#file.blob.digest}`;
  }
}

async function* piecesOf(
  path: string,
  { start, end, tell }: { start: number; end: number; tell: (sent: number) => void },
): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 });
  for await (const piece of stream) {
    yield piece as Uint8Array;
    tell(stream.bytesRead);
  }
}
