// Images of registries → OCI image layouts on the disk. Knows no store.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { download } from "../fetch/download.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import { indexJsonOf } from "../format/image-layout.ts";
import { inTurns } from "./in-turns.ts";
import { linkOrCopy } from "./link-or-copy.ts";
import type { BlobDescriptor, Manifest } from "./manifest.ts";
import { pullScope, readManifest } from "./read-manifest.ts";
import { formatReference, type RegistryReference } from "./reference.ts";
import type { Registries, RegistryPlace } from "./registries.ts";

/** Where blobs are kept that came once, so that none comes twice. */
export interface BlobKeeper {
  /** The absolute path of a file with exactly this blob; undefined when there is none. */
  readonly find: (blob: BlobDescriptor) => string | undefined | Promise<string | undefined>;
  /** Takes over the file `path`, which is `blob`; gives the path where it is from now on. */
  readonly keep: (path: string, blob: BlobDescriptor) => string;
  /** Where the part of a blob stays when pulling is interrupted. */
  readonly partialPath: (blob: BlobDescriptor) => string;
  readonly temporaryPath: () => string;
}

/** An image, and where it goes. */
export interface PullRequest {
  /** Where it is; tag and digest do not matter. */
  readonly reference: RegistryReference;
  /** Of the image's manifest. */
  readonly digest: string;
  /** Whether it may be an index, of which all images are wanted. */
  readonly whole?: boolean;
  /** The absolute path of a directory that is not there yet. */
  readonly into: string;
}

/**
 * Leaves an OCI image layout with one image: the same bytes for the same manifest, wherever it came
 * from. Throws a FetchError; then there is no whole layout, but blobs that came are kept.
 */
export async function pullImage(
  { reference, digest, into, whole = false }: PullRequest,
  registries: Registries,
  keeper: BlobKeeper,
): Promise<void> {
  const manifests = await manifestsOf({ reference, digest, whole }, registries);
  const blobs = join(into, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const named = manifests.flatMap(({ content }) =>
    content.kind === "index" ? [] : [content.config, ...content.layers],
  );
  const wanted = [...new Map(named.map((blob) => [blob.digest, blob])).values()];
  const progress = new PullProgress(wanted, registries.context.onProgress);
  await inTurns(wanted, parallel, async (blob) => {
    const found = await keeper.find(blob);
    const path = found ?? (await pullBlob(blob, { reference, progress }, { registries, keeper }));
    progress.tell(blob, blob.size);
    linkOrCopy(path, join(blobs, hexOf(blob.digest)));
  });
  writeLayout(into, manifests);
}

/** The manifest `digest`, and with `whole` all that it is an index of, each once. */
async function manifestsOf(
  { reference, digest, whole }: Pick<PullRequest, "reference" | "digest" | "whole">,
  registries: Registries,
): Promise<readonly [Manifest, ...Manifest[]]> {
  const { registry, repository } = reference;
  const known = new Map<string, Manifest>();
  const visit = async (wanted: string, depth: number): Promise<Manifest> => {
    const found = known.get(wanted);
    if (found !== undefined) return found;
    const manifest = await readManifest({ registry, repository, digest: wanted }, registries);
    known.set(wanted, manifest);
    const { content } = manifest;
    if (content.kind === "image") return manifest;
    if (whole !== true || depth === maxIndexDepth) {
      const what = whole === true ? "an index of indexes without end" : "an index, and no image";
      throw new FetchError("bad-manifest", `${formatReference(reference)} is ${what}`);
    }
    for (const entry of content.manifests) await visit(entry.digest, depth + 1);
    return manifest;
  };
  const root = await visit(digest, 0);
  known.delete(digest);
  return [root, ...known.values()];
}

/** Of indexes in indexes; nobody makes as many, but who wants to do harm. */
const maxIndexDepth = 3;

/** Registries and proxies mind more. */
const parallel = 4;

async function pullBlob(
  blob: BlobDescriptor,
  { reference, progress }: { reference: RegistryReference; progress: PullProgress },
  { registries, keeper }: { registries: Registries; keeper: BlobKeeper },
): Promise<string> {
  const sources = await reachable(await registries.sourcesOf(reference), registries);
  const to = keeper.temporaryPath();
  const { context } = registries;
  const downloaded = await download(
    {
      urls: sources.map(({ origin, repository }) => {
        return new URL(`/v2/${repository}/blobs/${blob.digest}`, origin).href;
      }),
      checksums: [blob.digest],
      to,
      partial: keeper.partialPath(blob),
      limitBytes: blob.size,
      ask: async ({ url }, headers) => {
        const place = sources.find(({ origin }) => origin.origin === url.origin);
        if (place === undefined) throw new Error(`bug: nobody said where ${url.href} is`);
        const scope = pullScope(place.repository);
        const answer = await place.host.ask({ method: "GET", url, headers, scope });
        if (answer.status === 403) throw place.host.refusal(url.pathname);
        return answer;
      },
    },
    { ...context, onProgress: (bytes) => progress.tell(blob, bytes) },
  );
  if (downloaded.sizeBytes !== blob.size) {
    const message = `${formatReference(reference)}: ${blob.digest} is not of the size it should be`;
    throw new FetchError("bad-manifest", message);
  }
  return keeper.keep(to, blob);
}

/** The places of which it is known how to talk to them; all fail only when none is. */
async function reachable(places: readonly RegistryPlace[], registries: Registries) {
  const withOrigin = async (place: RegistryPlace) => ({
    ...place,
    origin: await place.host.origin(),
  });
  const tried = await Promise.allSettled(places.map(withOrigin));
  const found = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  // Asked again, for the error as people understand it, or because the network is back.
  return found.length > 0 ? found : [await registries.firstOf(places, withOrigin)];
}

/** Adds up what has come of several blobs at once. */
class PullProgress {
  readonly #bytes = new Map<string, number>();
  readonly #total: number;
  readonly #tell: (bytes: number, total: number) => void;

  constructor(blobs: readonly BlobDescriptor[], tell: (bytes: number, total: number) => void) {
    this.#total = blobs.reduce((sum, { size }) => sum + size, 0);
    this.#tell = tell;
  }

  tell({ digest }: BlobDescriptor, bytes: number): void {
    this.#bytes.set(digest, bytes);
    let sum = 0;
    for (const one of this.#bytes.values()) sum += one;
    this.#tell(sum, this.#total);
  }
}

function hexOf(digest: string): string {
  return digest.replace("sha256:", "");
}

/** No name in it, as one image has many, and the same bytes are to be had by each of them. */
function writeLayout(into: string, manifests: readonly [Manifest, ...Manifest[]]): void {
  for (const { digest, bytes } of manifests) {
    writeFileSync(join(into, "blobs/sha256", hexOf(digest)), bytes);
  }
  writeFileSync(join(into, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const [{ mediaType, digest, bytes }] = manifests;
  const root = { mediaType, digest, size: bytes.byteLength };
  writeFileSync(join(into, "index.json"), indexJsonOf([root], {}));
}
