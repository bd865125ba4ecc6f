import { createHash, type Hash } from "node:crypto";

import { FetchError } from "./fetch-error.ts";

/** A digest that a file is promised to have. Text form: `sha256:` and lower-case hex. */
export interface Checksum {
  readonly algorithm: "sha256" | "sha512" | "sha1" | "md5";
  readonly hex: string;
}

const digits = { sha256: 64, sha512: 128, sha1: 40, md5: 32 } as const;

/** `text` as a checksum, in capital letters too; undefined unless it has the form of one. */
export function parseChecksum(text: string): Checksum | undefined {
  const [, algorithm = "", hex = ""] = /^([a-z0-9]+):([0-9a-f]+)$/i.exec(text.trim()) ?? [];
  const name = algorithm.toLowerCase();
  if (!isAlgorithm(name) || hex.length !== digits[name]) return undefined;
  return { algorithm: name, hex: hex.toLowerCase() };
}

/** See {@link Checksum}. */
export function formatChecksum({ algorithm, hex }: Checksum): string {
  return `${algorithm}:${hex}`;
}

/** Digests of bytes that come piece by piece: SHA-256, and whatever is promised. */
export class RunningDigests {
  readonly #hashes: ReadonlyMap<Checksum["algorithm"], Hash>;

  constructor(promised: readonly Checksum[]) {
    const algorithms = new Set(["sha256" as const, ...promised.map((one) => one.algorithm)]);
    this.#hashes = new Map([...algorithms].map((name) => [name, createHash(name)]));
  }

  update(bytes: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(bytes);
  }

  /** Of all bytes so far; more may come. */
  current(): readonly Checksum[] {
    return [...this.#hashes].map(([algorithm, hash]) => {
      return { algorithm, hex: hash.copy().digest("hex") };
    });
  }
}

/** Throws a FetchError that shows both, when `found` has another digest than one of `promised`. */
export function verifyChecksums(
  promised: readonly Checksum[],
  found: readonly Checksum[],
  from: string,
): void {
  for (const wanted of promised) {
    const actual = found.find(({ algorithm }) => algorithm === wanted.algorithm);
    if (actual?.hex === wanted.hex) continue;
    const both = `expected ${formatChecksum(wanted)}, found ${actual ? formatChecksum(actual) : "none"}`;
    throw new FetchError("digest-mismatch", `${from} is not what it should be: ${both}`, {
      help: "it was changed where it comes from, or on its way; take over the new one only knowingly",
    });
  }
}

function isAlgorithm(name: string): name is Checksum["algorithm"] {
  return Object.hasOwn(digits, name);
}
