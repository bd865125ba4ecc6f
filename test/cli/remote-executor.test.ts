import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { decodeByProtobufEs } from "../action/reapi-schema.ts";
import { encodeActionResult } from "../../src/action/reapi-result.ts";
import { type Digest, emptyDigest, parseDigest } from "../../src/digest/digest.ts";
import type { Store } from "../../src/store/store.ts";
import { type FakeResponse, fakeExecutor, operation } from "../remote/fake-executor.ts";
import { cliRig } from "./cli-rig.ts";

const files = {
  "kraft.workspace.yaml": `version: 1
name: w
rules: [generic]
remote: { platform: { OSFamily: linux, container-image: "docker://tools:1" } }
`,
  "app/kraft.build.yaml": `targets:
  - {name: t, rule: exec, outs: [a], command: 'echo hi > $OUT'}
`,
};

/** A build of which each action has the answer `respond` elsewhere. */
async function builtThere(respond: (store: Store) => FakeResponse, words = "") {
  const { run, root } = cliRig(files);
  const server = await fakeExecutor((_, store) => [operation("a", respond(store))]);
  const events = join(root, "events");
  const executor = `--remote-executor=grpc://127.0.0.1:${server.port}`;
  const ran = await run(`build //app:t ${executor} --events ${events}${words}`);
  const lines = readFileSync(events, "utf8").trim().split("\n");
  const all = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const ended = all.find(({ kind }) => kind === "action-finished");
  return { ...ran, root, server, ended, finished: all.at(-1) };
}

/** What is left by an action that worked. */
function madeIn(store: Store) {
  const digest = store.cas.put(Buffer.from("from elsewhere\n"));
  const node = { kind: "file", digest, executable: false } as const;
  const printed = { stdout: emptyDigest, stderr: emptyDigest };
  const outputs = new Map([[".kraft/out/app/t/a", node]]);
  return encodeActionResult({ exitCode: 0, outputs, ...printed, wallMs: 12_345 });
}

test("of an action that ran elsewhere it is said so, with its time there, and what went to and fro", async () => {
  const { code, stderr, ended, finished } = await builtThere((store) => ({
    result: madeIn(store),
  }));
  expect(code, stderr).toBe(0);
  expect(ended).toMatchObject({ outcome: "executed", wallMs: 12_345, ranElsewhere: true });
  const remote = finished?.["remote"] as Readonly<Record<string, number>>;
  expect(remote).toMatchObject({ executed: 1, uploaded: 0, failed: 0, savedMs: 0 });
  expect(remote["receivedBytes"]).toBe(Buffer.byteLength("from elsewhere\n"));
  // The Action, its Command and the directory that it starts in.
  expect(remote["sentBytes"]).toBeGreaterThan(100);
  expect(stderr).toMatch(/1 run; 1 of them elsewhere; 15 B received; \d+ B sent; /);
});

test("a result that the executor knew is no run, and saves its time", async () => {
  const { code, stderr, ended, finished } = await builtThere((store) => ({
    result: madeIn(store),
    isCached: true,
  }));
  expect(code, stderr).toBe(0);
  expect(ended).toMatchObject({ outcome: "remoteHit", wallMs: 0, savedMs: 12_345 });
  expect(ended).not.toHaveProperty("ranElsewhere");
  expect(finished?.["remote"]).toMatchObject({ executed: 0, savedMs: 12_345 });
  expect(stderr).toContain("1 from the remote cache; 12 s of work saved; ");
});

test("an action that runs here is not said to have run elsewhere", async () => {
  const made = (store: Store) => ({ result: madeIn(store) });
  const { ended, finished, server } = await builtThere(made, " --strategy=local");
  expect(ended).toMatchObject({ outcome: "executed" });
  expect(ended).not.toHaveProperty("ranElsewhere");
  expect(finished).not.toHaveProperty("remote");
  expect(server.calls).toEqual([]);
});

test("what machines are to be like stands in the Action and in the Command", async () => {
  const { server } = await builtThere((store) => ({ result: madeIn(store) }));
  const read = (name: string, digest: Digest) =>
    decodeByProtobufEs(name, server.store.cas.read(digest) ?? Buffer.alloc(0));
  const platform = {
    properties: [
      { name: "OSFamily", value: "linux" },
      { name: "container-image", value: "docker://tools:1" },
    ],
  };
  const [executed = emptyDigest, ...others] = server.executed;
  expect(others).toEqual([]);
  const action = read("Action", executed);
  expect(action["platform"]).toMatchObject(platform);
  const { hash, sizeBytes } = action["commandDigest"] as { hash: string; sizeBytes: bigint };
  const command = parseDigest(`${hash}/${sizeBytes}`) ?? emptyDigest;
  expect(read("Command", command)["platform"]).toMatchObject(platform);
});

test("what the server says and logs of a failure is shown, before what the program printed, and in its log", async () => {
  const { code, stderr, root, ended } = await builtThere((store) => {
    const printed = store.cas.put(Buffer.from("of the program\n"));
    const result = encodeActionResult({
      exitCode: 3,
      outputs: new Map(),
      stdout: printed,
      stderr: emptyDigest,
      wallMs: 5,
    });
    const log = { name: "worker", digest: store.cas.put(Buffer.from("out of memory\n")) };
    return { result, message: "see the log", log };
  });
  expect(code).toBe(1);
  expect(stderr).toContain("exit code 3, elsewhere");
  const all = ["server: see the log", "server, worker:", "out of memory", "of the program"];
  expect(stderr).toContain(all.map((line) => `  | ${line}\n`).join(""));
  const [, log = ""] = /all it printed: ROOT\/(\S+)/.exec(stderr) ?? [];
  expect(readFileSync(join(root, log), "utf8")).toBe(all.map((line) => `${line}\n`).join(""));
  expect(ended).toMatchObject({ outcome: "failed", wallMs: 5, ranElsewhere: true });
});
