// Who signed how an image was built.

import { createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { envelopeType, keyIdOf, verifiedPayload } from "../registry/envelope.ts";
import { predicateType, statementType } from "../registry/provenance.ts";
import { readManifest, readSmallBlob } from "../registry/read-manifest.ts";
import { formatReference, parseReference, type RegistryReference } from "../registry/reference.ts";
import { listReferrers } from "../registry/referrers.ts";
import type { exitCodes } from "./context.ts";
import { tellMistake } from "./mistakes.ts";
import { type ImagePlace, offlineError } from "./image-place.ts";
import type { ImageWords } from "./image-words.ts";

/** `kraft-graph pkg verify IMAGE… --key FILE`: fails unless the key signed each one's provenance. */
export async function verifyImages(
  { words, key: path }: ImageWords,
  place: ImagePlace,
): Promise<keyof typeof exitCodes> {
  const { stdout, stderr, host } = place.context;
  if (words.length === 0 || path === undefined) {
    stderr.write("error: pkg verify: say which image, and with --key which public key\n");
    return "refused";
  }
  const key = publicKeyIn(resolve(host.workingDirectory, path));
  if (key === undefined) {
    stderr.write(`error: --key: ${path} has no key in PEM\n`);
    return "refused";
  }
  let isVerified = true;
  for (const word of words) {
    const reference = parseReference(word, "kraft");
    const shown = formatReference(reference);
    if (place.isOffline) throw offlineError(`what is said beside ${shown} is not on this machine`);
    const { digest } = await readManifest(reference, place.registries);
    const builder = await signedBuilder({ ...reference, digest }, key, place);
    if (builder === undefined) {
      isVerified = false;
      const message = `no provenance of ${formatReference(reference)} (${digest}) is signed by the key`;
      const help = "pkg --push --provenance --sign-key FILE signs it";
      const about = { severity: "error", code: "not-verified", message, help } as const;
      tellMistake(about, { stderr, host });
    } else {
      stdout.write(`${formatReference(reference)} ${digest}\n`);
      stdout.write(`  built by  ${builder}\n  key       ${keyIdOf(key)}\n`);
    }
  }
  return isVerified ? "ok" : "failed";
}

/** Who built the image by its digest, as `key` signed it; undefined when nothing such is there. */
async function signedBuilder(
  reference: RegistryReference & { readonly digest: string },
  key: KeyObject,
  { registries }: ImagePlace,
): Promise<string | undefined> {
  const place = await registries.placeOf(reference);
  const about = { place, registries, artifactType: envelopeType };
  for (const { digest } of await listReferrers(reference.digest, about)) {
    const { registry, repository } = reference;
    const found = { registry, repository, digest };
    const { content } = await readManifest(found, registries);
    for (const layer of content.kind === "image" ? content.layers : []) {
      const envelope = await readSmallBlob(found, layer, registries);
      const text = verifiedPayload(envelope.toString("utf8"), statementType, key);
      const builder = text === undefined ? undefined : builderIn(text, reference.digest);
      if (builder !== undefined) return builder;
    }
  }
  return undefined;
}

/** Who built what has `digest`, as a statement that was verified says. */
function builderIn(text: string, digest: string): string | undefined {
  const statement = JSON.parse(text) as {
    readonly predicateType?: unknown;
    readonly subject?: readonly { readonly digest?: { readonly sha256?: unknown } }[];
    readonly predicate?: { readonly runDetails?: { readonly builder?: { readonly id?: unknown } } };
  };
  const isAbout = statement.subject?.some(
    (one) => `sha256:${String(one.digest?.sha256)}` === digest,
  );
  const id = statement.predicate?.runDetails?.builder?.id;
  // A signature of something else by the same key says nothing of this image.
  if (statement.predicateType !== predicateType || isAbout !== true) return undefined;
  return typeof id === "string" ? id : undefined;
}

function publicKeyIn(path: string): KeyObject | undefined {
  try {
    return createPublicKey(readFileSync(path));
  } catch {
    return undefined;
  }
}
