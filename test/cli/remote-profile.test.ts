import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

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
  const slices = JSON.parse(readFileSync(join(root, "trace.json"), "utf8")) as {
    cat?: string;
    name: string;
    ph: string;
  }[];
  const calls = slices.filter(({ cat }) => cat === "remote").map(({ name }) => name);
  expect(calls).toEqual(expect.arrayContaining(["abilities", "readResult", "findMissing"]));
  // An Action goes there behind its result.
  expect(calls.slice(-2)).toEqual(["writeResult", "writeBatch"]);
  const events = readFileSync(join(root, "events"), "utf8").trim().split("\n");
  const kinds = events.map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(kinds.filter((kind) => kind === "remote-call")).toHaveLength(calls.length);
  expect(kinds.at(-1)).toBe("finished");
});
