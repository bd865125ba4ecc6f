// Sets of files that compilers were seen to read, by what they were told to compile.

import type { ActionResult } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import type { Store } from "../store/store.ts";
import type { HeaderName, ReadSet } from "./records.ts";

/** More are of no use: what differs so much is found by its preprocessed text. */
const maxSets = 8;

/** The sets known for `weakKey`, the latest first. */
export function readManifest({ actionCache, cas }: Stores, weakKey: Digest): readonly ReadSet[] {
  const found = actionCache.read(manifestKeyOf(weakKey));
  return found === undefined ? [] : setsIn(found, cas);
}

/** The sets in `manifest`, which may be anyone's; none when it is no manifest. */
export function setsIn({ stdout }: ActionResult, cas: Pick<Cas, "read">): readonly ReadSet[] {
  const text = cas.read(stdout)?.toString();
  if (text === undefined) return [];
  try {
    const sets: unknown = JSON.parse(text);
    return Array.isArray(sets) ? sets.filter(isReadSet).slice(0, maxSets) : [];
  } catch {
    return []; // Of another version: it only saves work.
  }
}

/**
 * Puts `fresh` first among the sets for `weakKey`, and gives the manifest that there is then. Of two
 * builds at once, one may be forgotten.
 */
export function addToManifest(
  stores: Stores,
  weakKey: Digest,
  fresh: readonly ReadSet[],
): ActionResult {
  const sets = JSON.stringify(unitedSets(fresh, readManifest(stores, weakKey)));
  const { actionCache, cas } = stores;
  const nothing = cas.put(Buffer.alloc(0));
  const manifest: ActionResult = {
    exitCode: 0,
    outputs: new Map(),
    stdout: cas.put(Buffer.from(sets)),
    stderr: nothing,
    wallMs: 0,
    mnemonic: "Manifest",
  };
  actionCache.write(manifestKeyOf(weakKey), manifest);
  return manifest;
}

/** Each set of `first` and `second` once, in this order, as many as are of use. */
export function unitedSets(first: readonly ReadSet[], second: readonly ReadSet[]): ReadSet[] {
  const byText = new Map([...first, ...second].map((set) => [JSON.stringify(set), set]));
  return [...byText.values()].slice(0, maxSets);
}

type Stores = Pick<Store, "actionCache" | "cas">;

/** Where the manifest for `weakKey` is kept, here and at a remote. */
export function manifestKeyOf(weakKey: Digest): Digest {
  return digestOf(`manifest of ${weakKey}`);
}

/** Whether `value` can be taken for a set: a manifest from elsewhere may hold anything. */
function isReadSet(value: unknown): value is ReadSet {
  const { files, searches, options, isWhole } = (value ?? {}) as Partial<
    Record<keyof ReadSet, unknown>
  >;
  return (
    isTexts(files) &&
    (options === undefined || isTexts(options)) &&
    (isWhole === undefined || isWhole === true) &&
    // Absent in manifests of engines that did not search yet; `Reads` passes those over.
    (searches === undefined || (Array.isArray(searches) && searches.every(isHeaderName)))
  );
}

function isHeaderName(value: unknown): boolean {
  const { name, directory, isEach } = (value ?? {}) as Partial<Record<keyof HeaderName, unknown>>;
  return (
    typeof name === "string" &&
    (directory === undefined || typeof directory === "string") &&
    (isEach === undefined || isEach === true)
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
