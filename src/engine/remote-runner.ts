// Runs commands on other machines where settings say so, and here when that does not work.

import type {
  Action,
  CommandAction,
  CompileAction,
  ProgramAction,
  Resources,
} from "../action/action.ts";
import type { ActionResult, Node } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import { Lanes } from "../remote/lanes.ts";
import type { Executed, RemoteExecution } from "../remote/remote-execution.ts";
import type { Cas } from "../store/cas.ts";
import { resourcesOf } from "./action-graph.ts";
import { programCommandOf } from "./engine-files.ts";
import type { Input } from "./inputs.ts";
import type { LogFiles } from "./log-files.ts";
import { remoteActionOf, type RemoteActionParts } from "./remote-action.ts";
import type { Preprocessed, Ran, Running } from "./runner.ts";
import type { FilesWanted } from "./shared-results.ts";
import type { StrategyOf } from "./strategy.ts";

/** What running elsewhere takes. */
export interface RemoteRunnerParts extends RemoteActionParts {
  /** Runs here. */
  readonly local: Running;
  /** Opens the other place when something is first to run there; undefined when it cannot be used. */
  readonly open: () => Promise<RemoteExecution | undefined>;
  readonly strategyOf: StrategyOf;
  /**
   * Brings inputs here that stayed where they were made. Absent: what is there cannot be had later,
   * so all comes here at once. Throws a LostOutput.
   */
  readonly bring?: ((inputs: readonly Input[]) => Promise<void>) | undefined;
  readonly cas: Cas;
  readonly logFiles: LogFiles;
  /** How many commands run here at once. */
  readonly jobs: number;
  readonly host: Pick<Host, "now">;
}

/** What other machines are asked to do. */
type Sendable = CommandAction | ProgramAction;

/** What came of asking other machines. */
interface There {
  /** Undefined when nothing came of it. */
  readonly ran: Ran | undefined;
  /** Whether it ran there, and just now. */
  readonly isNew: boolean;
}

/** What was done elsewhere. */
export interface RemoteWork {
  /** Actions that ran there. */
  readonly executed: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** A runner of two places. */
export class RemoteRunner implements Running {
  readonly #parts: RemoteRunnerParts;
  /** For what takes a CPU of this machine while its action holds none. */
  readonly #here: Lanes;
  #execution: Promise<RemoteExecution | undefined> | undefined;
  #executed = 0;

  constructor(parts: RemoteRunnerParts) {
    this.#parts = parts;
    this.#here = new Lanes(parts.jobs);
  }

  /** What `action` takes of this machine, and of the other place, while it runs. */
  readonly resourcesOf = (action: Action): Resources =>
    this.#parts.strategyOf(action) === "remote" ? { remote: 1 } : resourcesOf(action);

  /** See `Runner.run`. */
  readonly run: Running["run"] = async (action, inputs, signal, files = "now") => {
    const { local, strategyOf, bring } = this.#parts;
    const strategy = strategyOf(action);
    const known = action.kind === "command" || action.kind === "program";
    if (!known || strategy === "local") return local.run(action, inputs, signal);
    if (strategy === "race") return this.#race(action, inputs, signal);
    const ran = await this.#runThere(action, inputs, signal, bring === undefined ? "now" : files);
    if (ran !== undefined) return ran;
    await bring?.(inputs);
    return this.#here.run(() => local.run(action, inputs, signal));
  };

  /** See `Running`. */
  readonly readsHere = (action: Action): boolean =>
    this.#parts.bring === undefined || this.#parts.strategyOf(action) !== "remote";

  /** Here, where all that it may read is: the text that comes of it is all that has to be sent. */
  readonly preprocess = (
    action: CompileAction,
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<Preprocessed> => {
    const { local, strategyOf } = this.#parts;
    const run = () => local.preprocess(action, inputs, signal);
    return strategyOf(action) === "remote" ? this.#here.run(run) : run();
  };

  /** What was done there so far. */
  async work(): Promise<RemoteWork | undefined> {
    const execution = await this.#execution;
    if (execution === undefined) return undefined;
    return { executed: this.#executed, ...execution.traffic() };
  }

  /** Ends whatever is under way there. */
  async close(): Promise<void> {
    (await this.#execution)?.close();
  }

  /** In both places; what the first one says that knows counts. */
  async #race(action: Sendable, inputs: readonly Input[], signal: AbortSignal): Promise<Ran> {
    const [stopHere, stopThere] = [new AbortController(), new AbortController()];
    const here = this.#parts.local.run(action, inputs, AbortSignal.any([signal, stopHere.signal]));
    const either = AbortSignal.any([signal, stopThere.signal]);
    const there = this.#runThere(action, inputs, either, "now");
    try {
      const first = await Promise.race([here, there.then((ran) => ran ?? here)]);
      stopHere.abort();
      return first;
    } finally {
      stopThere.abort();
      stopHere.abort();
      // Its process has to be over before somebody else has its place.
      await Promise.allSettled([here, there]);
    }
  }

  /** Undefined when nothing came of it there. */
  async #runThere(
    action: Sendable,
    inputs: readonly Input[],
    signal: AbortSignal,
    files: FilesWanted,
  ): Promise<Ran | undefined> {
    if (action.kind === "program") return this.#runProgramThere(action, inputs, signal, files);
    const there = await this.#execute(action, inputs, signal, files);
    if (there?.isNew === true) this.#executed += 1;
    return there?.ran;
  }

  /** A failure is nothing: that machine may lack Node, and here the engine tells more of it. */
  async #runProgramThere(
    action: ProgramAction,
    inputs: readonly Input[],
    signal: AbortSignal,
    files: FilesWanted,
  ): Promise<Ran | undefined> {
    const elsewhere = programCommandOf(action);
    if (elsewhere === undefined) return undefined;
    const { command, engine } = elsewhere;
    const there = await this.#execute(command, [...inputs, ...engine], signal, files);
    if (there?.ran?.kind !== "succeeded") return undefined;
    if (there.isNew) this.#executed += 1;
    return { ...there.ran, printed: this.#textOf(there.ran.result.stdout).toString() };
  }

  /** Undefined when nobody can be asked. */
  async #execute(
    command: CommandAction,
    inputs: readonly Input[],
    signal: AbortSignal,
    files: FilesWanted,
  ): Promise<There | undefined> {
    this.#execution ??= this.#parts.open();
    const execution = await this.#execution;
    if (execution === undefined || signal.aborted) return undefined;
    const startMs = this.#parts.host.now();
    const remote = remoteActionOf(command, inputs, this.#parts);
    const executed = await execution.execute(remote, signal, { files });
    const wallMs = Math.round(this.#parts.host.now() - startMs);
    const isNew = executed.kind === "ran" && !executed.isCached;
    return { ran: this.#judge(command, executed, wallMs), isNew };
  }

  /** What `executed` means for the action. */
  #judge(action: CommandAction, executed: Executed, wallMs: number): Ran | undefined {
    if (executed.kind === "unavailable") return undefined;
    if (executed.kind === "failed") {
      return { kind: "failed", failure: { message: executed.message, lastLines: "" }, wallMs };
    }
    const { result, isCached } = executed;
    if (result.exitCode !== 0) {
      return this.#failed(action, executed, `exit code ${result.exitCode}, elsewhere`);
    }
    const outputs = new Map<string, Node>();
    for (const path of action.outputs) {
      const node = result.outputs.get(path);
      if (node === undefined) return this.#failed(action, executed, `it did not make ${path}`);
      outputs.set(path, node);
    }
    const { stdout, stderr } = result;
    const { mnemonic } = action;
    const ran: ActionResult = {
      exitCode: 0,
      outputs,
      stdout,
      stderr,
      wallMs: result.wallMs || wallMs,
      mnemonic,
    };
    const printed = this.#textOf(result.stderr).toString();
    return { kind: "succeeded", result: ran, printed, ...whereOf(isCached) };
  }

  #failed(
    action: CommandAction,
    { result, message, logs, isCached }: Extract<Executed, { kind: "ran" }>,
    problem: string,
  ): Ran {
    // What the server says goes before what the program said, of which the end is shown.
    const told = [
      ...(message === "" ? [] : [Buffer.from(`server: ${message}\n`)]),
      ...logs.flatMap(({ name, text }) => [Buffer.from(`server, ${name}:\n`), text]),
    ];
    const stdout = Buffer.concat([...told, this.#textOf(result.stdout)]);
    const log = this.#parts.logFiles.keep(action, { stdout, stderr: this.#textOf(result.stderr) });
    const { exitCode, wallMs } = result;
    const code = exitCode === 0 ? {} : { exitCode };
    const failure = { message: problem, ...log, ...code };
    return { kind: "failed", failure, wallMs, ...(!isCached && { ranElsewhere: true }) };
  }

  #textOf(digest: ActionResult["stdout"]): Buffer {
    return this.#parts.cas.read(digest) ?? Buffer.alloc(0);
  }
}

function whereOf(
  isCached: boolean,
): Pick<Extract<Ran, { kind: "succeeded" }>, "isCached" | "ranElsewhere"> {
  return isCached ? { isCached } : { ranElsewhere: true };
}
