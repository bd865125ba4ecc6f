// What a fetch action does with an archive, as a program: download, verify, unpack.
//
// Usage: node fetch-program.mjs ADDRESS SHA256 DIRECTORY

import { setTimeout } from "node:timers/promises";

import { download } from "../src/fetch/download.ts";
import { unpack } from "../src/fetch/unpack.ts";

const [, , url, sha256, into] = process.argv;
const archive = `${into}.tar.gz`;
await download(
  { urls: [url], checksums: [`sha256:${sha256}`], to: archive },
  {
    environment: {},
    signal: new AbortController().signal,
    onProgress: () => {},
    random: Math.random,
    wait: (ms) => setTimeout(ms),
    epochMs: Date.now,
  },
);
await unpack(archive, "tar.gz", into);
