import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { hasBazel } from "../query/bazel-client.ts";
import { lacksRemoteWorker, programPath } from "./live-server.ts";

const variable = "KRAFT_GRAPH_REQUIRE_SERVERS";

/** What is lacking of each; undefined when its tests run. */
const servers: readonly (readonly [name: string, lacking: string | undefined])[] = [
  ["bazel-remote", programPath("bazel-remote") === undefined ? "the program" : undefined],
  ["Bazel's RemoteWorker", lacksRemoteWorker()],
  ["nginx", programPath("nginx") === undefined ? "the program" : undefined],
  ["Bazel's client", hasBazel ? undefined : "the program"],
];

const required = process.env[variable] === "1" ? servers : [];

test.each(required)("%s is here, as is required", (_name, lacking) => {
  expect(lacking).toBeUndefined();
});

const workflow = readFileSync(new URL("../../.github/workflows/ci.yml", import.meta.url), "utf8");
const [, ...jobs] = workflow.split(/^ {2}(?=[\w-]+:\n {4})/m);
const testing = jobs.filter((job) => job.includes("bash .ci/run"));

test("every job of CI that runs the tests requires all servers, and has Go to build one", () => {
  expect(testing.length).toBeGreaterThan(1);
  for (const job of testing) {
    expect(job).toContain(`\n      ${variable}: "1"\n`);
    expect(job.split("bash .ci/run")[0]).toContain("uses: actions/setup-go@");
  }
});
