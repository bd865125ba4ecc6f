import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import {
  givingFaults,
  readingFaults,
  streamGivingFaults,
  streamReadingFaults,
} from "./e2e/remote-fault-cases.ts";

const page = readFileSync(new URL("../docs/reliability.md", import.meta.url), "utf8");
const faultTests = "e2e/remote-faults.test.ts";
const executorTests = ["remote/remote-execution.test.ts", "e2e/remote-execution.test.ts"];

/** Each protocol has each fault. */
const protocols = ["gRPC", "HTTP"];

/** Rows of faults with a test of their own: how often it builds, what is had, what is told. */
const singleFaults: readonly (readonly [row: string, title: string])[] = [
  ["| is not there | 2 | none | once |", "that is not there is told of once"],
  [
    "| has lost one blob | 2 | the other three | |",
    "that lost one blob gives all that does not need it",
  ],
  [
    "| loses blobs between look-up and use | 2 | what is left; producers run again | |",
    "that loses blobs between look-up and use has their producers run again",
  ],
  [
    "| is killed during a build | 2 | what it gave before | at most once |",
    "that is killed during a build is done without",
  ],
  [
    "| is killed and started again | 1 | all | |",
    "a server that is killed and started again is used again",
  ],
  [
    "| cannot be used, by its capabilities | 1 | none | once |",
    "a server that cannot be used says so by its capabilities, and is asked nothing else",
  ],
];

/** Rows that name the file of their tests, with the titles that they stand for. */
const elsewhere: readonly (readonly [row: string, file: string, title: string])[] = [
  [
    "| is killed, and there again after half a minute | `returning-remote.test.ts` | all from then on | once each way |",
    "remote/returning-remote.test.ts",
    "a server that is killed is left alone, and used again when it is there again",
  ],
  [
    "| is not there when a build begins, but later | `returning-remote.test.ts` | all from then on | once each way |",
    "remote/returning-remote.test.ts",
    "a server that is not there when a build begins is used when it comes",
  ],
  [
    "| has a poisoned result, and is verified | `verify-remote.test.ts` | none is kept | each that differs |",
    "e2e/verify-remote.test.ts",
    "a poisoned result is told of, with what its key is made of, and is kept nowhere",
  ],
  [
    "| has lost a file of a result in a pack | `result-packs.test.ts` | all others | |",
    "remote/result-packs.test.ts",
    "a result in a pack of which the server has lost a file is no hit of the pack",
  ],
  [
    "| gives wrong packs; half of each; none | `result-packs.test.ts` | all, by their keys | |",
    "remote/result-packs.test.ts",
    "with packs that are %s, keys are asked for",
  ],
];

/** What an executor does, and the tests that have it do so. */
const executorFaults: readonly (readonly [row: string, ...titles: string[]])[] = [
  [
    "| breaks off its answers | is asked to go on, by WaitExecution |",
    "an answer that breaks off is taken up again where it was",
  ],
  [
    "| is started again, and knows the operation no more | is asked to execute it anew |",
    "a server that was started again is asked anew",
  ],
  [
    "| has lost an input, and says which, or says not | gets it again |",
    "a blob that the server has lost since is sent again",
    "where it does not say what it lacks, all of it is sent again",
  ],
  [
    "| has lost an output | executes it again, past its cache |",
    "an output that is lost has its action run again, and not be looked up",
  ],
  [
    "| takes longer than it allows itself | fails the action, with its words |",
    "an action that takes longer than the server allows has failed",
  ],
  [
    "| never comes to an end; is killed during a build | is given up after three actions, told once; they run here |",
    "a server that never comes to an end is given up, and told of once",
    "a build goes on here when the worker is killed while it works for it",
  ],
  [
    "| executes nothing; is not there | is told of once; all runs here |",
    "a server that only keeps results executes nothing",
    "a server that is none, or executes nothing, costs a line and no build",
  ],
  [
    "| is sent an input that changes meanwhile | executes nothing of it |",
    "an input that changed while it was sent is executed nowhere",
  ],
];

/** The titles of tests in `file` that are no table's. */
function titlesIn(file: string): string[] {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return [...text.matchAll(/^ *test\(\s*"([^"]+)"/gm)].map(([, title = ""]) => title);
}

/** The rows of the table below the line that begins with `head`. */
function rowsBelow(head: string): string[] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(head));
  expect(start, head).toBeGreaterThan(0);
  const rest = lines.slice(start + 2);
  return rest.slice(0, rest.indexOf(""));
}

const readingRows = readingFaults.map(([about, , { hits, note }]) => {
  const had = hits === 4 ? "all" : "none";
  return `| ${about} | ${protocols.length} | ${had} |${note === undefined ? "" : " once"} |`;
});

test("the page on reliability has each fault of caches, as it is tested", () => {
  const rows = rowsBelow("| A server that | builds | had | told |");
  const single = [...singleFaults, ...elsewhere].map(([row]) => row);
  expect([...rows].sort()).toEqual([...readingRows, ...single].sort());
  expect(titlesIn(faultTests).sort()).toEqual(singleFaults.map(([, title]) => title).sort());
});

test("the page on reliability has each fault while results are given", () => {
  const builds = 2 * protocols.length;
  const rows = givingFaults.map(
    ([about, , note]) => `| ${about} | ${builds} |${note === undefined ? "" : " once"} |`,
  );
  expect(rowsBelow("| A server that | builds | told |")).toEqual(rows);
});

test("the page on reliability has each fault of large blobs, as it is tested", () => {
  const reading = streamReadingFaults.map(([about, , { hits, resumes }]) => {
    const had = hits === 3 ? "all" : "none";
    return `| ${about} | ${protocols.length} | ${had}${resumes ? ", from where it broke off" : ""} |`;
  });
  expect(rowsBelow("| A server that, of large blobs, | builds | had |")).toEqual([
    ...reading,
    "| breaks off, and knows no ranges | 1 | all |",
  ]);
  const giving = streamGivingFaults.map(([about, , { keeps, resumes }]) => {
    const from = resumes ? ", from where it broke off with gRPC" : "";
    return `| ${about} | ${protocols.length} | ${keeps}${from} |`;
  });
  expect(rowsBelow("| A server that, of large blobs, | builds | keeps |")).toEqual([
    ...giving,
    `| is killed and started again | ${protocols.length} | all, as the next build sees |`,
  ]);
  expect(titlesIn("e2e/remote-streams.test.ts")).toEqual([
    "all blobs that are read are too large for batches",
    "that is killed and started again while it is given them gets all",
    "a server that knows no ranges gives blobs anew, and none of their bytes twice",
  ]);
});

test("what the page on reliability says of other files is tested there", () => {
  for (const [, file, title] of elsewhere) {
    const text = readFileSync(new URL(file, import.meta.url), "utf8");
    expect(text).toContain(`"${title}"`);
  }
});

test("the page on reliability has each fault of executors, as it is tested", () => {
  expect(rowsBelow("| An executor that | does |")).toEqual(executorFaults.map(([row]) => row));
  const tested = executorTests.flatMap(titlesIn);
  for (const title of executorFaults.flatMap(([, ...titles]) => titles)) {
    expect(tested).toContain(title);
  }
});
