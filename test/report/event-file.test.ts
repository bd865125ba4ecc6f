import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Diagnostic } from "../../src/diagnostic/diagnostic.ts";
import { openEventFile, streamEvents } from "../../src/report/event-file.ts";
import { eventLine } from "../../src/report/event-line.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { event } from "./report-rig.ts";

test("an event is one line of JSON, in the form that the build gives it", () => {
  expect(eventLine(event.finished({ executed: 2 }))).toBe(
    '{"kind":"finished","ok":true,"actions":{"upToDate":0,"localHit":0,"remoteHit":0,"executed":2,"failed":0,"skipped":0},"wallMs":1234}\n',
  );
  expect(eventLine({ kind: "notice", message: "two\nlines" })).toBe(
    '{"kind":"notice","message":"two\\nlines"}\n',
  );
});

test("a mistake has its file, line and column, and not the text of the file", () => {
  const source = { path: "app/Kraftfile", text: "a\nbcd\nef" };
  const diagnostic: Diagnostic = {
    severity: "warning",
    code: "duplicate-key",
    message: "twice",
    at: { source, start: 3, end: 4 },
    help: "take one",
    related: [{ message: "first here", at: { source, start: 0, end: 1 } }],
  };
  expect(JSON.parse(eventLine({ kind: "diagnostic", diagnostic }))).toEqual({
    kind: "diagnostic",
    severity: "warning",
    code: "duplicate-key",
    message: "twice",
    file: "app/Kraftfile",
    line: 2,
    column: 2,
    help: "take one",
    related: [{ message: "first here", file: "app/Kraftfile", line: 1, column: 1 }],
  });
  const bare = { severity: "error", code: "no-workspace", message: "none" } as const;
  expect(eventLine({ kind: "diagnostic", diagnostic: bare })).toBe(
    '{"kind":"diagnostic","severity":"error","code":"no-workspace","message":"none"}\n',
  );
});

test("a file of events is made with its directory, anew, and has each event as it comes", () => {
  const path = join(temporaryDirectory(), "deep/events.jsonl");
  mkdirSync(join(path, ".."));
  writeFileSync(path, "of an earlier build\n".repeat(50));
  const sink = openEventFile(path);
  sink.listen(event.planned(2));
  expect(readFileSync(path, "utf8")).toBe(eventLine(event.planned(2)));
  sink.listen(event.finished({}));
  sink.close();
  expect(readFileSync(path, "utf8")).toBe(
    eventLine(event.planned(2)) + eventLine(event.finished({})),
  );
});

test("a file of events that cannot be made is an error of the store", () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  expect(() => openEventFile(join(directory, "file/events"))).toThrow(StoreError);
});

test("a file of events whose disk is full is an error of the store", () => {
  const sink = openEventFile("/dev/full");
  expect(() => sink.listen(event.planned(1))).toThrow(StoreError);
  sink.close();
});

test("events can go to a stream", () => {
  let written = "";
  const sink = streamEvents((text) => void (written += text));
  sink.listen(event.planned(1));
  sink.close();
  expect(written).toBe(eventLine(event.planned(1)));
});
