// Downloads in a directory of their own. Knows no server.

import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

import { download, type DownloadRequest } from "../../src/fetch/download.ts";
import { FetchError } from "../../src/fetch/fetch-error.ts";
import { freshDirectory, testContext } from "./fetch-rig.ts";
import { type Certificate, makeCertificate } from "./server-rig.ts";

/** What the servers have. */
export const bytes = Buffer.from("sources of lwip\n".repeat(10_000));
export const sha256 = digestOf(bytes, "sha256");
/** What a download of `bytes` comes to, whatever it comes from. */
export const whole = { sha256, sizeBytes: bytes.byteLength };

/** A certificate for all tests of a file, and the environment that trusts it. */
export function certificateForAll(): { tls: Certificate; trusting: Record<string, string> } {
  const directory = mkdtempSync(join(tmpdir(), "kraft-certificate-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const tls = makeCertificate(directory);
  return { tls, trusting: { SSL_CERT_FILE: tls.ca } };
}

/** A place to download to, with the checksum of `bytes` unless told otherwise. */
export function place(environment: Readonly<Record<string, string>> = {}) {
  const directory = freshDirectory();
  const to = join(directory, "a.tgz");
  const get = (
    urls: readonly string[],
    { onBytes, ...more }: Partial<DownloadRequest> & { onBytes?: () => void } = {},
  ) => {
    const world = testContext(environment);
    const onProgress: typeof world.context.onProgress = (count, total) => {
      world.context.onProgress(count, total);
      if (count > 0) onBytes?.();
    };
    const context = { ...world.context, onProgress };
    return {
      ...world,
      result: download({ urls, checksums: [`sha256:${sha256}`], to, ...more }, context),
    };
  };
  const failure = async (urls: readonly string[], more?: Partial<DownloadRequest>) => {
    try {
      await get(urls, more).result;
    } catch (error) {
      if (error instanceof FetchError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return "fetched";
  };
  return { directory, get, failure };
}

/** The digest of each file in `directory`, by name. */
export function contentOf(directory: string): Record<string, string> {
  const names = readdirSync(directory).sort();
  return Object.fromEntries(
    names.map((name) => [name, digestOf(readFileSync(join(directory, name)), "sha256")]),
  );
}

export function digestOf(content: Buffer | string, algorithm: string): string {
  return createHash(algorithm).update(content).digest("hex");
}
