// The answers of Bazel's own client to the same queries, as they were recorded, and where the
// client is installed, as it gives them now.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { QueryOutput } from "../../src/query/format.ts";
import { type Bazel, hasBazel, openBazel } from "./bazel-client.ts";
import { bazelFiles, kraftGraph } from "./bazel-graph.ts";
import { show } from "./query-rig.ts";

/** A query, in the form `output`, with the lines of its answer. */
interface Recorded {
  readonly query: string;
  readonly output: QueryOutput;
  readonly answer: readonly string[];
}

const recording = new URL("bazel-answers.txt", import.meta.url);

/** Each query stands at the beginning of a line, and each line of its answer behind two spaces. */
const recorded: readonly Recorded[] = readFileSync(recording, "utf8")
  .split(/\n(?! {2})/)
  .filter((part) => part !== "")
  .map((part) => {
    const [head = "", ...lines] = part.split("\n");
    const [, output = "label", query = ""] = /^(?:--output=(\w+) )?(.*)$/.exec(head) ?? [];
    const answer = lines.map((line) => line.slice(2));
    return { query, output: output as QueryOutput, answer };
  });

const refused = [
  "some(set())",
  "deps(",
  "deps()",
  "deps(//lib/net",
  "deps(//lib/net))",
  "deps(//lib/net, one)",
  "deps(//lib/net, 1, 2)",
  "kind(rule)",
  'kind("(", //...)',
  "nosuch(//lib/net)",
  "$undefined",
  "let x = //lib/net",
  "let x //lib/net in $x",
  "let 1x = //lib/net in $x",
  "//lib/net //lib/tls",
  "//lib/net +",
  "+ //lib/net",
  "//lib/net & //lib/tls",
  "//nosuch",
  "//lib/net:nosuch",
  "//nosuch/...",
  '"//lib/net',
  "set(//lib/net",
];

/** Lines are in the order of Bazel's own walk, which counts only for paths. */
function ordered(
  { query, output }: Pick<Recorded, "query" | "output">,
  lines: readonly string[],
): readonly string[] {
  return query.startsWith("somepath") && output === "label" ? lines : lines.toSorted();
}

/** What `bazel` says, less its targets for outputs and build files, which are none here. */
function bazelAnswer(bazel: Bazel, asked: Recorded): readonly string[] | undefined {
  const lines = bazel.query(asked.query.replaceAll("exec", "genrule"), asked.output);
  const kept = lines?.filter((line) => !/(\.out|:BUILD)"?$/.test(line));
  return (
    kept &&
    ordered(
      asked,
      kept.map((line) => line.replace(/^genrule rule/, "exec rule")),
    )
  );
}

const graph = kraftGraph();

test("there are answers of Bazel to more than a hundred queries", () => {
  expect(recorded.length).toBeGreaterThan(100);
});

test.each(recorded)("$query ($output) is answered as Bazel does", ({ query, output, answer }) => {
  const lines = show(query, graph, output).split("\n");
  expect(
    ordered(
      { query, output },
      lines.filter((line) => line !== ""),
    ),
  ).toEqual(answer);
});

test.each(refused)("%s is refused, as by Bazel", (query) => {
  expect(show(query, graph)).toMatch(/^error\[/);
});

describe.skipIf(!hasBazel)("Bazel's client, which Debian has as bazel-bootstrap", () => {
  let bazel: Bazel;
  beforeAll(() => {
    bazel = openBazel(bazelFiles());
  });
  afterAll(() => bazel.close());

  test("gives the answers that are recorded", { timeout: 300_000 }, () => {
    const answers = recorded.map((one) => ({ ...one, answer: bazelAnswer(bazel, one) }));
    if (process.env["KRAFT_RECORD_BAZEL"] === "1") {
      const parts = answers.map(({ query, output, answer = [] }) => {
        const head = output === "label" ? query : `--output=${output} ${query}`;
        return [head, ...answer.map((line) => `  ${line}`)].join("\n");
      });
      writeFileSync(recording, `${parts.join("\n")}\n`);
    }
    expect(answers).toEqual(recorded);
  });

  test("refuses what is refused here", { timeout: 300_000 }, () => {
    expect(refused.filter((query) => bazel.query(query, "label") !== undefined)).toEqual([]);
  });
});
