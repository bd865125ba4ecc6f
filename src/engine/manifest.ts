// Sets of files that compilers were seen to read, by what they were told to compile.

import type { ActionResult } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { Store } from "../store/store.ts";
import type { ReadSet } from "./records.ts";

/** More are of no use: what differs so much is found by its preprocessed text. */
const maxSets = 8;

/** The sets known for `weakKey`, the latest first. */
export function readManifest({ actionCache, cas }: Stores, weakKey: Digest): readonly ReadSet[] {
  const found = actionCache.read(manifestKeyOf(weakKey));
  const text = found === undefined ? undefined : cas.read(found.stdout)?.toString();
  if (text === undefined) return [];
  try {
    return JSON.parse(text) as readonly ReadSet[];
  } catch {
    return []; // Of another version: it only saves work.
  }
}

/** Puts `set` first among the sets for `weakKey`. Of two builds at once, one may be forgotten. */
export function addToManifest(stores: Stores, weakKey: Digest, set: ReadSet): void {
  const text = JSON.stringify(set);
  const others = readManifest(stores, weakKey).filter((one) => JSON.stringify(one) !== text);
  const sets = JSON.stringify([set, ...others].slice(0, maxSets));
  const { actionCache, cas } = stores;
  const nothing = cas.put(Buffer.alloc(0));
  actionCache.write(manifestKeyOf(weakKey), {
    exitCode: 0,
    outputs: new Map(),
    stdout: cas.put(Buffer.from(sets)),
    stderr: nothing,
    wallMs: 0,
    mnemonic: "Manifest",
  } satisfies ActionResult);
}

type Stores = Pick<Store, "actionCache" | "cas">;

function manifestKeyOf(weakKey: Digest): Digest {
  return digestOf(`manifest of ${weakKey}`);
}
