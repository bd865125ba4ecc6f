import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Action, ExecPath, ProgramAction } from "../../src/action/action.ts";
import { formatYielded } from "../../src/action/yielded.ts";
import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { digestOf, splitDigest } from "../../src/digest/digest.ts";
import { type Equipment, openEquipment } from "../../src/engine/equipment.ts";
import type { BuildEvent } from "../../src/engine/event.ts";
import { execute } from "../../src/engine/execution.ts";
import type { Label } from "../../src/label/label.ts";
import type { ProgramContext } from "../../src/rule/program.ts";
import { readSettings } from "../../src/workspace/config.ts";
import { nodeDisk } from "../../src/workspace/disk.ts";
import { FileView } from "../../src/workspace/files.ts";
import { realHost, temporaryDirectory } from "../sandbox/sandbox-rig.ts";

/** The target that owns every action, and where its outputs are. */
export const owner = "//:t" as Label;
export const outs = ".kraft/out/t";

/** The paths of one action. */
export interface WorkPaths {
  readonly inputs: readonly ExecPath[];
  readonly outputs: readonly ExecPath[];
}

/** Work of one action, as a test has it. */
export type Work = (context: ProgramContext, paths: WorkPaths) => void | Promise<void>;

/** How one build is to be. */
export interface RigBuild {
  readonly wanted?: readonly string[];
  readonly jobs?: number;
  readonly keepGoing?: boolean;
  readonly verifyShare?: number;
  readonly signal?: AbortSignal;
  readonly spendYoungMemory?: () => void;
  /** The equipment, with a part that fails. */
  readonly alter?: (equipment: Equipment) => Equipment;
}

/**
 * A program action written like a rule of make: `out/b: out/a main.c`. Paths below `out` are
 * outputs; an output that ends in `*` lists further actions.
 */
export function rule(text: string, more: Partial<ProgramAction> = {}): ProgramAction {
  const [left = "", right = ""] = text.split(":");
  const names = left.match(/\S+/g) ?? [];
  const yields = names.find((name) => name.endsWith("*"));
  const [first = "", ...rest] = names.map((name) => pathOf(name.replace("*", "")));
  const inputs = (right.match(/\S+/g) ?? []).map(pathOf);
  return {
    kind: "program",
    mnemonic: "Join",
    owner,
    program: "rig/join",
    version: 1,
    args: [[first, ...rest].join(" "), inputs.join(" ")],
    inputs,
    outputs: [first, ...rest],
    ...(yields !== undefined && { yields: pathOf(yields.replace("*", "")) }),
    ...more,
  };
}

export function pathOf(name: string): ExecPath {
  return name.replace(/^out\//, `${outs}/`);
}

function nameOf(path: ExecPath): string {
  return path.replaceAll(`${outs}/`, "out/");
}

/**
 * A workspace in a temporary directory, with a real store, in which the test holds the programs:
 * by default, an action writes into each output what is in its inputs.
 */
export function executionRig(files: Readonly<Record<string, string>> = {}) {
  const root = temporaryDirectory();
  const works = new Map<string, Work>();
  /** The actions of which the work was done, in that order. */
  const ran: string[] = [];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  let aheadMs = 0;
  const now = (): number => performance.now() + aheadMs;
  const epochMs = (): number => Date.now() + aheadMs;
  const open = (): Equipment => openIn(root, { works, ran, now, epochMs });
  const build = async (rules: readonly Action[], options: RigBuild = {}) => {
    const { wanted = [], jobs = 1, keepGoing = false, alter = (all) => all } = options;
    const { verifyShare = 0, spendYoungMemory = () => undefined } = options;
    const events: BuildEvent[] = [];
    ran.length = 0;
    const equipment = alter(open());
    try {
      const execution = await execute({
        actions: rules,
        wanted: wanted.length > 0 ? wanted.map(pathOf) : rules.flatMap(({ outputs }) => outputs),
        equipment,
        jobs,
        keepGoing,
        verifyShare,
        listen: (event) => void events.push(event),
        host: { ...realHost, now, epochMs, spendYoungMemory },
        signal: options.signal ?? new AbortController().signal,
      });
      const counts = Object.entries(execution.counts).filter(([, count]) => count > 0);
      return {
        ok: execution.ok,
        counts: Object.fromEntries(counts),
        log: events.map(lineOf),
        events,
        ran: [...ran],
        text: (name: string): string | undefined => {
          const node = equipment.inputs.outputAt(pathOf(name));
          return node?.kind === "file"
            ? equipment.store.cas.read(node.digest)?.toString()
            : undefined;
        },
        equipment,
      };
    } finally {
      await equipment.close();
    }
  };
  return {
    root,
    write,
    build,
    /** Moves the clock on. */
    pass: (ms: number): void => void (aheadMs += ms),
    /** What the action that makes the output `name` does from now on. */
    work: (name: string, work: Work): void => void works.set(pathOf(name), work),
    /** Removes every blob with this content from the store. */
    loseBlob: (text: string): void => loseBlob(root, text),
    loseActionCache: (): void =>
      rmSync(join(root, ".kraft/cache/ac"), { recursive: true, force: true }),
  };
}

interface Held {
  readonly works: ReadonlyMap<string, Work>;
  readonly ran: string[];
  readonly now: () => number;
  readonly epochMs: () => number;
}

function openIn(root: string, { works, ran, now, epochMs }: Held): Equipment {
  const here = { env: {}, workingDirectory: root, cpus: 1, architecture: "x64" };
  const host = { ...realHost, now, epochMs, ...here };
  const settings = readSettings({
    root,
    workspaceFile: undefined,
    files: new FileView({ disk: nodeDisk, epochMs: host.epochMs }),
    host,
    builtInRules: [],
    flags: [{ name: "--sandbox", key: "build.sandbox", text: "links" }],
    report: (diagnostic) => {
      throw new Error(renderDiagnostic(diagnostic));
    },
  });
  const program = {
    name: "join",
    version: 1,
    run: async ([left = "", right = ""]: readonly string[], context: ProgramContext) => {
      const outputs = left.split(" ");
      const [id = ""] = outputs;
      ran.push(nameOf(id));
      const inputs = right.split(" ").filter((path) => path !== "");
      await (works.get(id) ?? joinInputs)(context, { inputs, outputs });
    },
  };
  const ruleSet = {
    apiVersion: 1,
    name: "rig",
    buildFiles: [],
    rules: [],
    load: () => [],
    programs: [program],
  } as const;
  return openEquipment({
    root,
    settings,
    ruleSets: [ruleSet],
    host,
    components: new Map(),
    sourceDateEpoch: 0,
    buildId: "test",
  });
}

/** Writes what is in the inputs into every output. */
export function joinInputs({ resolve }: ProgramContext, { inputs, outputs }: WorkPaths): void {
  const text = inputs.map((path) => readFileSync(resolve(path), "utf8")).join("+");
  for (const path of outputs) writeFileSync(resolve(path), text);
}

/** Work that lists `actions` in its output, as an action that yields them does. */
export function listing(actions: readonly Action[]): Work {
  return ({ resolve }, { outputs }) => {
    for (const path of outputs) writeFileSync(resolve(path), formatYielded(actions));
  };
}

function loseBlob(root: string, text: string): void {
  const { hash } = splitDigest(digestOf(text));
  for (const end of ["", ".x"]) {
    rmSync(join(root, ".kraft/cache/cas", hash.slice(0, 2), `${hash}${end}`), { force: true });
  }
}

/** An event in a few words. */
function lineOf(event: BuildEvent): string {
  switch (event.kind) {
    case "planned":
      return `planned ${event.actions}`;
    case "actions-yielded":
      return `${nameOf(event.id)} yields ${event.actions}`;
    case "outputs-lost":
      return `${nameOf(event.id)} lacks ${event.actions}`;
    case "action-started":
      return `${nameOf(event.id)} runs: ${event.reasons.map(nameOf).join(", ")}`;
    case "action-printed":
      return `${nameOf(event.id)} prints ${event.text.trimEnd()}`;
    case "action-finished": {
      const why = event.failure === undefined ? "" : `: ${nameOf(event.failure.message)}`;
      return `${nameOf(event.id)} ${event.outcome}${why}`;
    }
    default:
      return event.kind;
  }
}
