// What the tests of a shared folder run in each process: `node folder-child.mjs <folder> <command>`.

import { digestOf } from "../../src/digest/digest.ts";
import { Attempts } from "../../src/remote/attempts.ts";
import { Breaker } from "../../src/remote/breaker.ts";
import { Downloads } from "../../src/remote/downloads.ts";
import { openFolderCache } from "../../src/remote/folder-cache.ts";
import { RemoteError } from "../../src/remote/remote-error.ts";
import { openCas } from "../../src/store/disk-cas.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { folderBlob, folderBlobs, folderResult, largeBlob } from "./folder-blobs.ts";

const [directory = "", command = "", argument = ""] = process.argv.slice(2);
const attempts = new Attempts(new Breaker(() => undefined), { wait: async () => undefined });
const cache = openFolderCache(
  { kind: "folder", directory },
  { timeoutMs: 60_000 },
  { attempts, epochMs: Date.now },
);

/** Blobs that all writers have, in an order of its own, and one that nobody else has. */
async function writeAmongOthers(name: string): Promise<void> {
  const blobs = folderBlobs();
  const start = Number(name) % blobs.length;
  const own = [...blobs.slice(start), ...blobs.slice(0, start), folderBlob(`of ${name}`, 70_000)];
  const small = own.filter(({ byteLength }) => byteLength < 10_000);
  await cache.writeBatch(new Map(small.map((bytes) => [digestOf(bytes), bytes])));
  for (const bytes of own) {
    if (bytes.byteLength < 10_000) continue;
    await cache.writeBlob(digestOf(bytes), (offset) => piecesOf(bytes.subarray(offset)));
  }
  for (const key of ["shared", name]) {
    await cache.writeResult(digestOf(`key ${key}`), folderResult(name));
  }
}

/** One blob in one piece, of which the disk takes a part; prints what came of it. */
async function writeOne(): Promise<void> {
  const bytes = largeBlob();
  const end = await cache
    .writeBlob(digestOf(bytes), () => piecesOf(bytes, bytes.byteLength))
    .then(
      () => "written",
      (error: unknown) => (error instanceof RemoteError ? error.kind : "?"),
    );
  process.stdout.write(`${JSON.stringify(end)}\n`);
}

/** Brings the large blob into the store `place`, and prints what came of it. */
async function download(place: string): Promise<void> {
  const abilities = await cache.abilities();
  const cas = openCas(place, { epochMs: Date.now });
  const downloads = new Downloads({ cache, abilities, cas });
  const digest = digestOf(largeBlob());
  const end = await downloads.fetch([{ digest, executable: false }]).then(
    (isThere) => (isThere ? "there" : "not there"),
    (error: unknown) => (error instanceof StoreError ? `${error.name} ${error.kind}` : "?"),
  );
  process.stdout.write(`${end}, ${downloads.lost.size} lost\n`);
}

async function* piecesOf(bytes: Uint8Array, most = 100_000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += most) yield bytes.subarray(at, at + most);
}

if (command === "write-one") await writeOne();
else if (command === "download") await download(argument);
else {
  // All begin together, once the test has seen that all of them run.
  process.stdout.write("ready\n");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdin.destroy();
  await writeAmongOthers(argument);
}
