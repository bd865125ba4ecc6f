// The rules of the distribution-spec for clients, each against a registry that takes nothing else.

import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { FetchError } from "../../src/fetch/fetch-error.ts";
import { blobsIn, partsOf, readLayoutRoots } from "../../src/registry/layout.ts";
import { deleteManifest, listTags } from "../../src/registry/listing.ts";
import { pullImage } from "../../src/registry/pull-image.ts";
import { pushImage, type PushRequest } from "../../src/registry/push-image.ts";
import { readManifest } from "../../src/registry/read-manifest.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { listReferrers } from "../../src/registry/referrers.ts";
import { Registries } from "../../src/registry/registries.ts";
import { freshDirectory, testContext } from "../fetch/fetch-rig.ts";
import { directoryKeeper, writeReferrer, writeTestImage } from "./image-rig.ts";
import { SpecRegistry, type SpecOptions } from "./spec-registry.ts";

/** A registry, a client of it, and an image that is not there yet. */
async function rigOf(options: SpecOptions = {}, kernelBytes = 200_000) {
  const registry = await SpecRegistry.start(options);
  const layout = await writeTestImage(freshDirectory(), { kernelBytes });
  const [root] = readLayoutRoots(layout);
  if (root === undefined) throw new Error("the layout is empty");
  const { context, waits } = testContext();
  const registries = new Registries({ insecure: [], mirrors: {} }, context);
  const reference = parseReference(`${registry.host}/team/app:1.0`, "kraft");
  const place = await registries.placeOf(reference);
  const push = (more: Partial<PushRequest> = {}) =>
    pushImage({ blobs: blobsIn(layout), root, reference, ...more }, registries);
  const where = { place, registries };
  return { registry, layout, root, registries, reference, place, where, push, waits };
}

type Rig = Awaited<ReturnType<typeof rigOf>>;

/** Every blob and manifest of the image is there, byte by byte. */
function expectWhole({ registry, layout, root }: Rig): void {
  const { blobs, manifests } = partsOf(blobsIn(layout), root);
  const expected = [
    ...blobs.map(({ digest }) => [digest, readFileSync(blobsIn(layout)(digest))] as const),
    ...manifests.map(({ descriptor, bytes }) => [descriptor.digest, bytes] as const),
  ];
  for (const [digest, bytes] of expected) {
    const there = registry.blobs.get(digest) ?? registry.manifests.get(digest)?.bytes;
    expect(there?.equals(bytes), digest).toBe(true);
  }
  expect(registry.tags.get("1.0")).toBe(root.digest);
}

/** What `work` fails with. */
async function failureOf(work: Promise<unknown>, { registry }: Rig): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof FetchError)) throw new Error("expected a FetchError", { cause: error });
  return `${error.code}: ${error.message}`
    .replaceAll(registry.host, "HOST")
    .replaceAll(/[0-9a-f]{64}/g, "…");
}

const count = ({ registry }: Rig, form: RegExp) =>
  registry.log.filter((line) => form.test(line)).length;

describe("pull", () => {
  test("a manifest comes by tag and by digest, with the types that it may have", async () => {
    const here = await rigOf();
    await here.push();
    const { tag: _, ...named } = here.reference;
    const byTag = await readManifest(here.reference, here.registries);
    const byDigest = await readManifest({ ...named, digest: here.root.digest }, here.registries);
    expect(byTag.digest).toBe(here.root.digest);
    expect(byDigest.bytes).toEqual(byTag.bytes);
  });

  test("Docker-Content-Digest that is of other bytes is refused", async () => {
    const lie = (answer: ServerResponse) => {
      const digest = `sha256:${"0".repeat(64)}`;
      answer.writeHead(200, { "docker-content-digest": digest }).end("{}");
      return true;
    };
    const here = await rigOf({
      before: ({ method, url = "" }, answer) =>
        method === "GET" && url.includes("/manifests/") && lie(answer),
    });
    expect(await failureOf(readManifest(here.reference, here.registries), here)).toBe(
      "digest-mismatch: HOST/team/app:1.0 is sha256:…, and not sha256:… as promised",
    );
  });

  test("blobs come by digest, and only once each", async () => {
    const here = await rigOf();
    await here.push();
    const into = join(freshDirectory(), "image");
    const { reference, root, registries } = here;
    const request = { reference, digest: root.digest, into, whole: true };
    await pullImage(request, registries, directoryKeeper(freshDirectory()));
    expect(readLayoutRoots(into)[0]?.digest).toBe(root.digest);
    expect(count(here, /^GET .*\/blobs\/sha256:/)).toBe(here.registry.blobs.size);
  });
});

describe("push", () => {
  test.each(["absolute", "path", "relative"] as const)(
    "goes on at each Location, which has a query and is %s",
    async (locations) => {
      const whole = await rigOf({ locations });
      await whole.push();
      expectWhole(whole);
      const inChunks = await rigOf({ locations });
      await inChunks.push({ chunkBytes: 30_000 });
      expectWhole(inChunks);
    },
  );

  test("a small blob goes in one PUT behind its POST", async () => {
    const here = await rigOf({}, 2000);
    await here.push();
    expectWhole(here);
    expect(count(here, /^PATCH /)).toBe(0);
    expect(count(here, /^PUT .*\/blobs\//)).toBe(here.registry.blobs.size);
  });

  test("chunks come in order, each with its Content-Range", async () => {
    const here = await rigOf();
    await here.push({ chunkBytes: 90_000 });
    expectWhole(here);
    const ranges = here.registry.log.flatMap(
      (line) => /^PATCH .* (\d+-\d+)$/.exec(line)?.[1] ?? [],
    );
    expect(ranges).toEqual(["0-89999", "90000-179999", "180000-201727"]);
  });

  test("chunks are no smaller than OCI-Chunk-Min-Length", async () => {
    const here = await rigOf({ leastChunkBytes: 70_000 });
    await here.push({ chunkBytes: 10_000 });
    expectWhole(here);
    expect(count(here, /^PATCH .* \d+-\d+$/)).toBe(3);
  });

  test("a blob that another repository has is mounted by 201", async () => {
    const here = await rigOf({
      before: ({ method }, answer) => method === "HEAD" && isMissing(answer),
    });
    await here.push();
    const posts = count(here, /^POST /);
    expect(await here.push({ mountFrom: "other/app" })).toMatchObject({ sent: 0, mounted: 4 });
    expect(count(here, /^POST .*\?mount=sha256:[0-9a-f]{64}&from=other\/app$/)).toBe(4);
    expect(count(here, /^POST /)).toBe(posts + 4);
  });

  test("a mount that is answered by 202 goes on as the upload that this begins", async () => {
    const here = await rigOf({ mount: "uploads" });
    expect(await here.push({ mountFrom: "other/app" })).toMatchObject({ sent: 4, mounted: 0 });
    expectWhole(here);
    expect(count(here, /^POST /)).toBe(4);
  });

  test("a mount that is refused leads to an upload of its own", async () => {
    const here = await rigOf({ mount: "refuses" });
    expect(await here.push({ mountFrom: "other/app" })).toMatchObject({ sent: 4, mounted: 0 });
    expectWhole(here);
  });

  test("manifests come behind what they name, with their types, and the tag last", async () => {
    const here = await rigOf();
    await here.push();
    const puts = here.registry.log.filter((line) => /^PUT .*\/manifests\//.test(line));
    expect(puts).toHaveLength(3);
    expect(puts.at(-1)).toBe("PUT /v2/team/app/manifests/1.0");
  });

  test("what a registry refuses is said by its code when it has no words", async () => {
    const here = await rigOf({
      before: ({ method, url = "" }, answer) => {
        if (method !== "PUT" || !url.includes("/manifests/")) return false;
        const errors = [{ code: "MANIFEST_INVALID" }];
        answer.writeHead(400).end(JSON.stringify({ errors }));
        return true;
      },
    });
    expect(await failureOf(here.push(), here)).toBe(
      "server-error: HOST/team/app@sha256:…: the server answers 400: MANIFEST_INVALID",
    );
  });
});

function isMissing(answer: ServerResponse): boolean {
  answer.writeHead(404).end();
  return true;
}

describe("tags", () => {
  const names = Array.from({ length: 25 }, (_, i) => `v${i + 10}`);

  test.each(["absolute", "path", "relative"] as const)(
    "come page by page, along Link that is %s",
    async (links) => {
      const here = await rigOf({ pageSize: 10, links });
      for (const name of names) here.registry.tags.set(name, here.root.digest);
      expect(await listTags(here.place, here.registries)).toEqual(names);
      expect(count(here, /tags\/list/)).toBe(3);
    },
  );

  test("go on behind the last one of a full page without Link", async () => {
    const here = await rigOf({ links: "none" });
    const many = Array.from({ length: 2500 }, (_, i) => `v${i + 1000}`);
    for (const name of many) here.registry.tags.set(name, here.root.digest);
    expect(await listTags(here.place, here.registries)).toEqual(many);
    expect(here.registry.log.filter((line) => line.includes("tags/list"))).toEqual([
      "GET /v2/team/app/tags/list?n=1000",
      "GET /v2/team/app/tags/list?n=1000&last=v1999",
      "GET /v2/team/app/tags/list?n=1000&last=v2999",
    ]);
  });

  test("that lead back to where they were end there", async () => {
    const here = await rigOf({
      before: ({ url = "" }, answer) => {
        if (!url.includes("tags/list")) return false;
        answer.setHeader("link", '</v2/team/app/tags/list?n=1000>; rel="next"');
        answer.end('{"tags":["one"]}');
        return true;
      },
    });
    expect(await listTags(here.place, here.registries)).toEqual(["one"]);
  });

  test("are none where the registry says null, and refused where it says anything else", async () => {
    let body = '{"name":"team/app","tags":null}';
    const here = await rigOf({
      before: ({ url = "" }, answer) => {
        if (url.includes("tags/list")) answer.end(body);
        return url.includes("tags/list");
      },
    });
    expect(await listTags(here.place, here.registries)).toEqual([]);
    body = '{"tags":["one"';
    expect(await failureOf(listTags(here.place, here.registries), here)).toBe(
      "server-error: HOST/v2/team/app/tags/list: what the server answers is no list",
    );
  });
});

describe("referrers", () => {
  const types = ["application/spdx+json", "application/vnd.in-toto+json", "text/plain"];

  /** Pushes an artifact of each type, about the image. */
  async function withReferrers(options: SpecOptions) {
    const here = await rigOf(options);
    await here.push();
    const { tag: _, ...reference } = here.reference;
    for (const artifactType of types) {
      const root = writeReferrer(here.layout, { subject: here.root.digest, artifactType });
      await here.push({ root, reference });
      await here.push({ root, reference });
    }
    return here;
  }

  test.each([true, false])(
    "come page by page, and of one type alone, whether the registry chooses: %s",
    async (chooses) => {
      const here = await withReferrers({ hasReferrers: true, pageSize: 1, chooses });
      const all = await listReferrers(here.root.digest, here.where);
      expect(all.map((one) => one.artifactType ?? "").sort()).toEqual(types);
      const [artifactType] = types;
      if (artifactType === undefined) throw new Error("there are types");
      const some = await listReferrers(here.root.digest, { ...here.where, artifactType });
      expect(some.map((one) => one.artifactType)).toEqual([artifactType]);
      expect(count(here, /referrers\/.*\?artifactType=application%2Fspdx%2Bjson/)).toBe(
        chooses ? 1 : 3,
      );
      // Who says OCI-Subject keeps the list, and wants no tag for it.
      expect([...here.registry.tags.keys()]).toEqual(["1.0"]);
    },
  );

  test("are kept under the tag of their subject where there is no list, each once", async () => {
    const here = await withReferrers({});
    const tag = here.root.digest.replace(":", "-");
    expect([...here.registry.tags.keys()].sort()).toEqual(["1.0", tag]);
    const index = here.registry.manifests.get(here.registry.tags.get(tag) ?? "");
    const { manifests } = JSON.parse(index?.bytes.toString("utf8") ?? "{}") as {
      manifests?: { artifactType: string }[];
    };
    expect(manifests?.map((one) => one.artifactType)).toEqual(types);
    expect(await listReferrers(here.root.digest, here.where)).toHaveLength(3);
    const [, artifactType = ""] = types;
    const some = await listReferrers(here.root.digest, { ...here.where, artifactType });
    expect(some.map((one) => one.artifactType)).toEqual([artifactType]);
  });

  test("are looked for under the tag where the question is answered with a page for people", async () => {
    const here = await withReferrers({
      before: ({ url = "" }, answer) => {
        if (!url.includes("/referrers/")) return false;
        answer.writeHead(200, { "content-type": "text/html" }).end("<html>");
        return true;
      },
    });
    expect(await listReferrers(here.root.digest, here.where)).toHaveLength(3);
  });
});

describe("delete", () => {
  test("takes a tag, and by digest the manifest with all its tags", async () => {
    const here = await rigOf();
    await here.push();
    await here.push({ reference: { ...here.reference, tag: "2.0" } });
    await deleteManifest("2.0", here.place, here.registries);
    expect(await listTags(here.place, here.registries)).toEqual(["1.0"]);
    await deleteManifest(here.root.digest, here.place, here.registries);
    expect(await listTags(here.place, here.registries)).toEqual([]);
    expect(await failureOf(deleteManifest("1.0", here.place, here.registries), here)).toBe(
      "not-found: HOST/team/app:1.0: the server answers 404: MANIFEST_UNKNOWN",
    );
  });
});

describe("a registry that is busy while something is pushed", () => {
  /** Answers as `headers` say, once for each of the questions that `form` fits. */
  const busyAt = (form: RegExp, status: number, headers: Record<string, string>) => {
    const seen = new Set<string>();
    const before: NonNullable<SpecOptions["before"]> = ({ method, url = "" }, answer) => {
      const line = `${method} ${url.replace(/\/uploads\/.*/, "/uploads/")}`;
      if (!form.test(line) || seen.has(line)) return false;
      seen.add(line);
      answer.writeHead(status, headers).end();
      return true;
    };
    return before;
  };

  test.each([
    ["the question for a blob", /^HEAD /],
    ["the start of an upload", /^POST /],
    ["a part", /^PATCH /],
    ["the end of an upload", /^PUT .*\/blobs\//],
    ["a manifest", /^PUT .*\/manifests\/1\.0/],
  ])("is asked again for %s, when it wants to be", async (_, form) => {
    for (const [status, headers, waitMs] of [
      [429, { "retry-after": "7" }, 7000],
      [429, { "retry-after": "Tue, 01 Jan 2030 00:00:30 GMT" }, 30_000],
      [503, {}, 500],
      [500, {}, 500],
    ] as const) {
      const here = await rigOf({ before: busyAt(form, status, headers) });
      await here.push();
      expectWhole(here);
      expect(new Set(here.waits.map((ms) => Math.round(ms / 500) * 500))).toContain(waitMs);
    }
  });

  test("is left alone in the end, and its words are told", async () => {
    const here = await rigOf({
      before: ({ method }, answer) => {
        if (method !== "PATCH") return false;
        const errors = [{ code: "TOOMANYREQUESTS", message: "slow down" }];
        answer.writeHead(429, { "retry-after": "1" }).end(JSON.stringify({ errors }));
        return true;
      },
    });
    expect(await failureOf(here.push(), here)).toMatch(
      /^server-error: HOST\/team\/app@sha256:…: the server answers 429: slow down$/,
    );
    expect(here.waits.filter((ms) => ms >= 1000).length).toBeGreaterThanOrEqual(4);
  });

  test("and whose tokens end in between gets new ones, and nothing twice", async () => {
    let issued = 0;
    let left = 0;
    const here = await rigOf({
      before: ({ url = "", headers }, answer) => {
        if (url === "/v2/") return false;
        if (url.startsWith("/token")) {
          issued++;
          left = 8;
          answer.end(JSON.stringify({ token: `token-${issued}`, expires_in: 300 }));
          return true;
        }
        if (headers.authorization === `Bearer token-${issued}` && left-- > 0) return false;
        const challenge = `Bearer realm="http://${headers.host}/token",service="test"`;
        answer.writeHead(401, { "www-authenticate": challenge }).end();
        return true;
      },
    });
    await here.push({ chunkBytes: 10_000 });
    expectWhole(here);
    expect(issued).toBeGreaterThan(3);
    expect(here.waits).toEqual([]);
  });
});

test("who may not read where blobs would be mounted from gets a token for the rest", async () => {
  const here = await rigOf({
    before: ({ url = "", headers }, answer) => {
      if (url === "/v2/") return false;
      if (url.startsWith("/token")) {
        if (url.includes("other")) answer.writeHead(403).end();
        else answer.end(JSON.stringify({ token: "token" }));
        return true;
      }
      if (headers.authorization === "Bearer token" && !url.includes("from=")) return false;
      const challenge = `Bearer realm="http://${headers.host}/token",service="test"`;
      answer.writeHead(401, { "www-authenticate": challenge }).end();
      return true;
    },
  });
  expect(await here.push({ mountFrom: "other/app" })).toMatchObject({ sent: 4, mounted: 0 });
  expectWhole(here);
});
