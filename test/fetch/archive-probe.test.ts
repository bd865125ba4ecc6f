import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

import { archiveAt } from "../../src/fetch/archive-probe.ts";
import { testContext } from "./fetch-rig.ts";
import { tar, zip } from "./forge.ts";
import { serve } from "./server-rig.ts";

const files = tar({ name: "a.c", body: "a\n" });

test.each([
  ["the first bytes, whatever the type", gzipSync(files), "text/plain", "tar.gz"],
  ["a tar that nobody packed", files, "application/octet-stream", "tar"],
  ["a zip", zip({ name: "a.c", body: "a\n" }), "", "zip"],
  ["the type, when the bytes say nothing", Buffer.from("x"), "application/zip; a=b", "zip"],
  ["a web page", Buffer.from("<!doctype html>"), "text/html", undefined],
  ["nothing", Buffer.alloc(0), "", undefined],
])("what is behind an address is told by %s", async (_, body, type, format) => {
  const { url, log } = await serve((_question, answer) => {
    answer.writeHead(200, type === "" ? {} : { "content-type": type }).end(body);
  });
  expect(await archiveAt(`${url}/download/42`, testContext().context)).toBe(format);
  expect(log).toMatchObject([{ path: "/download/42", range: "bytes=0-511" }]);
});

test("no more than the beginning is taken, of however much a server gives", async () => {
  let close = (): void => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const { url } = await serve((_question, answer) => {
    answer.on("close", close);
    answer.write(gzipSync(files));
    // It never ends by itself.
    answer.on("drain", () => answer.write(Buffer.alloc(65_536)));
    answer.write(Buffer.alloc(4 * 2 ** 20));
  });
  expect(await archiveAt(url, testContext().context)).toBe("tar.gz");
  await closed;
});

test.each([404, 500])("an answer of %s is no archive", async (status) => {
  const { url } = await serve((_question, answer) => {
    answer.writeHead(status, { "content-type": "application/zip" }).end(zip());
  });
  expect(await archiveAt(url, testContext().context)).toBe(undefined);
});

test("a server that is not there is no archive, and neither is an address of no server", async () => {
  expect(await archiveAt("http://127.0.0.1:1/x", testContext().context)).toBe(undefined);
  expect(await archiveAt("file:///etc/passwd", testContext().context)).toBe(undefined);
});
