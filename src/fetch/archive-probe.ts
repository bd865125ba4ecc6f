// What is behind an address that was no repository. Takes no more than the first bytes of it.

import { type Address, parseAddress } from "./address.ts";
import { type ArchiveFormat, formatOfBytes } from "./archive-format.ts";
import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import { openHttpClient } from "./http-client.ts";
import { type Answer, ask } from "./http-exchange.ts";
import { loadNetrc } from "./netrc.ts";

/**
 * The format of the archive that `url` gives: by its first bytes, else by its `Content-Type`.
 * Undefined when it is none, or none that a server gives just now.
 */
export async function archiveAt(
  url: string,
  context: Pick<FetchContext, "environment" | "signal">,
): Promise<ArchiveFormat | undefined> {
  const { environment, signal } = context;
  try {
    const address = parseAddress(url);
    if (address.kind !== "http") return undefined;
    const client = await openHttpClient(environment);
    try {
      return await formatAt(address, { client, netrc: loadNetrc(environment), signal });
    } finally {
      await client.close();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    // What the server says is about a repository; that it says nothing else is no news.
    return undefined;
  }
}

async function formatAt(
  address: Address & { readonly kind: "http" },
  asker: Parameters<typeof ask>[2],
): Promise<ArchiveFormat | undefined> {
  const headers = { "user-agent": "kraft-graph", "accept-encoding": "identity" };
  const answer = await ask(address, { ...headers, range: `bytes=0-${startBytes - 1}` }, asker);
  const start = await startOf(answer);
  if (answer.status !== 200 && answer.status !== 206) return undefined;
  return formatOfBytes(start) ?? formats.get(typeOf(answer));
}

/** All that archives are told by. */
const startBytes = 512;

async function startOf({ body }: Answer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let count = 0;
  for await (const piece of body) {
    if (!Buffer.isBuffer(piece)) throw new FetchError("server-error", "the answer is no bytes");
    pieces.push(piece);
    count += piece.byteLength;
    // Leaving the loop ends the transfer, however much there is.
    if (count >= startBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, startBytes);
}

function typeOf(answer: Answer): string {
  return (answer.header("content-type") ?? "").replace(/;.*$/s, "").trim().toLowerCase();
}

/** Source: the media types of IANA, and those that servers are configured with. */
const formats: ReadonlyMap<string, ArchiveFormat> = new Map([
  ["application/zip", "zip"],
  ["application/x-zip-compressed", "zip"],
  ["application/x-tar", "tar"],
  ["application/gzip", "tar.gz"],
  ["application/x-gzip", "tar.gz"],
  ["application/x-xz", "tar.xz"],
  ["application/x-bzip2", "tar.bz2"],
  ["application/zstd", "tar.zst"],
]);
