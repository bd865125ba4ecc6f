// A store with a tree that is worth remembering, and losses of its blobs. Knows no test.

import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import { isTreeComplete } from "../../src/store/completeness.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { readTree } from "../../src/store/tree.ts";
import { rigHost, temporaryDirectory } from "./store-rig.ts";

/** Enough that the tree is remembered. */
export const fileCount = 250;

/** What is in file number `index` of the tree. */
export function textOf(index: number): string {
  return `file ${index}`;
}

/** A tree of `fileCount` files, of which every tenth is executable, in `store`. */
export function storeTree(store: Store) {
  const top = join(temporaryDirectory(), "top");
  mkdirSync(join(top, "sub"), { recursive: true });
  for (let index = 0; index < fileCount; index++) {
    const path = join(top, index % 2 === 0 ? "sub" : "", `${index}`);
    writeFileSync(path, textOf(index), { mode: index % 10 === 0 ? 0o755 : 0o644 });
  }
  writeFileSync(join(top, "empty"), "");
  const { node, bytes } = readTree(top, {
    modes: false,
    fileAt: (path) => ({
      ...store.cas.importFile(path, { move: false }),
      mode: 0o644,
      changing: false,
    }),
  });
  store.cas.put(bytes);
  return node;
}

/** A store with such a tree, whose clock the test moves. */
export function knownTreesRig() {
  const directory = join(temporaryDirectory(), "store");
  const host = rigHost();
  const store = openStore(directory, host);
  const tree = storeTree(store);
  return {
    ...host,
    directory,
    store,
    tree,
    open: () => openStore(directory, host),
    /** Whether all is there, with each blob looked for. */
    isThere: () => isTreeComplete(tree, openStore(directory, host).cas),
    /** Where the blob of file number `index` is. */
    blobOf: (index: number): string => blobPath(directory, digestOf(textOf(index)), index % 10),
    /** What is known of trees. */
    stamps: (): string[] => readdirSync(join(directory, "complete")),
    /** Lets the clock of the file system and that of the host go on, so that changes are told apart. */
    settle: (): void => {
      waitForTick(directory);
      host.passMs(3_000);
    },
  };
}

function blobPath(directory: string, digest: Digest, lastDigit: number): string {
  const name = digest.slice(0, 64);
  return join(directory, "cas", name.slice(0, 2), lastDigit === 0 ? `${name}.x` : name);
}

/** Ends once a change gets another ctime than those up to now; a tick is a few milliseconds. */
function waitForTick(directory: string): void {
  const probe = join(directory, "tick");
  const ctimeOfNew = (): bigint => {
    writeFileSync(probe, "");
    const { ctimeNs } = lstatSync(probe, { bigint: true });
    rmSync(probe);
    return ctimeNs;
  };
  for (const before = ctimeOfNew(); ctimeOfNew() === before; );
}
