import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { encodeActionResult } from "../../src/action/reapi-result.ts";
import { emptyDigest } from "../../src/digest/digest.ts";
import { fakeExecutor, operation } from "../remote/fake-executor.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { cliRig } from "./cli-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\n",
  "app/kraft.build.yaml":
    "targets:\n  - {name: t, rule: exec, outs: [a], command: 'echo hi > $OUT'}\n",
};

test("requests to the remote cache are in the profile and among the events, the last of which is the summary", async () => {
  const { run, root } = cliRig(files);
  const remote = `--remote-cache=file:${temporaryDirectory()}`;
  const built = await run(
    `build //app:t ${remote} --remote-upload=always --profile ${join(root, "trace.json")} --events ${join(root, "events")}`,
  );
  expect(built.code, built.stderr).toBe(0);
  const calls = callsIn(join(root, "trace.json")).map(({ name }) => name);
  expect(calls).toEqual(expect.arrayContaining(["abilities", "readResult", "findMissing"]));
  // An Action goes there behind its result.
  expect(calls.slice(-2)).toEqual(["writeResult", "writeBatch"]);
  const events = readFileSync(join(root, "events"), "utf8").trim().split("\n");
  const kinds = events.map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(kinds.filter((kind) => kind === "remote-call")).toHaveLength(calls.length);
  expect(kinds.at(-1)).toBe("finished");
});

test("requests to where actions run are in the profile and among the events, with what they went to", async () => {
  const { run, root } = cliRig(files);
  const server = await fakeExecutor((_, store) => {
    const digest = store.cas.put(Buffer.from("from elsewhere\n"));
    const outputs = new Map([
      [".kraft/out/app/t/a", { kind: "file", digest, executable: false } as const],
    ]);
    const printed = { stdout: emptyDigest, stderr: emptyDigest };
    const result = encodeActionResult({ exitCode: 0, outputs, ...printed, wallMs: 1 });
    return [operation("a", { result })];
  });
  const executor = `--remote-executor=grpc://127.0.0.1:${server.port}`;
  const built = await run(
    `build //app:t ${executor} --profile ${join(root, "trace.json")} --events ${join(root, "events")}`,
  );
  expect(built.code, built.stderr).toBe(0);
  expect(readFileSync(join(root, ".kraft/out/app/t/a"), "utf8")).toBe("from elsewhere\n");
  const calls = callsIn(join(root, "trace.json"));
  expect(calls.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["abilities", "readResult", "findMissing", "execute"]),
  );
  expect(new Set(calls.map(({ args }) => args?.to))).toEqual(new Set(["executor"]));
  const events = readFileSync(join(root, "events"), "utf8").trim().split("\n");
  const told = events.map(
    (line) => JSON.parse(line) as { kind: string; call?: string; to?: string },
  );
  expect(told.filter(({ kind }) => kind === "remote-call").map(({ call }) => call)).toEqual(
    calls.map(({ name }) => name),
  );
  expect(told.at(-1)?.kind).toBe("finished");
});

/** The requests in a trace, in the order in which they ended. */
function callsIn(path: string) {
  const slices = JSON.parse(readFileSync(path, "utf8")) as {
    readonly cat?: string;
    readonly name: string;
    readonly args?: { readonly to?: string };
  }[];
  return slices.filter(({ cat }) => cat === "remote");
}
