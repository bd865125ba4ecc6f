// A registry in memory that does what the distribution-spec says, and takes nothing else.

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { serve } from "../fetch/server-rig.ts";

/** What the spec leaves to registries. */
export interface SpecOptions {
  /** How it says where to go on. */
  readonly locations?: "absolute" | "path" | "relative";
  /** What it says to mounting: by default, that the blob is there. */
  readonly mount?: "mounts" | "uploads" | "refuses";
  readonly leastChunkBytes?: number;
  readonly hasReferrers?: boolean;
  /** How many names, or referrers, are in a page; absent: all. */
  readonly pageSize?: number;
  readonly links?: "absolute" | "path" | "relative" | "none";
  /** Whether it leaves out referrers of other types. */
  readonly chooses?: boolean;
  /** True when it has answered in place of the registry. */
  readonly before?: (question: IncomingMessage, answer: ServerResponse) => boolean;
}

interface Upload {
  readonly bytes: Buffer[];
  /** Changes with each step; what was given before counts no more. */
  state: number;
}

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

const indexType = "application/vnd.oci.image.index.v1+json";

/** Runs until the test ends. */
export class SpecRegistry {
  host = "";
  readonly blobs = new Map<string, Buffer>();
  /** By digest. */
  readonly manifests = new Map<string, Stored>();
  /** Digests by tag. */
  readonly tags = new Map<string, string>();
  /** Methods and paths of all questions, with what matters of their headers. */
  readonly log: string[] = [];
  readonly #options: SpecOptions;
  readonly #uploads = new Map<string, Upload>();

  private constructor(options: SpecOptions) {
    this.#options = options;
  }

  static async start(options: SpecOptions = {}): Promise<SpecRegistry> {
    const registry = new SpecRegistry(options);
    const { url } = await serve((question, answer) => void registry.#serve(question, answer));
    registry.host = new URL(url).host;
    return registry;
  }

  async #serve(question: IncomingMessage, answer: ServerResponse): Promise<void> {
    const range = question.headers["content-range"];
    const noted = `${question.method} ${question.url}${range === undefined ? "" : ` ${range}`}`;
    this.log.push(noted);
    const parts: Buffer[] = [];
    try {
      for await (const part of question) parts.push(part as Buffer);
    } catch {
      return;
    }
    if (this.#options.before?.(question, answer) === true) return;
    const { status, headers, body } = this.#answer(question, Buffer.concat(parts));
    answer.writeHead(status, headers).end(question.method === "HEAD" ? undefined : body);
  }

  #answer(question: IncomingMessage, body: Buffer): Reply {
    const url = new URL(question.url ?? "", `http://${this.host}`);
    const [, rest = ""] = /^\/v2\/(.*)$/.exec(url.pathname) ?? [];
    if (rest === "") return { status: 200 };
    const [, repository = "", kind, name = ""] =
      /^(.*?)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/?(.*)$/.exec(rest) ?? [];
    switch (kind) {
      case "blobs/uploads":
        return this.#upload(question, { url, repository, name }, body);
      case "blobs":
        return this.#blob(question, name);
      case "manifests":
        return question.method === "PUT"
          ? this.#putManifest(question, name, body)
          : this.#manifest(question, name);
      case "tags":
        return this.#tagPage(url);
      case "referrers":
        return this.#referrers(url, name);
      default:
        return refused(404, "NAME_UNKNOWN");
    }
  }

  #upload(
    { method, headers }: IncomingMessage,
    { url, repository, name }: { url: URL; repository: string; name: string },
    body: Buffer,
  ): Reply {
    if (method === "POST") return this.#begin(url, repository);
    const upload = this.#uploads.get(name);
    // Letter by letter, as registries sign it.
    if (upload === undefined || !url.search.startsWith(queryOf(upload))) {
      return refused(404, "BLOB_UPLOAD_UNKNOWN");
    }
    const sizeBytes = upload.bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (method === "GET") return this.#accepted(204, name, repository);
    if (Number(headers["content-length"]) !== body.byteLength) return refused(411, "SIZE_INVALID");
    const isTyped = headers["content-type"] === "application/octet-stream";
    if (body.byteLength > 0 && !isTyped) return refused(415, "UNSUPPORTED");
    const range = headers["content-range"] ?? (sizeBytes === 0 ? "whole" : "none");
    const wanted = `${sizeBytes}-${sizeBytes + body.byteLength - 1}`;
    if (body.byteLength > 0 && range !== "whole" && range !== wanted) {
      return refused(416, "BLOB_UPLOAD_INVALID");
    }
    upload.bytes.push(body);
    upload.state++;
    if (method === "PATCH") return this.#accepted(202, name, repository);
    const bytes = Buffer.concat(upload.bytes);
    const digest = digestOf(bytes);
    if (url.searchParams.get("digest") !== digest) return refused(400, "DIGEST_INVALID");
    // All parts but the last are as large as was asked for.
    const { leastChunkBytes = 0 } = this.#options;
    const isShort = upload.bytes.slice(0, -2).some((part) => part.byteLength < leastChunkBytes);
    if (isShort) return refused(400, "SIZE_INVALID");
    this.#uploads.delete(name);
    this.blobs.set(digest, bytes);
    return { status: 201, headers: { location: `/v2/${repository}/blobs/${digest}` } };
  }

  #begin(url: URL, repository: string): Reply {
    const mount = url.searchParams.get("mount");
    const { mount: manner = "mounts", leastChunkBytes } = this.#options;
    if (mount !== null && manner === "refuses") return refused(403, "DENIED");
    if (mount !== null && manner === "mounts" && this.blobs.has(mount)) {
      return { status: 201, headers: { location: `/v2/${repository}/blobs/${mount}` } };
    }
    const name = `upload${this.log.length}`;
    this.#uploads.set(name, { bytes: [], state: 0 });
    const { status, headers } = this.#accepted(202, name, repository);
    const least = leastChunkBytes && { "oci-chunk-min-length": `${leastChunkBytes}` };
    return { status, headers: { ...headers, ...least } };
  }

  #accepted(status: number, name: string, repository: string): Reply {
    const upload = this.#uploads.get(name) ?? { bytes: [], state: 0 };
    const sizeBytes = upload.bytes.reduce((sum, part) => sum + part.byteLength, 0);
    const { locations = "path" } = this.#options;
    const query = queryOf(upload);
    const path = `/v2/${repository}/blobs/uploads/${name}${query}`;
    const relative = sizeBytes === 0 && status === 202 ? `${name}${query}` : query;
    const location = { absolute: `http://${this.host}${path}`, path, relative }[locations];
    return { status, headers: { location, range: `0-${Math.max(0, sizeBytes - 1)}` } };
  }

  #blob({ method }: IncomingMessage, digest: string): Reply {
    const blob = this.blobs.get(digest);
    if (blob === undefined) return refused(404, "BLOB_UNKNOWN");
    const headers = { "content-length": String(blob.byteLength), "docker-content-digest": digest };
    return { status: 200, headers, ...(method === "GET" && { body: blob }) };
  }

  #putManifest({ headers }: IncomingMessage, name: string, bytes: Buffer): Reply {
    const digest = digestOf(bytes);
    const value = JSON.parse(bytes.toString("utf8")) as ManifestJson;
    const type = headers["content-type"] ?? "";
    if (value.mediaType !== type) return refused(400, "MANIFEST_INVALID");
    const blobs = [value.config, ...(value.layers ?? [])].flatMap((one) => one?.digest ?? []);
    const named = (value.manifests ?? []).map((one) => one.digest);
    const isWhole =
      blobs.every((one) => this.blobs.has(one)) && named.every((one) => this.manifests.has(one));
    if (!isWhole) return refused(404, "MANIFEST_BLOB_UNKNOWN");
    if (name.startsWith("sha256:") && name !== digest) return refused(400, "DIGEST_INVALID");
    this.manifests.set(digest, { type, bytes });
    if (!name.startsWith("sha256:")) this.tags.set(name, digest);
    const subject = this.#options.hasReferrers === true ? value.subject?.digest : undefined;
    const about = subject === undefined ? {} : { "oci-subject": subject };
    return { status: 201, headers: { "docker-content-digest": digest, ...about } };
  }

  #manifest({ method, headers: { accept = "" } }: IncomingMessage, name: string): Reply {
    const digest = name.startsWith("sha256:") ? name : (this.tags.get(name) ?? "");
    const found = this.manifests.get(digest);
    if (found === undefined) return refused(404, "MANIFEST_UNKNOWN");
    if (method === "DELETE") {
      if (name === digest) this.manifests.delete(digest);
      for (const [tag, of] of this.tags) {
        if (tag === name || (name === digest && of === digest)) this.tags.delete(tag);
      }
      return { status: 202 };
    }
    if (!accept.split(/,\s*/).includes(found.type)) return refused(406, "MANIFEST_UNKNOWN");
    const headers = { "content-type": found.type, "docker-content-digest": digest };
    return { status: 200, headers, body: found.bytes };
  }

  #tagPage(url: URL): Reply {
    const all = [...this.tags.keys()].sort();
    const last = url.searchParams.get("last") ?? "";
    const count = Math.min(this.#options.pageSize ?? 1e9, Number(url.searchParams.get("n") ?? 1e9));
    const left = all.filter((tag) => tag > last);
    const tags = left.slice(0, count);
    const next = left.length > count ? `n=${count}&last=${tags.at(-1)}` : undefined;
    return { status: 200, headers: this.#linkTo(url, next), body: JSON.stringify({ tags }) };
  }

  #referrers(url: URL, subject: string): Reply {
    const { hasReferrers, chooses, pageSize = 1e9 } = this.#options;
    if (hasReferrers !== true) return refused(404, "NOT_FOUND");
    const type = url.searchParams.get("artifactType");
    const found = [...this.manifests].flatMap(([digest, { type: mediaType, bytes }]) => {
      const value = JSON.parse(bytes.toString("utf8")) as ManifestJson;
      if (value.subject?.digest !== subject) return [];
      const artifactType = value.artifactType ?? value.config?.mediaType;
      if (chooses === true && type !== null && artifactType !== type) return [];
      return [{ mediaType, digest, size: bytes.byteLength, artifactType }];
    });
    const start = Number(url.searchParams.get("page") ?? 0);
    const choice = type === null ? "" : `artifactType=${encodeURIComponent(type)}&`;
    const hasMore = found.length > start + pageSize;
    const links = this.#linkTo(url, hasMore ? `${choice}page=${start + pageSize}` : undefined);
    const applied = chooses === true && type !== null && { "oci-filters-applied": "artifactType" };
    const manifests = found.slice(start, start + pageSize);
    const body = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });
    return { status: 200, headers: { "content-type": indexType, ...links, ...applied }, body };
  }

  #linkTo(url: URL, query: string | undefined): Record<string, string> {
    const { links = "path" } = this.#options;
    if (query === undefined || links === "none") return {};
    const path = `${url.pathname}?${query}`;
    const target = { absolute: `http://${this.host}${path}`, path, relative: `?${query}` }[links];
    return { link: `<http://elsewhere/>; rel="help", <${target}>; title="a, b"; rel="next"` };
  }
}

interface ManifestJson {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: { readonly digest: string; readonly mediaType: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
}

function refused(status: number, code: string): Reply {
  return { status, body: JSON.stringify({ errors: [{ code }] }) };
}

function queryOf({ state }: Upload): string {
  return `?state=${state}%20~=`;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
