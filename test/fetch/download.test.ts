import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { download } from "../../src/fetch/download.ts";
import { freshDirectory, testContext } from "./fetch-rig.ts";

const bytes = Buffer.from("sources of lwip\n".repeat(10_000));
const sha256 = createHash("sha256").update(bytes).digest("hex");

test("a file is fetched, verified and left under its name, and nothing else", async () => {
  const { directory, to } = place();
  const url = await serve((_, response) => response.setHeader("etag", '"1"').end(bytes));
  const { context, progress } = testContext();
  const checksums = [`sha256:${sha256}`, `md5:${createHash("md5").update(bytes).digest("hex")}`];
  const downloaded = await download({ urls: [`${url}/lwip.tgz`], checksums, to }, context);
  expect(downloaded).toEqual({
    sha256,
    sizeBytes: bytes.byteLength,
    url: `${url}/lwip.tgz`,
    etag: '"1"',
  });
  expect(readFileSync(to).equals(bytes)).toBe(true);
  expect(readdirSync(directory)).toEqual(["lwip.tgz"]);
  expect(progress.at(-1)?.[0]).toBe(bytes.byteLength);
});

test("other bytes than promised are an error that shows both digests", async () => {
  const { directory, to } = place();
  const url = await serve((_, response) => response.end("others"));
  const { context } = testContext();
  const other = createHash("sha256").update("others").digest("hex");
  await expect(
    download({ urls: [`${url}/lwip.tgz`], checksums: [`sha256:${sha256}`], to }, context),
  ).rejects.toMatchObject({
    code: "digest-mismatch",
    message:
      `${url}/lwip.tgz is not what it should be: ` +
      `expected sha256:${sha256}, found sha256:${other}`,
  });
  expect(readdirSync(directory)).toEqual([]);
});

test("files of the machine are copied, by path and by address", async () => {
  const { directory, to } = place();
  const from = join(directory, "original");
  writeFileSync(from, bytes);
  const { context } = testContext();
  for (const url of [from, `file://${from}`]) {
    const downloaded = await download({ urls: [url], checksums: [], to }, context);
    expect(downloaded).toEqual({ sha256, sizeBytes: bytes.byteLength, url: from });
    expect(readFileSync(to).equals(bytes)).toBe(true);
  }
});

function place() {
  const directory = freshDirectory();
  return { directory, to: join(directory, "lwip.tgz") };
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
