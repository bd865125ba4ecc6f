// Runs actions: commands in the sandbox, programs of rule sets in the engine. Knows no cache.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type {
  Action,
  CommandAction,
  CompileAction,
  ExecPath,
  ProgramAction,
  WriteAction,
} from "../action/action.ts";
import type { ActionResult, Node, TreeNode } from "../action/result.ts";
import { assertNever } from "../base/brand.ts";
import type { Host } from "../base/host.ts";
import { splitDigest } from "../digest/digest.ts";
import { type Program, ProgramError } from "../rule/program.ts";
import type { Sandbox, SandboxRun, SandboxTree } from "../sandbox/sandbox.ts";
import { MissingInputError } from "../sandbox/staged-input.ts";
import type { Cas } from "../store/cas.ts";
import { StoreError } from "../store/store-error.ts";
import type { ActionFailure } from "./event.ts";
import { LogFiles, type Streams } from "./log-files.ts";
import type { Input } from "./inputs.ts";
import { refuseLost } from "./lost-output.ts";
import type { FilesWanted } from "./shared-results.ts";
import { collectOutput } from "./outputs.ts";
import { programContext } from "./program-context.ts";
import { strayLinkIn } from "./stray-links.ts";
import { openCopies } from "./tree-copy.ts";

/** What came of a run. */
export type Ran =
  | {
      readonly kind: "succeeded";
      readonly result: ActionResult;
      /** What users should see: of a command its errors, as the rest tells only of its progress. */
      readonly printed: string;
      /** Present when it ran some time before, elsewhere. */
      readonly isCached?: true;
      /** Present when it ran just now, on another machine. */
      readonly ranElsewhere?: true;
    }
  | {
      readonly kind: "failed";
      readonly failure: Omit<ActionFailure, "reasons">;
      readonly wallMs: number;
      readonly ranElsewhere?: true;
    };

/** What runs actions, here or elsewhere. */
export interface Running extends Pick<Runner, "preprocess"> {
  /** `files`: those of the result that are to be here; absent: all. See `Runner.run`. */
  readonly run: (
    action: Action,
    inputs: readonly Input[],
    signal: AbortSignal,
    files?: FilesWanted,
  ) => Promise<Ran>;
  /** Whether files that `action` reads have to be here; absent: always. */
  readonly readsHere?: (action: Action) => boolean;
}

/** What came of the first step of compiling. */
export type Preprocessed =
  | {
      readonly kind: "preprocessed";
      /** Absolute; there until `dispose`. */
      readonly textFile: string;
      /** Its text. */
      readonly depfile: string;
      readonly streams: Streams;
      readonly wallMs: number;
      readonly dispose: () => void;
    }
  | Extract<Ran, { kind: "failed" }>;

/** What running takes. */
export interface RunnerParts {
  readonly sandbox: Sandbox;
  readonly cas: Cas;
  /** By the names that actions have for them. */
  readonly programs: ReadonlyMap<string, Program>;
  readonly logFiles: LogFiles;
  readonly host: Pick<Host, "now">;
}

/** Runs actions, and puts what they leave into the store. */
export class Runner {
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Throws a StoreError. */
  run(action: Action, inputs: readonly Input[], signal: AbortSignal): Promise<Ran> {
    switch (action.kind) {
      case "command":
        return this.#runCommand(action, inputs, signal);
      case "compile":
      case "fetch":
        throw new Error(`bug: ${action.outputs[0]} is not run in one step`);
      case "program":
        return this.#runProgram(action, inputs, signal);
      case "write":
        return Promise.resolve(this.#write(action));
      default:
        return assertNever(action);
    }
  }

  /** The first step of `action`. Throws a StoreError, or a LostOutput. */
  async preprocess(
    action: CompileAction,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<Preprocessed> {
    const { preprocess: argv, env, text, depfile } = action;
    const staged = inputs.map((input) => input.staged);
    const request = { argv, env, inputs: staged, outputs: [text, depfile], network: false };
    const compiler = { ownTree: true, sharesSandbox: true };
    const run = await this.#parts.sandbox.run({ ...compiler, ...request }, signal);
    if (run.exit.kind === "not-started") refuseLost(inputs);
    const streams = this.#parts.logFiles.read(run);
    const problem = problemOf(run) ?? missingOf(run.root, [text, depfile]);
    if (problem !== undefined) {
      const failure = this.#failureOf(action, run, { streams, ...problem });
      run.dispose();
      return { kind: "failed", wallMs: run.wallMs, failure };
    }
    const inRoot = (path: ExecPath): string => join(run.root, path);
    return {
      kind: "preprocessed",
      textFile: inRoot(text),
      depfile: readFileSync(inRoot(depfile), "utf8"),
      streams,
      wallMs: run.wallMs,
      dispose: () => run.dispose(),
    };
  }

  async #runCommand(
    action: CommandAction,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<Ran> {
    const { argv, env, outputs, network = false, sharesSandbox = false } = action;
    const staged = inputs.map((input) => input.staged);
    const ownTree = action.mounts !== undefined;
    const image = action.root && { root: action.root, layerNames: layerNamesOf(inputs) };
    const { build } = action;
    const shared = { argv, env, inputs: staged, outputs, network, sharesSandbox, ownTree };
    const request = { ...shared, ...(image && { image }), ...(build && { build }) };
    const run = await this.#parts.sandbox.run(request, signal);
    try {
      if (run.exit.kind === "not-started") refuseLost(inputs);
      return this.#judge(action, run);
    } finally {
      run.dispose();
    }
  }

  /** Whether `run` did what the action was to do. */
  #judge(action: CommandAction, run: SandboxRun): Ran {
    const { wallMs } = run;
    const streams = this.#parts.logFiles.read(run);
    const problem = problemOf(run);
    const outputs = problem === undefined ? this.#collect(action, run) : undefined;
    if (outputs === undefined || typeof outputs === "string") {
      const { message = "", ...code } = problem ?? { message: outputs };
      const failure = this.#failureOf(action, run, { streams, message, ...code });
      return { kind: "failed", wallMs, failure };
    }
    const { cas } = this.#parts;
    const stdout = cas.put(streams.stdout);
    const stderr = cas.put(streams.stderr);
    const { mnemonic } = action;
    const result = { exitCode: 0, outputs, stdout, stderr, wallMs, mnemonic };
    return { kind: "succeeded", result, printed: streams.stderr.toString() };
  }

  #failureOf(
    action: Action,
    run: SandboxRun,
    { streams, message, exitCode }: Problem & { readonly streams: Streams },
  ): Omit<ActionFailure, "reasons"> {
    const log = this.#parts.logFiles.keep(action, streams);
    const { command } = run.keep();
    const repeat = command === undefined ? {} : { repeatCommand: command };
    return { message, ...log, ...repeat, ...(exitCode !== undefined && { exitCode }) };
  }

  /** The outputs of `action`, of which some may be `stored` already, or what is wrong with them. */
  #collect(
    action: Action,
    tree: SandboxTree,
    stored?: ReadonlyMap<ExecPath, TreeNode>,
  ): Map<ExecPath, Node> | string {
    const { cas } = this.#parts;
    const outputs = new Map<ExecPath, Node>();
    for (const path of action.outputs) {
      const node = stored?.get(path) ?? collectOutput(tree, path, cas);
      if (node === undefined) return `it did not make ${path}`;
      outputs.set(path, node);
    }
    return strayLinkIn(outputs, tree, cas) ?? outputs;
  }

  async #runProgram(
    action: ProgramAction,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<Ran> {
    const { sandbox, programs, cas, host } = this.#parts;
    const program = programs.get(action.program);
    const startMs = host.now();
    const lines: string[] = [];
    const wallMs = () => Math.round(host.now() - startMs);
    const failure = (message: string): Ran => ({
      kind: "failed",
      wallMs: wallMs(),
      failure: { message, lastLines: lines.join("\n") },
    });
    // A rule set may be anybody's, and name what there is not.
    if (program === undefined) return failure(`no rule set has the program ${action.program}`);
    const tree = stageIn(sandbox, { action, inputs });
    if (typeof tree === "string") return failure(tree);
    try {
      for (const path of action.outputs)
        mkdirSync(dirname(join(tree.root, path)), { recursive: true });
      const print = (line: string): void => void lines.push(line);
      const { stored, copyTree } = openCopies(tree.root, action.outputs, cas);
      const context = programContext(tree.root, print, signal);
      await program.run(action.args, { ...context, copyTree });
      const outputs = this.#collect(action, tree, stored);
      if (!(outputs instanceof Map))
        return failure(`the program ${action.program} failed: ${outputs}`);
      const printed = lines.map((line) => `${line}\n`).join("");
      const streams = { stdout: cas.put(Buffer.from(printed)), stderr: cas.put(Buffer.alloc(0)) };
      const { mnemonic } = action;
      const result = { exitCode: 0, outputs, ...streams, wallMs: wallMs(), mnemonic };
      return { kind: "succeeded", result, printed };
    } catch (error) {
      if (error instanceof ProgramError) return failure(placedMessage(error, action));
      if (signal.aborted) return failure(String((error as Error).message));
      if (error instanceof StoreError || !(error instanceof Error)) throw error;
      // A rule set's bug must not take the engine down; its stack is for its author.
      return failure(`the program ${action.program} broke: ${error.stack ?? error.message}`);
    } finally {
      tree.dispose();
    }
  }

  #write(action: WriteAction): Ran {
    const { cas } = this.#parts;
    const draft = cas.temporaryPath();
    mkdirSync(dirname(draft), { recursive: true });
    writeFileSync(draft, action.text);
    if (action.executable === true) chmodSync(draft, 0o755);
    const node = { kind: "file", ...cas.importFile(draft, { move: true }) } as const;
    const nothing = cas.put(Buffer.alloc(0));
    const outputs = new Map([[action.outputs[0], node]]);
    const { mnemonic } = action;
    const result = { exitCode: 0, outputs, stdout: nothing, stderr: nothing, wallMs: 0, mnemonic };
    return { kind: "succeeded", result, printed: "" };
  }
}

/** What `error` says, and where in a file of the user that came about. */
function placedMessage({ message, place }: ProgramError, { places }: ProgramAction): string {
  const at = place === undefined ? undefined : places?.[place];
  return at === undefined ? message : `${message}\n${at}`;
}

/** For each file among `inputs` a name by its content, short as many go into one call of mount. */
function layerNamesOf(inputs: readonly Input[]): Map<ExecPath, string> {
  return new Map(
    inputs.flatMap(({ path, node }) =>
      node.kind === "file" ? [[path, splitDigest(node.digest).hash.slice(0, 20)] as const] : [],
    ),
  );
}

/** The input root of a program; a line when an input of the user is gone. Throws a LostOutput. */
function stageIn(
  sandbox: Sandbox,
  { action, inputs }: { action: ProgramAction; inputs: readonly Input[] },
): SandboxTree | string {
  try {
    const { outputs, mounts } = action;
    const ownTree = mounts !== undefined;
    return sandbox.stage({ inputs: inputs.map(({ staged }) => staged), outputs, ownTree });
  } catch (cause) {
    if (!(cause instanceof MissingInputError)) throw cause;
    refuseLost(inputs);
    return cause.message;
  }
}

/** What is wrong with a run. */
interface Problem {
  readonly message: string;
  readonly exitCode?: number;
}

/** Undefined when `run` ended well, and left its inputs alone. */
function problemOf(run: SandboxRun): Problem | undefined {
  const { exit } = run;
  if (exit.kind === "not-started") return { message: exit.reason };
  if (exit.kind === "signalled") return { message: `ended by ${exit.signal}` };
  if (exit.code !== 0) return { message: `exit code ${exit.code}`, exitCode: exit.code };
  const altered = run.changedInputs();
  if (altered.length > 0) return { message: `it wrote to its input ${altered.join(", ")}` };
  return undefined;
}

function missingOf(root: string, paths: readonly ExecPath[]): Problem | undefined {
  const missing = paths.find((path) => !existsSync(join(root, path)));
  return missing === undefined ? undefined : { message: `it did not make ${missing}` };
}
