import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { programFile, rig } from "./rig.ts";
import { screenOf } from "./screen.ts";

const python = "/usr/bin/python3";
const driver = join(import.meta.dirname, "terminal.py");

const actions = 20;
const linesEach = 100;

/** One action that runs until somebody writes to `pipe`, and many that print a lot at once. */
function buildFile(pipe: string): string {
  const numbered = Array.from({ length: actions }, (_, at) => at);
  const loop = `i=0; while [ $i -lt ${linesEach} ]`;
  return [
    "targets:",
    `  - {name: held, rule: exec, outs: [h], command: 'read x < ${pipe}; : > $OUT'}`,
    ...numbered.map(
      (at) =>
        `  - {name: t${at}, rule: exec, srcs: [":held"], outs: [o${at}], command: '${loop}; do echo "line ${at}/$i." >&2; i=$((i+1)); done; : > $OUT'}`,
    ),
    "",
  ].join("\n");
}

interface Shown {
  readonly code: number | null;
  readonly bytes: string;
}

function runOnTerminal(
  words: readonly string[],
  { root, env }: { root: string; env: Readonly<Record<string, string>> },
): Promise<Shown> {
  const child = spawn(python, [driver, ...words], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 90_000,
    killSignal: "SIGKILL",
  });
  let bytes = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (bytes += more));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, bytes }));
  });
}

test.skipIf(!existsSync(python))(
  "on a real terminal nothing is lost when much is printed at once, and nothing is left over",
  async () => {
    const here = rig({ "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\n" });
    const pipe = join(here.place, "pipe");
    execFileSync("mkfifo", [pipe]);
    here.write({ "kraft.build.yaml": buildFile(pipe) });
    const env = {
      HOME: here.home,
      KRAFT_GRAPH_CACHE_DIR: here.cache,
      KRAFT_GRAPH_BUILD_SANDBOX: "links",
      PATH: "/usr/bin:/bin",
      TERM: "xterm-256color",
    };
    const program = [process.execPath, programFile(), "build", "-j", "4", "//..."];
    const { code, bytes } = await runOnTerminal(["held/h", pipe, ...program], {
      root: here.root,
      env,
    });
    expect(code, bytes).toBe(0);
    const lines = screenOf(bytes);
    const wanted = Array.from({ length: actions * linesEach }, (_, at) => {
      return `line ${Math.floor(at / linesEach)}/${at % linesEach}.`;
    });
    const printed = lines.filter((line) => line.startsWith("line "));
    expect(printed.toSorted()).toEqual(wanted.toSorted());
    // Those of one action are together, and in order.
    expect(printed.filter((line) => line.startsWith("line 7/"))).toEqual(
      wanted.filter((line) => line.startsWith("line 7/")),
    );
    const last = lines.filter((line) => line !== "").at(-1);
    expect(last).toMatch(/^done: 21 actions: 21 run; [\d.]+ s$/);
    expect(lines.filter((line) => /running|held\/h/.test(line))).toEqual([]);
    // Nothing is cleared before it is drawn again, and a frame is drawn as one.
    expect(bytes).not.toContain("\u001B[2J");
    const frames = bytes.split("\u001B[?2026h");
    expect(frames.length).toBeGreaterThan(2);
    for (const frame of frames.slice(1)) {
      const [drawn = "", rest = ""] = frame.split("\u001B[?2026l");
      expect(drawn.indexOf("\u001B[J")).toBe(drawn.length - 3);
      expect(rest).not.toContain("\u001B");
    }
  },
);
