// Lock files of opam-monorepo: what is to be had from where. Knows the syntax, and no network.

import { ProgramError } from "../../../src/index.ts";
import { type OpamValue, fieldsOf } from "./opam-syntax.ts";

/** Sources that stand in one directory of the duniverse. */
export interface DuniverseEntry {
  readonly url: string;
  /** A name, and no path. */
  readonly directory: string;
  /** `sha512:<hex>` and the like. */
  readonly checksums: readonly string[];
}

/**
 * The sources that the lock file `text` names, in the order of their directories. Throws a
 * ProgramError with `path` for what is no lock file. Source: opam-monorepo, lib/lockfile.ml.
 */
export function readDuniverse(text: string, path: string): readonly DuniverseEntry[] {
  const fields = fieldsOf(text);
  if (typeof fields === "string") throw new ProgramError(`${path}: ${fields}`);
  if (!fields.has("x-opam-monorepo-version")) {
    throw new ProgramError(`${path} is no lock file of opam-monorepo`);
  }
  const listed = fields.get("x-opam-monorepo-duniverse-dirs") ?? { kind: "list", items: [] };
  const items = listed.kind === "list" ? listed.items : [];
  const entries = items.map((item) => entryOf(item, path));
  const again = entries.find(({ directory }, i) =>
    entries.slice(0, i).some((earlier) => earlier.directory === directory),
  );
  if (again !== undefined) {
    throw new ProgramError(`${path} has two sources for the directory ${again.directory}`);
  }
  return entries.toSorted((a, b) => (a.directory < b.directory ? -1 : 1));
}

function entryOf(item: OpamValue, path: string): DuniverseEntry {
  const [url, directory, hashes] = item.kind === "list" ? item.items : [];
  if (url?.kind !== "string" || directory?.kind !== "string") {
    throw new ProgramError(`${path}: an entry of the duniverse is an address and a directory`);
  }
  // What is elsewhere than in the duniverse would be written over.
  if (!/^[A-Za-z0-9_+-][A-Za-z0-9_.+-]*$/.test(directory.text)) {
    throw new ProgramError(`${path}: "${directory.text}" is no name for a directory`);
  }
  const sums = hashes?.kind === "list" ? hashes.items : [];
  const checksums = sums.flatMap((sum) =>
    sum.kind === "string" ? [sum.text.replace("=", ":")] : [],
  );
  return { url: url.text, directory: directory.text, checksums };
}
