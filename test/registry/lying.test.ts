// A registry that does not do what registries do, in one way at a time.

import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";

import { FetchError } from "../../src/fetch/fetch-error.ts";
import { chooseImage } from "../../src/registry/choose-image.ts";
import { blobsIn, readLayoutRoots } from "../../src/registry/layout.ts";
import { pullImage } from "../../src/registry/pull-image.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { Registries } from "../../src/registry/registries.ts";
import { freshDirectory, testContext } from "../fetch/fetch-rig.ts";
import { serve } from "../fetch/server-rig.ts";
import { directoryKeeper, writeTestImage } from "./image-rig.ts";

/** Answers as the registry should, unless `lie` has answered. */
function registryOf(
  layout: string,
  lie: (question: IncomingMessage, answer: ServerResponse, blob: Buffer | undefined) => boolean,
): RequestListener {
  const [root] = readLayoutRoots(layout);
  return (question, answer) => {
    const path = question.url ?? "";
    const name = path.split("/").at(-1) ?? "";
    const digest = name === "1.0" ? (root?.digest ?? "") : name;
    const blob = digest.startsWith("sha256:") ? readFileSync(blobsIn(layout)(digest)) : undefined;
    if (lie(question, answer, blob)) return;
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const type = path.includes("/manifests/") ? mediaType : "application/octet-stream";
    answer.writeHead(200, { "content-type": type, "content-length": blob?.byteLength ?? 0 });
    answer.end(blob);
  };
}

/** What a pull comes to, and how long it would have waited. */
async function pulled(lie: Parameters<typeof registryOf>[1]) {
  const layout = await writeTestImage(freshDirectory(), { kernelBytes: 50_000 });
  const { url, log } = await serve(registryOf(layout, lie));
  const { context, waits } = testContext();
  const registries = new Registries({ insecure: [], mirrors: {} }, context);
  const reference = parseReference(`${new URL(url).host}/app:1.0`, "kraft");
  const keeper = directoryKeeper(freshDirectory());
  try {
    const platform = { os: "qemu", architecture: "x86_64" };
    const { digest } = await chooseImage(reference, platform, registries);
    const into = join(freshDirectory(), "image");
    await pullImage({ reference, digest, into }, registries, keeper);
    return { outcome: "pulled", waits, log, kept: keeper.kept() };
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    const outcome = `${error.code}: ${error.message}`
      .replaceAll(/127\.0\.0\.1:\d+/g, "HOST")
      .replaceAll(/[0-9a-f]{64}/g, "…");
    return { outcome, waits, log, kept: keeper.kept() };
  } finally {
    await registries.close();
  }
}

const isBlob = ({ url = "" }: IncomingMessage) => url.includes("/blobs/");
const isNested = ({ url = "" }: IncomingMessage) => /manifests\/sha256/.test(url);

test("who tells the truth is believed", async () => {
  expect((await pulled(() => false)).outcome).toBe("pulled");
});

test("other bytes than a digest promises are never kept", async () => {
  const { outcome, kept } = await pulled((question, answer, blob) => {
    if (!isBlob(question) || blob === undefined) return false;
    const other = Buffer.from(blob);
    other[0] = (other[0] ?? 0) ^ 1;
    answer.writeHead(200, { "content-length": other.byteLength }).end(other);
    return true;
  });
  expect(outcome).toMatch(/^digest-mismatch: http:\/\/HOST\/v2\/app\/blobs\/sha256:… /);
  expect(kept).toEqual([]);
});

test("nor is another manifest taken for the one that was meant", async () => {
  const { outcome } = await pulled((question, answer, blob) => {
    if (!isNested(question)) return false;
    answer.writeHead(200).end(`${blob?.toString("utf8")} `);
    return true;
  });
  const name = "HOST/app@sha256:…";
  expect(outcome).toBe(`digest-mismatch: ${name} is sha256:…, and not sha256:… as promised`);
});

test("a blob that is larger than its manifest says is refused before it fills the disk", async () => {
  const { outcome } = await pulled((question, answer) => {
    if (!isBlob(question)) return false;
    answer.writeHead(200).end(Buffer.alloc(1_000_000));
    return true;
  });
  expect(outcome).toMatch(
    /^too-large: http:\/\/HOST\/v2\/app\/blobs\/sha256:… is larger than \d+ b/,
  );
});

test("what is cut off is asked for again", async () => {
  const cut = new Set<string>();
  const { outcome } = await pulled((question, answer, blob) => {
    const { url = "" } = question;
    if (blob === undefined || cut.has(url)) return false;
    cut.add(url);
    answer.writeHead(200, { "content-length": blob.byteLength });
    answer.write(blob.subarray(0, blob.byteLength / 2), () => answer.destroy());
    return true;
  });
  expect(outcome).toBe("pulled");
});

test("who is asked too often is left alone for as long as he says", async () => {
  let count = 0;
  const { outcome, waits } = await pulled((question, answer) => {
    if (!isNested(question) || count++ > 1) return false;
    answer.writeHead(429, { "retry-after": "7" }).end();
    return true;
  });
  expect(outcome).toBe("pulled");
  expect(waits).toEqual([7000, 7000]);
});

test("an error of the server passes, or is told in its words", async () => {
  let count = 0;
  const once = await pulled((question, answer) => {
    if (!isNested(question) || count++ > 0) return false;
    answer.writeHead(500).end();
    return true;
  });
  expect(once.outcome).toBe("pulled");
  const always = await pulled((question, answer) => {
    if (!isNested(question)) return false;
    answer.writeHead(503).end(JSON.stringify({ errors: [{ message: "out of disks" }] }));
    return true;
  });
  expect(always.outcome).toBe(
    "server-error: HOST/app@sha256:…: the server answers 503: out of disks",
  );
  expect(always.waits).toHaveLength(4);
});

test("a token that ends in between is replaced, and each is asked for once", async () => {
  let issued = 0;
  let left = 0;
  const { outcome, log } = await pulled((question, answer) => {
    const { url = "", headers } = question;
    if (url.startsWith("/token")) {
      issued++;
      left = 3;
      answer.end(JSON.stringify({ token: `token-${issued}`, expires_in: 300 }));
      return true;
    }
    if (headers.authorization === `Bearer token-${issued}` && left-- > 0) return false;
    const realm = `http://${headers.host}/token`;
    const challenge = `Bearer realm="${realm}",service="test",scope="repository:app:pull"`;
    answer.writeHead(401, { "www-authenticate": challenge }).end();
    return true;
  });
  expect(outcome).toBe("pulled");
  expect(issued).toBeGreaterThan(1);
  expect(log.filter(({ path }) => path.startsWith("/token"))).toHaveLength(issued);
  expect(log.find(({ path }) => path.startsWith("/token"))?.path).toBe(
    "/token?service=test&scope=repository%3Aapp%3Apull",
  );
});

test("who refuses every token is not asked for ever", async () => {
  let count = 0;
  const { outcome } = await pulled((question, answer) => {
    const { url = "", headers } = question;
    if (url === "/v2/") return false;
    if (url.startsWith("/token")) {
      answer.end(JSON.stringify({ token: `token-${count++}` }));
      return true;
    }
    const challenge = `Bearer realm="http://${headers.host}/token"`;
    answer.writeHead(401, { "www-authenticate": challenge }).end();
    return true;
  });
  expect(outcome).toMatch(/^refused: HOST refuses \/v2\/app\/manifests\/1\.0 to who we are there/);
});

test("JSON that is no manifest is said to be none", async () => {
  for (const [text, message] of [
    ["<html>", "is not JSON"],
    ["{}", "is of a version that is not read: it must be 2"],
    ['{"schemaVersion":2}', "has no config"],
    [
      '{"schemaVersion":2,"manifests":[{"digest":"sha256:1"}]}',
      "names a blob without a size, or without a digest of SHA-256",
    ],
  ] as const) {
    const { outcome } = await pulled((question, answer) => {
      if (!question.url?.endsWith("1.0")) return false;
      answer.writeHead(200).end(text);
      return true;
    });
    expect(outcome).toBe(`bad-manifest: the manifest of HOST/app:1.0 ${message}`);
  }
});
