import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { FileFetching, type FileSource } from "../../src/engine/file-fetching.ts";
import { addressesOf } from "../../src/engine/mirrored.ts";
import { openStore } from "../../src/store/store.ts";
import { freshDirectory } from "../fetch/fetch-rig.ts";

const musl = "https://www.musl-libc.org/releases/musl-1.2.3.tar.gz";

test("mirrors are asked in order, and the address itself at last", () => {
  const mirrors = { "https://www.musl-libc.org/": "http://a/musl/  file:///srv/" };
  expect(addressesOf(musl, mirrors)).toEqual([
    "http://a/musl/releases/musl-1.2.3.tar.gz",
    "file:///srv/releases/musl-1.2.3.tar.gz",
    musl,
  ]);
});

test("of several beginnings the longest counts", () => {
  const mirrors = {
    "https://": "http://all/",
    "https://www.musl-libc.org/releases/": "http://musl/",
  };
  expect(addressesOf(musl, mirrors)).toEqual(["http://musl/musl-1.2.3.tar.gz", musl]);
});

test("a mirror of a registry is none of files", () => {
  expect(addressesOf(musl, { https: "http://a", "www.musl-libc.org": "b" })).toEqual([musl]);
});

test("a mirror that lies or lacks the file leaves the question to the next", async () => {
  const asked: string[] = [];
  const url = await serve((path) => {
    asked.push(path);
    return { "/lies/a": "other", "/true/a": "right" }[path];
  });
  const mirrors = { "https://example.invalid/": `${url}/lies/ ${url}/none/ ${url}/true/` };
  const store = openStore(freshDirectory(), host);
  const files = new FileFetching({ store, host, mirrors, vendorDirectory: undefined });
  // Of the five letters "right".
  const sum = "sha256:27042f4e6eca7d0b2a7ee4026df2ecfa51d3339e6d122aa099118ecd8563bad9";
  const source: FileSource = {
    kind: "file",
    urls: ["https://example.invalid/a"],
    checksums: [sum],
  };
  const to = join(freshDirectory(), "a");
  await files.download(source, to, options);
  expect(readFileSync(to, "utf8")).toBe("right");
  expect(asked).toEqual(["/lies/a", "/none/a", "/true/a"]);
});

const options = { signal: new AbortController().signal, onProgress: () => undefined };

const host = { env: {}, kill: () => undefined, epochMs: () => 0, now: () => 0, processId: 1 };

/** The address of a server of what `answer` says; undefined: it has no such file. */
async function serve(answer: (path: string) => string | undefined): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    const body = answer(url);
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
