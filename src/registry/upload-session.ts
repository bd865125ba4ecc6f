// One upload of one blob, as the registry keeps it. Source: distribution-spec, "Pushing Blobs".

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

/** What a session takes. */
export interface UploadSessionParts {
  readonly file: BlobFile;
  readonly place: RegistryPlace;
  readonly registries: Registries;
  /** What a token must allow. */
  readonly scope: string;
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

  constructor(parts: UploadSessionParts) {
    this.#parts = parts;
    const { location = "" } = parts;
    if (URL.canParse(location)) this.#location = new URL(location);
  }

  get isBegun(): boolean {
    return this.#location !== undefined;
  }

  /** Whether the registry has the blob. */
  async isThere(): Promise<boolean> {
    const { file, scope } = this.#parts;
    const url = this.#url(`blobs/${file.blob.digest}`);
    const answer = await this.#host.ask({ method: "HEAD", url, scope });
    await answer.body.dump();
    if (answer.status === 200) return true;
    // A few registries refuse the question and take the blob.
    if (answer.status === 404 || answer.status === 405 || answer.status === 403) return false;
    throw await this.failure(answer);
  }

  /** Begins anew; true when nothing is to be sent, as the blob was mounted. */
  async begin(mountFrom: string | undefined): Promise<boolean> {
    const { file, scope } = this.#parts;
    this.forget();
    const from = mountFrom === undefined ? "" : `?mount=${file.blob.digest}&from=${mountFrom}`;
    const url = this.#url(`blobs/uploads/${from}`);
    const headers = { "content-length": "0" };
    const answer = await this.#host.ask({ method: "POST", url, headers, scope });
    if (answer.status === 201 && mountFrom !== undefined) {
      await answer.body.dump();
      return true;
    }
    if (answer.status !== 202) throw await this.failure(answer);
    await this.goOnAt(answer);
    return false;
  }

  /** How much the registry has; undefined when it knows nothing of the upload any more. */
  async offset(): Promise<number | undefined> {
    const { file, scope } = this.#parts;
    const answer = await this.#host.ask({ method: "GET", url: this.#here(), scope });
    const range = /^(?:bytes=)?0-(\d+)$/.exec(answer.header("range") ?? "")?.[1];
    if (answer.status !== 204 && answer.status !== 202) {
      await answer.body.dump();
      this.forget();
      return undefined;
    }
    await this.goOnAt(answer);
    const end = range === undefined ? 0 : Number(range) + 1;
    // `0-0` is what many say who have nothing, and few who have one byte.
    return end === 1 ? 0 : Math.min(end, file.blob.size);
  }

  /** Sends the bytes from `start` up to `end`; `tell` hears of how many of them are gone. */
  send(start: number, end: number, tell: (sent: number) => void): Promise<Answer> {
    const { file, scope } = this.#parts;
    const isWhole = start === 0 && end === file.blob.size;
    const headers = {
      "content-type": "application/octet-stream",
      "content-length": String(end - start),
      ...(!isWhole && { "content-range": `${start}-${end - 1}` }),
    };
    const pieces = () => piecesOf(file.path, { start, end, tell });
    const body = () => Readable.from(pieces(), { objectMode: false });
    return this.#host.ask({ method: "PATCH", url: this.#here(), headers, body, scope });
  }

  /** Says that all was sent. */
  finish(): Promise<Answer> {
    const { file, scope } = this.#parts;
    const url = this.#here();
    url.searchParams.set("digest", file.blob.digest);
    const headers = { "content-length": "0" };
    return this.#host.ask({ method: "PUT", url, headers, scope });
  }

  /** Goes on where `answer` says. */
  async goOnAt(answer: Answer): Promise<void> {
    const location = answer.header("location");
    await answer.body.dump();
    const base = this.#location ?? (await this.#host.origin());
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
