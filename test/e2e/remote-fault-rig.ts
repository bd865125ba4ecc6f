// Builds of one workspace with remotes that fail, and what has to be true of each.

import { createHash } from "node:crypto";
import { expect, onTestFinished } from "vitest";

import type { FaultyServer } from "../remote/fault.ts";
import { startFaultyGrpc } from "../remote/faulty-grpc.ts";
import { startFaultyHttp } from "../remote/faulty-http.ts";
import { type Ran, rig, wrongBlobs } from "./rig.ts";

export const always = "--remote-upload=always";
/** Short, so that a server that is silent is given up soon; nothing else waits for it. */
export const impatient = "--remote-timeout=300ms";

/** A machine that has much to do may take as long for an answer. */
export function patienceFor(about: string): readonly string[] {
  return /^(never answers|falls silent|gives a byte now)/.test(about) ? [impatient] : [];
}

type Kept = Pick<FaultyServer, "results" | "blobs">;
type Built = Ran & { readonly wrong: readonly string[] };

/** Builds of a workspace of `files`. */
export function faultRig(files: Readonly<Record<string, string>>) {
  /** A build that any remote is asked in, and what it came to. */
  const build = async (address: string, ...words: readonly string[]): Promise<Built> => {
    const { build: run, cache } = rig(files);
    const ran = await run("//...", `--remote-cache=${address}`, ...words);
    return { ...ran, wrong: wrongBlobs(cache) };
  };

  const seed = async (): Promise<Kept & Pick<Ran, "outputs">> => {
    const server = await startFaultyHttp();
    const { outputs, code, text } = await build(server.address, always);
    expect(code, text).toBe(0);
    await server.stop();
    return { outputs, results: server.results, blobs: server.blobs };
  };

  let seedling: ReturnType<typeof seed> | undefined;
  /** What a server keeps after a build without faults, and what that build came to. */
  const seeded = () => (seedling ??= seed());

  /** A server with all results, or with none. */
  const serverOf = async (protocol: string, isFilled: boolean): Promise<FaultyServer> => {
    const { results, blobs } = await seeded();
    const server = protocol === "grpc" ? await startFaultyGrpc() : await startFaultyHttp();
    onTestFinished(() => server.stop());
    if (isFilled) {
      for (const [key, result] of results) server.results.set(key, result);
      for (const [digest, blob] of blobs) server.blobs.set(digest, blob);
    }
    return server;
  };

  /** Whatever a server does, a build ends as it would without, and stores nothing wrong. */
  const expectSound = async (ran: Built, server?: Kept): Promise<void> => {
    const { outputs } = await seeded();
    expect(ran.code, ran.text).toBe(0);
    expect(ran.outputs).toEqual(outputs);
    expect(ran.wrong).toEqual([]);
    const notes = ran.text.match(/^note: (?!actions are not kept apart).*$/gm) ?? [];
    expect(notes.length, ran.text).toBeLessThanOrEqual(1);
    for (const [name, bytes] of server?.blobs ?? []) {
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(name);
    }
  };

  return { build, seeded, serverOf, expectSound };
}
