import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { FetchAction } from "../../src/action/action.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { executionRig, joinInputs, outs, owner, rule } from "./execution-rig.ts";

/** As many as make its tree one that is remembered. */
const fileCount = 250;

/** A source of many files, which is fetched and known to be whole. */
async function fetchedRig() {
  const rig = executionRig({ "main.c": "x" });
  const place = temporaryDirectory();
  mkdirSync(join(place, "lib"));
  for (let index = 0; index < fileCount; index++) {
    writeFileSync(join(place, "lib", `${index}.c`), `source ${index}`);
  }
  const archive = join(place, "lib.tar.gz");
  execFileSync("tar", ["-C", place, "-czf", archive, "lib"]);
  const source = fetchOf(archive);
  const { ok, log } = await rig.build([source]);
  expect({ ok, end: log.at(-1) }).toEqual({ ok: true, end: "out/lib executed" });
  // So that what is seen then is not too young to be believed.
  rig.pass(5_000);
  expect((await rig.build([source])).log.at(-1)).toBe("out/lib upToDate");
  return { rig, archive, source };
}

function fetchOf(archive: string): FetchAction {
  const sum = execFileSync("sha256sum", [archive], { encoding: "utf8" }).slice(0, 64);
  return {
    kind: "fetch",
    mnemonic: "Fetch",
    owner,
    source: { kind: "archive", urls: [archive], sha256: sum },
    inputs: [],
    outputs: [`${outs}/lib`],
    resources: { network: 1 },
  };
}

test("a source whose blob a user deletes is fetched again by the next build", async () => {
  const { rig, source } = await fetchedRig();
  rig.loseBlob("source 7");
  expect((await rig.build([source])).log.at(-1)).toBe("out/lib executed");
  expect((await rig.build([source])).log.at(-1)).toBe("out/lib upToDate");
});

test("a source whose blob goes while a build needs it is fetched again by that build", async () => {
  const { rig, source } = await fetchedRig();
  rig.work("out/thief", (context, paths) => {
    rig.loseBlob("source 7");
    joinInputs(context, { ...paths, inputs: [] });
  });
  const reader = rule("out/b: out/lib/7.c out/thief");
  const build = await rig.build([source, rule("out/thief: main.c"), reader]);
  expect(build.log.filter((line) => line !== "action-progress")).toEqual([
    "planned 3",
    "out/lib upToDate",
    "out/thief runs: it was not built here before",
    "out/thief executed",
    "out/b lacks 1",
    "out/lib runs: its output was lost",
    "out/lib executed",
    "out/b runs: it was not built here before",
    "out/b executed",
  ]);
  expect(build.text("out/b")).toBe("source 7+");
});

test("a source that is lost and no longer to be had fails with what needs it", async () => {
  const { rig, source, archive } = await fetchedRig();
  rig.work("out/thief", (context, paths) => {
    rig.loseBlob("source 7");
    rmSync(archive);
    joinInputs(context, { ...paths, inputs: [] });
  });
  const reader = rule("out/b: out/lib out/thief");
  const { log, counts } = await rig.build([source, rule("out/thief: main.c"), reader]);
  expect(counts).toEqual({ executed: 1, failed: 1, skipped: 1 });
  expect(log.at(-1)).toBe("out/b skipped");
});
