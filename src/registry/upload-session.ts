// One upload of one blob, as the registry keeps it. Source: distribution-spec, "Pushing Blobs".

import { FetchError } from "../fetch/fetch-error.ts";
import type { Answer } from "../fetch/http-exchange.ts";
import { blobBody, blobHeaders } from "./blob-body.ts";
import type { BlobDescriptor } from "./manifest.ts";
import { pushScope } from "./push-scope.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { failureOfAnswer } from "./registry-failure.ts";

/** A blob, and the absolute path of a file with it. */
export interface BlobFile {
  readonly blob: BlobDescriptor;
  readonly path: string;
}

/** What a session takes. */
export interface UploadSessionParts {
  readonly file: BlobFile;
  readonly place: RegistryPlace;
  readonly registries: Registries;
  /** Another repository of the registry that may have the blob; absent: none is known. */
  readonly mountFrom?: string;
  /** Where an earlier upload of the same was; undefined: none is known. */
  readonly location: string | undefined;
  /** Hears of each place where the upload goes on, and of undefined when it does not. */
  readonly moved: (location: string | undefined) => void;
}

/** Asks about one blob, and sends it; decides nothing. */
export class UploadSession {
  readonly #parts: UploadSessionParts;
  /** Where the upload goes on; undefined: none was begun. */
  #location: URL | undefined;
  /** What parts must have at least, but for the last. Source: distribution-spec, "OCI-Chunk-Min-Length". */
  #leastBytes = 0;

  constructor(parts: UploadSessionParts) {
    this.#parts = parts;
    const { location = "" } = parts;
    if (URL.canParse(location)) this.#location = new URL(location);
  }

  get isBegun(): boolean {
    return this.#location !== undefined;
  }

  get leastBytes(): number {
    return this.#leastBytes;
  }

  /** Whether the registry has the blob. */
  async isThere(): Promise<boolean> {
    const url = this.#url(`blobs/${this.#parts.file.blob.digest}`);
    const answer = await this.#host.ask({ method: "HEAD", url, scope: this.#scope });
    await answer.body.dump();
    if (answer.status === 200) return true;
    // A few registries refuse the question and take the blob.
    if (answer.status === 404 || answer.status === 405 || answer.status === 403) return false;
    throw await this.failure(answer);
  }

  /** Begins anew; true when nothing is to be sent, as the blob was mounted. */
  async begin(): Promise<boolean> {
    this.forget();
    const mounting = await this.#mount();
    if (mounting?.status === 201) {
      await mounting.body.dump();
      return true;
    }
    const answer = mounting ?? (await this.#post("", this.#scope));
    if (answer.status !== 202) throw await this.failure(answer);
    const least = Number(answer.header("oci-chunk-min-length") ?? 0);
    this.#leastBytes = Number.isSafeInteger(least) ? least : 0;
    await this.goOnAt(answer);
    return false;
  }

  /** What the registry says to mounting; undefined when it does not let us, and we have to send. */
  async #mount(): Promise<Answer | undefined> {
    const { mountFrom, file, place } = this.#parts;
    if (mountFrom === undefined) return undefined;
    // For this question alone, as who may not read there would get no token at all from some.
    const scope = pushScope(place.repository, mountFrom);
    try {
      const answer = await this.#post(`?mount=${file.blob.digest}&from=${mountFrom}`, scope);
      const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
      if (!isRefused) return answer;
      await answer.body.dump();
    } catch (error) {
      if (!(error instanceof FetchError) || error.code !== "refused") throw error;
    }
    return undefined;
  }

  #post(query: string, scope: string): Promise<Answer> {
    const url = this.#url(`blobs/uploads/${query}`);
    return this.#host.ask({ method: "POST", url, headers: { "content-length": "0" }, scope });
  }

  /** How much the registry has; undefined when it knows nothing of the upload any more. */
  async offset(): Promise<number | undefined> {
    const { size } = this.#parts.file.blob;
    const answer = await this.#host.ask({ method: "GET", url: this.#here(), scope: this.#scope });
    const range = /^(?:bytes=)?0-(\d+)$/.exec(answer.header("range") ?? "")?.[1];
    // Who is too busy has not forgotten it; any other error may be about this upload alone.
    if (answer.status === 429 || answer.status === 503) throw await this.failure(answer);
    if (answer.status !== 204 && answer.status !== 202) {
      await answer.body.dump();
      this.forget();
      return undefined;
    }
    await this.goOnAt(answer);
    const end = range === undefined ? 0 : Number(range) + 1;
    // `0-0` is what many say who have nothing, and few who have one byte.
    return end === 1 ? 0 : Math.min(end, size);
  }

  /** Sends the bytes from `start` up to `end`; `tell` hears of how many of them are gone. */
  send(start: number, end: number, tell: (sent: number) => void): Promise<Answer> {
    const { blob, path } = this.#parts.file;
    const isWhole = start === 0 && end === blob.size;
    const headers = {
      ...blobHeaders(end - start),
      ...(!isWhole && { "content-range": `${start}-${end - 1}` }),
    };
    const body = blobBody(path, { start, end, tell });
    const question = { method: "PATCH", url: this.#here(), headers, body } as const;
    return this.#host.ask({ ...question, scope: this.#scope });
  }

  /** Says that all was sent; with `tell`, which hears of how much is gone, sends all of it. */
  finish(tell?: (sent: number) => void): Promise<Answer> {
    const { blob, path } = this.#parts.file;
    const { digest, size } = blob;
    const url = this.#here();
    // What is there stays as it is: registries sign it, or look for it as they wrote it.
    url.search += `${url.search === "" ? "" : "&"}digest=${digest}`;
    const question = { method: "PUT", url, scope: this.#scope } as const;
    if (tell === undefined || size === 0) {
      return this.#host.ask({ ...question, headers: { "content-length": "0" } });
    }
    const body = blobBody(path, { start: 0, end: size, tell });
    return this.#host.ask({ ...question, headers: blobHeaders(size), body });
  }

  /** Goes on where `answer` says. */
  async goOnAt(answer: Answer): Promise<void> {
    const location = answer.header("location");
    await answer.body.dump();
    const base = this.#location ?? new URL(this.#url("blobs/uploads/"), await this.#host.origin());
    if (location === undefined || !URL.canParse(location, base.href)) {
      throw new FetchError("server-error", `${this.shown()}: it does not say where to send to`);
    }
    this.#location = new URL(location, base);
    this.#parts.moved(this.#location.href);
  }

  forget(): void {
    if (this.#location === undefined) return;
    this.#location = undefined;
    this.#parts.moved(undefined);
  }

  failure(answer: Answer): Promise<Error> {
    return failureOfAnswer(answer, this.shown(), this.#parts.registries.context);
  }

  /** The blob, for people. */
  shown(): string {
    const { place, file } = this.#parts;
    return `${place.host.name}/${place.repository}@${file.blob.digest}`;
  }

  get #scope(): string {
    return pushScope(this.#parts.place.repository);
  }

  get #host() {
    return this.#parts.place.host;
  }

  #here(): URL {
    if (this.#location === undefined) throw new Error("bug: no upload was begun");
    return new URL(this.#location);
  }

  #url(rest: string): string {
    return `/v2/${this.#parts.place.repository}/${rest}`;
  }
}
