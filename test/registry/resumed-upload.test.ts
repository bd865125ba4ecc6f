// A registry that goes on writing what broke off, after it has said how much it has.

import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";

import { blobsIn, readLayoutRoots } from "../../src/registry/layout.ts";
import { pushImage } from "../../src/registry/push-image.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { Registries } from "../../src/registry/registries.ts";
import { uploadNotesIn } from "../../src/registry/upload-notes.ts";
import { freshDirectory, testContext } from "../fetch/fetch-rig.ts";
import { serve } from "../fetch/server-rig.ts";
import { writeTestImage } from "./image-rig.ts";

test.each([
  ["refuses what comes behind it", 416, "PATCH"],
  ["has forgotten the upload by then", 404, "PATCH"],
  ["finds at the end that it is another blob", 400, "PUT"],
  ["has forgotten the upload at the end", 404, "PUT"],
] as const)("an upload begins anew when the registry %s", async (_, refusal, method) => {
  const registry = new ForgetfulRegistry(refusal, method);
  const { url } = await serve((question, answer) => void registry.answer(question, answer));
  const layout = await writeTestImage(freshDirectory(), { kernelBytes: 100_000 });
  const [root] = readLayoutRoots(layout);
  if (root === undefined) throw new Error("the layout is empty");
  const registries = new Registries({ insecure: [], mirrors: {} }, testContext().context);
  const reference = parseReference(`${new URL(url).host}/app:1.0`, "kraft");
  try {
    await pushImage({ blobs: blobsIn(layout), root, reference }, registries);
  } finally {
    await registries.close();
  }
  expect(registry.refusals).toBe(1);
  expect(registry.wrong).toEqual([]);
  expect(registry.blobs).toBeGreaterThan(2);
});

const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9];

test.each(tenths)(
  "an upload that another process left after %i tenths is gone on with, and is a note no more",
  async (tenth) => {
    const first = testContext();
    const kernelBytes = 2_000_000;
    const limit = (tenth * kernelBytes) / 10;
    const registry = new PatientRegistry(limit, () => first.abort.abort());
    const { url } = await serve((question, answer) => void registry.answer(question, answer));
    const layout = await writeTestImage(freshDirectory(), { kernelBytes });
    const [root] = readLayoutRoots(layout);
    if (root === undefined) throw new Error("the layout is empty");
    const directory = join(freshDirectory(), "uploads");
    const notes = uploadNotesIn(directory, (_, use) => use());
    const reference = parseReference(`${new URL(url).host}/app:1.0`, "kraft");
    const push = async ({ context }: Pick<typeof first, "context">) => {
      const registries = new Registries({ insecure: [], mirrors: {} }, context);
      try {
        await pushImage({ blobs: blobsIn(layout), root, reference, notes }, registries);
      } finally {
        await registries.close();
      }
    };
    await expect(push(first)).rejects.toThrow("interrupted");
    expect(readdirSync(directory)).toHaveLength(1);
    await push(testContext());
    expect(registry.ranges).toHaveLength(1);
    expect(registry.ranges[0]).toBeGreaterThanOrEqual(limit);
    expect(registry.wrong).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  },
);

/** Keeps what has come of an upload that broke off, and says how much that is. */
class PatientRegistry {
  /** Where uploads were gone on with. */
  readonly ranges: number[] = [];
  /** Digests that what was sent does not have. */
  readonly wrong: string[] = [];
  readonly #uploads = new Map<string, Buffer[]>();
  readonly #done = new Set<string>();
  readonly #limit: number;
  #interrupt: (() => void) | undefined;

  /** Calls `interrupt` once, when `limit` bytes of an upload are here. */
  constructor(limit: number, interrupt: () => void) {
    this.#limit = limit;
    this.#interrupt = interrupt;
  }

  async answer(question: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(question.url ?? "", "http://registry");
    const say = (status: number, headers: Record<string, string> = {}) =>
      void answer.writeHead(status, { location: pathname, ...headers }).end();
    if (pathname === "/v2/") return say(200);
    if (pathname.includes("/manifests/")) return say(question.method === "PUT" ? 201 : 404);
    const parts = this.#uploads.get(pathname) ?? [];
    switch (question.method) {
      case "POST": {
        const location = `/v2/app/blobs/uploads/${this.#uploads.size}`;
        this.#uploads.set(location, []);
        return say(202, { location });
      }
      case "PATCH": {
        const start = /^(\d+)-/.exec(question.headers["content-range"] ?? "")?.[1];
        if (start !== undefined) this.ranges.push(Number(start));
        if (await this.#take(question, parts)) say(202);
        return;
      }
      case "GET":
        return say(204, { range: `0-${sizeOf(parts) - 1}` });
      case "PUT": {
        const digest = searchParams.get("digest") ?? "";
        for await (const part of question) parts.push(part as Buffer);
        const found = createHash("sha256").update(Buffer.concat(parts)).digest("hex");
        if (`sha256:${found}` !== digest) this.wrong.push(digest);
        this.#done.add(digest);
        return say(201);
      }
      default:
        return say(this.#done.has(pathname.split("/").at(-1) ?? "") ? 200 : 404);
    }
  }

  /** False when it broke off. */
  async #take(question: IncomingMessage, parts: Buffer[]): Promise<boolean> {
    try {
      for await (const part of question) {
        parts.push(part as Buffer);
        if (this.#interrupt === undefined || sizeOf(parts) < this.#limit) continue;
        this.#interrupt();
        this.#interrupt = undefined;
        // What is on the way yet is not taken: it would come after the answer how much is here.
        return false;
      }
      return true;
    } catch {
      return false;
    }
  }
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

class ForgetfulRegistry {
  refusals = 0;
  blobs = 0;
  /** Digests that what was sent does not have. */
  readonly wrong: string[] = [];
  readonly #refusal: number;
  readonly #method: "PATCH" | "PUT";
  readonly #uploads = new Map<string, Buffer>();
  #broken: string | undefined;
  #count = 0;

  constructor(refusal: number, method: "PATCH" | "PUT") {
    this.#refusal = refusal;
    this.#method = method;
  }

  async answer(question: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(question.url ?? "", "http://registry");
    const body = await bodyOf(question);
    const say = (status: number, headers: Record<string, string> = {}) =>
      void answer.writeHead(status, { location: pathname, ...headers }).end();
    if (pathname === "/v2/") return say(200);
    if (pathname.includes("/manifests/")) return say(question.method === "PUT" ? 201 : 404);
    switch (question.method) {
      case "POST":
        return say(202, { location: `/v2/app/blobs/uploads/${++this.#count}` });
      case "PATCH":
        return this.#take(pathname, body, { say, answer });
      case "GET":
        return say(204, { range: "0-99" });
      case "PUT":
        if (body.byteLength > 0) this.#uploads.set(pathname, body);
        return say(this.#finish(pathname, searchParams.get("digest") ?? ""));
      default:
        return say(404);
    }
  }

  #take(
    path: string,
    body: Buffer,
    { say, answer }: { say: (status: number) => void; answer: ServerResponse },
  ): void {
    if (this.#broken === undefined && body.byteLength > 10_000) {
      this.#broken = path;
      answer.destroy();
      return;
    }
    if (path === this.#broken && this.#method === "PATCH") {
      this.refusals++;
      return say(this.#refusal);
    }
    this.#uploads.set(path, body);
    say(202);
  }

  #finish(path: string, digest: string): number {
    if (path === this.#broken) {
      this.refusals++;
      return this.#refusal;
    }
    const sent = this.#uploads.get(path) ?? Buffer.alloc(0);
    const found = `sha256:${createHash("sha256").update(sent).digest("hex")}`;
    if (found !== digest) this.wrong.push(digest);
    this.blobs++;
    return 201;
  }
}

async function bodyOf(question: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of question) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
