import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { BuildEvent } from "../../src/engine/event.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { about, event, reportRig } from "./report-rig.ts";

test("in GitHub Actions, actions are folded, and what matters stands outside", () => {
  const { tell, close } = reportRig({ githubFile: (path) => path });
  expect(
    tell(event.planned(2), event.executed("CC a.c"), event.executed("LD b"), event.finished({})),
  ).toBe("::group::actions\n[1/2] CC a.c\n[2/2] LD b\n::endgroup::\ndone: no actions; 1.2 s\n");
  tell(event.executed("CC c.c"));
  expect(close()).toBe("::endgroup::\n");
});

test("a mistake is marked at its line", () => {
  const source = { path: "app/Kraftfile", text: "a\nbcd\n" };
  const diagnostic = {
    ...({ severity: "warning", code: "duplicate-key", message: "100% twice" } as const),
    at: { source, start: 3, end: 4 },
    help: "take one",
  };
  const text = reportRig({ githubFile: (path) => `sub/${path}` }).tell({
    kind: "diagnostic",
    diagnostic,
  });
  expect(text.split("\n").at(-2)).toBe(
    "::warning file=sub/app/Kraftfile,line=2,col=2,title=duplicate-key::100%25 twice%0Atake one",
  );
});

test("a mistake in a file that is none of the checkout is told without one, and says where it is", () => {
  const source = { path: "external/lib-crc/Kraftfile", text: "a\nbcd\n" };
  const about = { severity: "error", code: "duplicate-key", message: "twice" } as const;
  const diagnostic = { ...about, at: { source, start: 3, end: 4 } };
  const text = reportRig({ githubFile: () => undefined }).tell({ kind: "diagnostic", diagnostic });
  expect(text.split("\n").at(-2)).toBe(
    "::error title=duplicate-key::external/lib-crc/Kraftfile:2:2: twice",
  );
});

function failure(lastLines: string, logFile?: string): BuildEvent {
  return {
    ...about("CC main.c"),
    kind: "action-finished",
    outcome: "failed",
    wallMs: 1,
    recordedMs: 0,
    failure: { message: "exit code 1", lastLines, reasons: [], ...(logFile && { logFile }) },
  };
}

test("errors of compilers are marked where they are, and other failures by their target", () => {
  const { tell } = reportRig({ githubFile: (path) => path });
  const marksOf = (lines: string): readonly string[] =>
    tell(failure(lines))
      .split("\n")
      .filter((line) => line.startsWith("::"));
  expect(
    marksOf("In file included from x\napp/main.c:3:5: error: no ';'\napp/b.h:9: fatal error: x"),
  ).toEqual([
    "::error file=app/main.c,line=3,col=5,title=//app%3Aimage%3A CC main.c::no ';'",
    "::error file=app/b.h,line=9,title=//app%3Aimage%3A CC main.c::x",
  ]);
  const { tell: tellOurs } = reportRig({
    githubFile: (path) => (path.startsWith("external/") ? undefined : path),
  });
  expect(tellOurs(failure("external/core/a.c:3:5: error: x\napp/b.c:4: error: y"))).toContain(
    "\n::error title=//app%3Aimage%3A CC main.c::external/core/a.c:3:5: x\n" +
      "::error file=app/b.c,line=4,title=//app%3Aimage%3A CC main.c::y\n",
  );
  expect(marksOf("/usr/include/x.h:1:1: error: not ours")).toEqual([
    "::error title=//app%3Aimage%3A CC main.c::exit code 1%0A/usr/include/x.h:1:1: error: not ours",
  ]);
});

test("the first errors of a log are marked, whatever its last lines are, each once", () => {
  const { tell } = reportRig({ githubFile: (path) => path });
  const marked = (text: string, lastLines: string): readonly string[] => {
    const logFile = join(temporaryDirectory(), "a.log");
    writeFileSync(logFile, text);
    return tell(failure(lastLines, logFile)).match(/(?<=^::error file=)a\.c,line=\d+/gm) ?? [];
  };
  const errors = [3, 1, 4, 15, 92, 65].map((line) => `a.c:${line}:1: error: x\n 1 |\n |\n |`);
  expect(marked(errors.join("\n"), errors.slice(-5).join("\n"))).toEqual(
    [3, 1, 4, 15, 92, 65].map((line) => `a.c,line=${line}`),
  );
  // No more than the first MiB is read, and the last lines are known.
  const long = [errors[0], "CC x.o\n".repeat(160_000), errors[1], errors[0]].join("\n");
  expect(marked(long, `${errors[1]}\n${errors[0]}`)).toEqual(["a.c,line=3", "a.c,line=1"]);
});

test("a log that is gone leaves the marks of its last lines", () => {
  const text = reportRig({ githubFile: (path) => path }).tell(
    failure("a.c:3: error: x", join(temporaryDirectory(), "gone.log")),
  );
  expect(text).toContain("::error file=a.c,line=3,");
});

test("what programs print is folded, and is no command to GitHub", () => {
  const { tell } = reportRig({ githubFile: (path) => path });
  const text = "::add-path::/evil\n  ::set-env::x\n##[add-path]/evil\rwarning: ok\n";
  expect(tell({ kind: "action-printed", ...about("CC main.c"), text })).toBe(
    "::group::CC main.c\n| ::add-path::/evil\n|   ::set-env::x\n# #[add-path]/evil\nwarning: ok\n::endgroup::\n",
  );
});
