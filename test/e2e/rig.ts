// Runs the real program in a workspace of its own. Knows no test.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";

import { removeTree } from "../../src/sandbox/remove-tree.ts";

/** What a run of the program came to. */
export interface Ran {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** `stderr` with ROOT, CACHE and TIME for what differs from run to run. */
  readonly text: string;
  /** What it wrote to `--events`; empty unless it is a build. */
  readonly events: readonly Event[];
  /** How many actions had each outcome, less those that none had, as the last event says. */
  readonly counts: Readonly<Record<string, number>>;
  /** The subjects of the actions that were executed, sorted. */
  readonly executed: readonly string[];
  /** The digest of each output of the workspace, by path. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A line of `--events`. */
export type Event = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** How to run the program. */
export interface RunOptions {
  /** Relative to the workspace; absent: its root. */
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly umask?: string;
  /** Whether to add no option of the tests' own, so that there are no events. */
  readonly isBare?: boolean;
  /** How far the program's clock is ahead, in milliseconds; absent: not at all. */
  readonly aheadMs?: number;
  /** Words in front of the program, such as `setpriv …`. */
  readonly wrapper?: readonly string[];
  /** Gets the process as soon as it runs. */
  readonly watch?: (running: Running) => void;
}

/** The program while it runs. */
export interface Running {
  /** Calls `use` once it has printed `count` lines to its standard error. */
  readonly whenPrinted: (count: number, use: () => void) => void;
  /** Calls `use` with the first `count` lines of its standard output, once they are there. */
  readonly whenSaid: (count: number, use: (lines: readonly string[]) => void) => void;
  /** Sends `signal` to the program alone. */
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Where a workspace is, when it is to share a place with another. */
export interface RigOptions {
  readonly cache?: string;
  /** Absolute; absent: a fresh one. */
  readonly root?: string;
  /** What becomes of files that nobody asked for; absent: the default. */
  readonly intermediates?: "keep" | "drop";
}

/** How long the program may take, in milliseconds, before it counts as hanging: on a busy machine. */
const deadlineMs = 180_000;

let bundle: string | undefined;

/** The program, bundled once for each file of tests, as `dist` may be in use by others. */
export function programFile(): string {
  if (bundle !== undefined) return join(bundle, "main.js");
  bundle = mkdtempSync(join(tmpdir(), "kraft-e2e-program-"));
  const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "--no-types", "--out", bundle]);
  writeFileSync(join(bundle, "package.json"), '{"type":"module"}\n');
  chmodSync(bundle, 0o755); // Other users run it, too.
  return join(bundle, "main.js");
}

afterAll(() => {
  if (bundle !== undefined) removeTree(bundle);
});

/** A fresh directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "kraft-e2e-")));
  chmodSync(directory, 0o755);
  onTestFinished(() => removeTree(directory));
  return directory;
}

/** A workspace with `files`, by path, and an own cache and home. */
export function rig(files: Readonly<Record<string, string>>, options: RigOptions = {}) {
  const place = temporaryDirectory();
  const { root = join(place, "work"), cache = join(place, "cache") } = options;
  const home = join(place, "home");
  for (const directory of [root, home]) mkdirSync(directory, { recursive: true });
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  write(files);
  const { intermediates } = options;
  const env = {
    HOME: home,
    KRAFT_GRAPH_CACHE_DIR: cache,
    PATH: "/usr/bin:/bin",
    ...(intermediates && { KRAFT_GRAPH_CACHE_INTERMEDIATES: intermediates }),
  };
  let runs = 0;

  /** Runs the program with `words`. */
  const run = async (words: readonly string[], how: RunOptions = {}): Promise<Ran> => {
    const eventFile = join(place, `events-${runs++}`);
    const hasEvents = words[0] === "build" && !words.includes("--events") && how.isBare !== true;
    const dashes = words.indexOf("--");
    const at = dashes < 0 ? words.length : dashes;
    const all = hasEvents ? words.toSpliced(at, 0, `--events=${eventFile}`) : words;
    const directory = join(root, how.directory ?? "");
    const clock = how.aheadMs === undefined ? {} : clockEnv(place, how.aheadMs);
    const environment = { ...env, ...clock, ...how.env };
    const ended = await runProgram(all, { ...how, directory, env: environment });
    const events = hasEvents ? readEvents(eventFile) : [];
    const text = ended.stderr
      .replaceAll(root, "ROOT")
      .replaceAll(cache, "CACHE")
      .replaceAll(/; \d[\d.]* s$/gm, "; TIME");
    return {
      ...ended,
      text,
      events,
      counts: countsOf(events),
      executed: events
        .filter(({ kind, outcome }) => kind === "action-finished" && outcome === "executed")
        .map(({ subject }) => String(subject))
        .sort(),
      outputs: digestsBelow(join(root, ".kraft/out")),
    };
  };

  return {
    root,
    cache,
    home,
    place,
    write,
    run,
    /** Builds `words`, which are patterns and options. */
    build: (...words: readonly string[]) => run(["build", ...words]),
    read: (path: string) => readFileSync(join(root, path), "utf8"),
    path: (path: string) => join(root, path),
    /** Sets the times of all files of the user to `date`. */
    touch: (date: Date) => setTimes(root, date),
  };
}

/** Environment for a clock that is ahead: no test waits, and no one can set a file's ctime back. */
function clockEnv(place: string, aheadMs: number): Record<string, string> {
  const preload = join(place, "clock.cjs");
  writeFileSync(preload, `const { now } = Date; Date.now = () => now() + ${aheadMs};\n`);
  return { NODE_OPTIONS: `--require ${preload}` };
}

interface ProgramOptions extends Omit<RunOptions, "directory"> {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

type Ended = Pick<Ran, "code" | "signal" | "stdout" | "stderr">;

function runProgram(words: readonly string[], options: ProgramOptions): Promise<Ended> {
  const { directory, env, umask, wrapper = [], watch } = options;
  const shell = umask === undefined ? [] : ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
  const line = [...wrapper, ...shell, process.execPath, programFile(), ...words];
  const child = spawn(line[0]!, line.slice(1), { cwd: directory, env });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  }
  child.stdin.end();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`hangs: ${words.join(" ")}\n${output.stdout}${output.stderr}`));
    }, deadlineMs);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ ...output, code: code ?? undefined, signal: signal ?? undefined });
    });
    const whenPrinted = (count: number, use: () => void): void => {
      const look = (): void => {
        if (output.stderr.split("\n").length <= count) return;
        child.stderr.off("data", look);
        use();
      };
      child.stderr.on("data", look);
    };
    const whenSaid = (count: number, use: (lines: readonly string[]) => void): void => {
      const look = (): void => {
        const lines = output.stdout.split("\n");
        if (lines.length <= count) return;
        child.stdout.off("data", look);
        use(lines.slice(0, count));
      };
      child.stdout.on("data", look);
    };
    watch?.({ whenPrinted, whenSaid, kill: (signal) => void child.kill(signal) });
  });
}

/** A build that was killed may have written half a line. */
function readEvents(path: string): Event[] {
  const text = readIfThere(path) ?? "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Event);
}

function countsOf(events: readonly Event[]): Record<string, number> {
  const last = events.at(-1);
  if (last?.kind !== "finished") return {};
  const counts = last["actions"] as Readonly<Record<string, number>>;
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** The digest of each file below `directory`, by path, with a mark for executable ones. */
export function digestsBelow(directory: string): Record<string, string> {
  const files = filesBelow(directory).map((path) => {
    const file = join(directory, path);
    const mark = (statSync(file).mode & 0o100) === 0 ? "" : " x";
    return [path, `${sha256(readFileSync(file))}${mark}`] as const;
  });
  return Object.fromEntries(files);
}

/** Paths of the regular files below `directory`, sorted; none when it is not there. */
export function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
      .sort();
  } catch {
    return [];
  }
}

/** The blobs of the CAS in `cache` that are not what their names say. */
export function wrongBlobs(cache: string): string[] {
  const directory = join(cache, "cas");
  return filesBelow(directory).filter((path) => {
    const name = basename(path).replace(/\.x$/, "");
    const isAtItsPlace = dirname(path) === name.slice(0, 2);
    return !isAtItsPlace || sha256(readFileSync(join(directory, path))) !== name;
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function setTimes(root: string, date: Date): void {
  const entries = readdirSync(root, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(root, entry.name);
    if (entry.name === ".kraft" || entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) setTimes(path, date);
    utimesSync(path, date, date);
  }
  utimesSync(root, date, date);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
