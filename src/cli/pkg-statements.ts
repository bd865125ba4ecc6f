// What is said of an image beside it: what it was built from, and how.

import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { buildEvidence, type BuildEvidence } from "../engine/build-evidence.ts";
import { openLockBook } from "../engine/lock-book.ts";
import { namesOf } from "../engine/locking.ts";
import { envelopeType, signedEnvelope } from "../registry/envelope.ts";
import type { StoredImage } from "../registry/image-store.ts";
import {
  localBuilder,
  predicateType,
  provenanceOf,
  statementType,
} from "../registry/provenance.ts";
import { blobsIn } from "../registry/layout.ts";
import { pushImage } from "../registry/push-image.ts";
import { parseReference } from "../registry/reference.ts";
import { type NamedSource, spdxOf, spdxType } from "../registry/sbom.ts";
import { type Statement, writeStatement } from "../registry/statement.ts";
import { imagesIn } from "./boot-files.ts";
import type { ImagePlace } from "./image-place.ts";
import { createdOf } from "./image-time.ts";
import type { ImageWords } from "./image-words.ts";
import { nameIn } from "./layout-image.ts";
import type { PkgPlace } from "./pkg-place.ts";
import { mistakeLog } from "./mistakes.ts";

/** What an image was made of. */
export type Origin =
  | {
      readonly kind: "targets";
      /** Labels, as they were built just now. */
      readonly patterns: readonly string[];
      readonly place: PkgPlace;
    }
  | { readonly kind: "images"; readonly images: readonly StoredImage[] };

/** What is asked for. */
export interface StatementsRequest {
  readonly words: ImageWords;
  readonly origin: Origin;
  readonly place: ImagePlace;
}

type Text = Omit<Statement, "subject">;

/** What `words` want to be said of `image`; undefined when that cannot be told, and why was. */
export async function statementsOn(
  image: StoredImage,
  { words, origin, place }: StatementsRequest,
): Promise<readonly Text[] | undefined> {
  const isProven = words.provenance || words.signKey !== undefined;
  if (!words.sbom && !isProven) return [];
  const { context } = place;
  const { version: toolVersion } = context.engine;
  const key = words.signKey === undefined ? undefined : privateKeyIn(words.signKey, context);
  if (key === "none") return undefined;
  const evidence = await evidenceOf(origin, place);
  if (evidence === undefined) return undefined;
  const sources = sourcesIn(origin, evidence);
  const created = createdOf(context);
  const texts: Text[] = [];
  if (words.sbom) {
    const { reference, root } = image;
    const subject = { reference, digest: root.digest, toolVersion, created: 0, ...created };
    texts.push({ artifactType: spdxType, text: spdxOf(subject, sources) });
  }
  if (!isProven) return texts;
  const text = provenanceOf({
    subjects: [image.root, ...imagesIn(image).map(({ descriptor }) => descriptor)].map(
      ({ digest }) => ({ name: image.reference, digest }),
    ),
    parameters: parametersOf(words, evidence),
    sources,
    ...evidence,
    builder: words.builder ?? localBuilder,
    toolVersion,
    ...created,
  });
  const annotations = { "in-toto.io/predicate-type": predicateType };
  if (key === undefined) texts.push({ artifactType: statementType, text, annotations });
  else {
    const envelope = signedEnvelope(text, statementType, key);
    texts.push({ artifactType: envelopeType, text: envelope, annotations });
  }
  return texts;
}

/** Pushes `texts` as what is about `image`, which is there already. */
export async function pushStatements(
  texts: readonly Text[],
  { reference, root: subject }: StoredImage,
  { registries, context, temporaryPath }: ImagePlace,
): Promise<void> {
  const { registry, repository } = parseReference(reference, "kraft");
  for (const text of texts) {
    const directory = temporaryPath();
    const root = await writeStatement({ ...text, subject }, directory, context.signal);
    const request = { blobs: blobsIn(directory), root, reference: { registry, repository } };
    await pushImage(request, registries);
    context.stdout.write(`${registry}/${repository} ${root.digest} ${text.artifactType}\n`);
  }
}

const noEvidence: BuildEvidence = { labels: [], actions: [], files: [], fetches: [] };

async function evidenceOf(
  origin: Origin,
  { context }: ImagePlace,
): Promise<BuildEvidence | undefined> {
  if (origin.kind === "images") return noEvidence;
  const log = mistakeLog(context);
  const { patterns, place } = origin;
  const { repository, request } = place;
  const found = await buildEvidence(repository, patterns, {
    request,
    host: context.host,
    report: log.report,
  });
  return log.tell().hasErrors ? undefined : found;
}

/** What comes from elsewhere, as it is locked. */
function sourcesIn(origin: Origin, { fetches }: BuildEvidence): readonly NamedSource[] {
  if (origin.kind === "images") return origin.images.map(sourceOfImage);
  const book = openLockBook(origin.place.repository.lockFile, () => undefined);
  return fetches.map((fetch) => ({
    name: namesOf(fetch)[0] ?? "",
    source: book.pinned(fetch.source),
  }));
}

function sourceOfImage(image: StoredImage): NamedSource {
  const reference = nameIn(image);
  const { digest } = image.root;
  // An index is for whatever is in it.
  const platform = { os: "", architecture: "" };
  return { name: reference, source: { kind: "image", reference, platform, digest } };
}

/** All that the user said, as another of these gives another image. */
function parametersOf(words: ImageWords, { labels }: BuildEvidence): Record<string, unknown> {
  const { as, args, env, labels: notes, rootfs, platform, architecture, compress } = words;
  return {
    targets: labels,
    as,
    ...(args.length > 0 && { args }),
    ...(env.length > 0 && { env }),
    ...(notes.length > 0 && { labels: notes }),
    ...(rootfs !== undefined && { rootfs }),
    ...(platform !== undefined && { platform }),
    ...(architecture !== undefined && { architecture }),
    ...(compress !== undefined && { compress }),
    ...(words.hasAliases && { platformAliases: true }),
    ...(words.strategy !== "overwrite" && { strategy: words.strategy }),
  };
}

/** `none` when there is no such key, which is told. */
function privateKeyIn(path: string, { host, stderr }: ImagePlace["context"]): KeyObject | "none" {
  try {
    const key = createPrivateKey(readFileSync(resolve(host.workingDirectory, path)));
    if (["ed25519", "ec"].includes(key.asymmetricKeyType ?? "")) return key;
  } catch {
    // Told below, as what is wrong with a file of secrets is better not told in detail.
  }
  stderr.write(`error: --sign-key: ${path} has no private key of Ed25519 or ECDSA in PEM\n`);
  return "none";
}
