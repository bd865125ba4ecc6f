// What goes wrong at remotes in tests, as data: docs/reliability.md has a table of it.

import type { Asked, Fault, Faults } from "../remote/fault.ts";

/** Makes requests of one kind end with `fault`. */
export const on =
  (kind: Asked["kind"], fault: Fault): Faults =>
  (asked) =>
    asked.kind === kind ? fault : undefined;

const firstTime =
  (fault: Fault): Faults =>
  ({ earlier }) =>
    earlier === 0 ? fault : undefined;

/** What is told of a remote that is given up. */
export const isOff = /^note: going on without the remote cache .*$/m;

/** What is wrong, and how many of the four actions are had all the same. */
export const readingFaults: readonly (readonly [
  string,
  Faults,
  { hits: number; note?: RegExp },
])[] = [
  ["never answers", () => "silent", { hits: 0, note: isOff }],
  ["is never available", () => "unavailable", { hits: 0, note: isOff }],
  ["is not available at the first try", firstTime("unavailable"), { hits: 4 }],
  ["denies everything", () => "denied", { hits: 0, note: isOff }],
  ["denies results", on("result", "denied"), { hits: 0, note: isOff }],
  ["gives wrong bytes of blobs", on("read", "wrong"), { hits: 0 }],
  ["gives half of each blob", on("read", "half"), { hits: 0 }],
  ["gives wrong bytes of results", on("result", "wrong"), { hits: 0 }],
  ["gives half of each result", on("result", "half"), { hits: 0 }],
  ["has lost the blobs of all results", on("read", "gone"), { hits: 0 }],
  ["resets connections amid the first answers", firstTime("reset"), { hits: 4 }],
  ["resets connections amid all blobs", on("read", "reset"), { hits: 0 }],
  [
    "sends its clients away now and then",
    ({ count }) => (count % 3 === 0 ? "goaway" : undefined),
    { hits: 4 },
  ],
];

/** What is wrong while results are given, and what is told of it. */
export const givingFaults: readonly (readonly [string, Faults, RegExp | undefined])[] = [
  ["denies blobs", on("give", "denied"), /^note: nothing is given to the remote cache/m],
  ["denies results", on("give-result", "denied"), /^note: nothing is given to the remote cache/m],
  [
    "has no room for blobs",
    on("give", "full"),
    /^note: nothing is given to the remote cache .*no room/m,
  ],
  [
    "has no room for results",
    on("give-result", "full"),
    /^note: nothing is given to the remote cache .*no room/m,
  ],
  ["is not available at the first try", firstTime("unavailable"), undefined],
  ["never answers when it is given blobs", on("give", "silent"), undefined],
  ["says that it has what it has not", on("missing", "boasting"), undefined],
];

/** Once for each blob, or again where nothing of it arrived that could be gone on from. */
const atFirst =
  (kind: Asked["kind"], fault: Fault): Faults =>
  (asked) =>
    asked.kind === kind && asked.offset === 0 && asked.earlier < 3 ? fault : undefined;

const onceEach =
  (kind: Asked["kind"], fault: Fault): Faults =>
  (asked) =>
    asked.kind === kind && asked.earlier === 0 ? fault : undefined;

const awayNowAndThen: Faults = ({ count }) => (count % 3 === 0 ? "goaway" : undefined);

/** What goes wrong while large blobs are read, and how many of the three actions are had. */
export const streamReadingFaults: readonly (readonly [
  string,
  Faults,
  { hits: number; resumes?: true },
])[] = [
  ["gives wrong bytes", on("read", "wrong"), { hits: 0 }],
  ["gives half of each", on("read", "half"), { hits: 0 }],
  ["breaks off in the middle of each", atFirst("read", "reset"), { hits: 3, resumes: true }],
  [
    "gives wrong bytes when it is asked to go on",
    ({ kind, offset }) => (kind === "read" ? (offset === 0 ? "reset" : "wrong") : undefined),
    { hits: 0 },
  ],
  ["ends connections amid them", onceEach("read", "cut"), { hits: 3 }],
  ["falls silent in the middle of each", on("read", "stalled"), { hits: 0 }],
  ["gives a byte now and then from the middle of each on", on("read", "dripping"), { hits: 0 }],
  ["is not available at the first try", onceEach("read", "unavailable"), { hits: 3 }],
  ["sends its clients away now and then", awayNowAndThen, { hits: 3 }],
  ["takes 30 ms longer for each answer", () => "late", { hits: 3 }],
];

/** What goes wrong while large blobs are given, and what the server has of the results then. */
export const streamGivingFaults: readonly (readonly [
  string,
  Faults,
  { keeps: "all" | "none"; resumes?: true },
])[] = [
  ["breaks off in the middle of each", onceEach("give", "reset"), { keeps: "all", resumes: true }],
  ["ends connections amid them", onceEach("give", "cut"), { keeps: "all" }],
  ["falls silent in the middle of each", on("give", "stalled"), { keeps: "none" }],
  ["is not available at the first try", onceEach("give", "unavailable"), { keeps: "all" }],
  ["sends its clients away now and then", awayNowAndThen, { keeps: "all" }],
  ["takes 30 ms longer for each answer", () => "late", { keeps: "all" }],
];
