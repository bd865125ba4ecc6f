// The tools of MirageOS for tests: the real ones where all are on the PATH, else stand-ins. Knows no
// test.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";

import { findProgram } from "../../src/sandbox/program-file.ts";

/** Where stand-ins are, whatever is on the PATH. */
export const standIns = fileURLToPath(new URL("../stand-ins/mirage/bin", import.meta.url));

const names = ["mirage", "opam", "opam-monorepo", "dune", "ocamlfind", "ocamlc"];

/** Where the real tools are, which may be several places; undefined: one of them is missing. */
const realPath = (() => {
  const found = names.flatMap((name) => findProgram(name, process.env["PATH"] ?? "", "/") ?? []);
  return found.length === names.length ? [...new Set(found.map((one) => dirname(one)))] : undefined;
})();

/** Where actions find the tools. */
export const miragePath = `${realPath?.join(":") ?? standIns}:/usr/bin:/bin`;

/** The same with stand-ins alone. */
export const standInPath = `${standIns}:/usr/bin:/bin`;

/** A test with the tools that are there, whose title says which. It must need no network. */
export function mirageTest(title: string, run: () => Promise<void>): void {
  test(`${title} (${realPath === undefined ? "stand-ins" : "real MirageOS"})`, run);
}

/** A test that takes stand-ins, as real tools would ask a network which sources there are. */
export function standInTest(title: string, run: () => Promise<void>): void {
  test(`${title} (stand-ins)`, run);
}
