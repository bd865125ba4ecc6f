// Runs programs in directories of the disk. Knows no cache.

import { writeFileSync } from "node:fs";
import { join, normalize } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { quoteWord } from "../base/shell-word.ts";
import { writeError } from "../store/store-error.ts";
import { beginningOf } from "./beginning-of.ts";
import { BuildPlaces, type StageForm } from "./build-places.ts";
import { type CommandLine, formatCommandLine } from "./command-line.ts";
import type { DirectoryEntries } from "./input-tree.ts";
import { newProgramFinder } from "./program-file.ts";
import { type ProgramLine, isOwnSandbox, programLineOf } from "./program-line.ts";
import { PrintedFilePool, type PrintedFiles, completeFiles, moveFiles } from "./printed-files.ts";
import type { RunPlace } from "./run-place.ts";
import type {
  KeptSandbox,
  Sandbox,
  SandboxOptions,
  SandboxRequest,
  SandboxRun,
  SandboxTree,
} from "./sandbox.ts";
import { type SandboxChoice, chooseSandbox } from "./sandbox-choice.ts";
import type { Exit, ShellSlot, SlotExit } from "./shell-slot.ts";
import { SlotPool } from "./slot-pool.ts";
import type { StageRequest, Staged } from "./stage.ts";
import { MissingInputError } from "./staged-input.ts";
import { StandingSandboxes } from "./standing-sandboxes.ts";

const defaultGraceMs = 5_000;

/** Writes `line` down, as it may be long; gives the short one that runs it. */
function writeScript(directory: string, line: CommandLine): string {
  const script = join(directory, "repeat.sh");
  try {
    writeFileSync(script, `#!/bin/sh\n${formatCommandLine(line)}\n`);
  } catch (cause) {
    throw writeError(cause, script);
  }
  return `sh ${quoteWord(script)}`;
}

/** See `openSandbox`. */
export class DiskSandbox implements Sandbox {
  readonly #options: SandboxOptions;
  readonly #places: BuildPlaces;
  readonly #printed: PrintedFilePool;
  readonly #slots: SlotPool;
  readonly #standing: StandingSandboxes;
  readonly #find = newProgramFinder();
  readonly #runs = new Set<Promise<SandboxRun>>();
  #choice: Promise<SandboxChoice> | undefined;

  constructor(options: SandboxOptions) {
    const { directory, workspace, slots, host, graceMs = defaultGraceMs } = options;
    this.#options = options;
    const slotHost = { now: host.now, kill: host.kill, graceMs };
    this.#slots = new SlotPool(slots, slotHost);
    this.#standing = new StandingSandboxes(slotHost);
    const gone = (place: RunPlace) => this.#standing.forget(place);
    this.#places = new BuildPlaces(directory, workspace, { ...host, gone });
    this.#printed = new PrintedFilePool(() => join(this.#places.build(), "printed"));
  }

  choice(): Promise<SandboxChoice> {
    this.#choice ??= this.#choose();
    return this.#choice;
  }

  async #choose(): Promise<SandboxChoice> {
    const { kind, path, directory, chosen } = this.#options;
    const choice = await chooseSandbox(kind, {
      path,
      etc: join(directory, "etc"),
      probe: () => join(this.#places.build(), "probe"),
    });
    chosen?.(choice);
    return choice;
  }

  async run(request: SandboxRequest, signal: AbortSignal): Promise<SandboxRun> {
    const run = this.#run(request, signal);
    this.#runs.add(run);
    try {
      return await run;
    } finally {
      this.#runs.delete(run);
    }
  }

  stage(request: StageRequest): SandboxTree {
    const isShared = this.#options.kind === "none" && request.ownTree !== true;
    const form = isShared ? "shared" : "links";
    const place = this.#places.make(form, request.inputs);
    const staged = this.#places.stage(place, request, form);
    return this.#treeOf(place, staged, form);
  }

  moveOut(path: ExecPath, entries: DirectoryEntries, destination: string): boolean {
    return this.#places.moveOut(path, entries, destination);
  }

  async close(): Promise<void> {
    await Promise.all([this.#slots.close(), this.#standing.close()]);
    // All of these still use the directory.
    await Promise.allSettled([this.#choice, ...this.#runs]);
    this.#places.close();
    this.#printed.clear();
  }

  async #run(request: SandboxRequest, signal: AbortSignal): Promise<SandboxRun> {
    const choice = await this.choice();
    const isOwn = isOwnSandbox(request) || (choice.kind === "none" && request.ownTree === true);
    const form = isOwn ? "links" : formOf(choice);
    const place = this.#places.make(form, request.inputs);
    if (choice.kind === "unusable") return this.#refuse(choice.reason, place, form);
    const staged = this.#stage(place, request, form);
    if (typeof staged === "string") return this.#refuse(staged, place, form);
    if (!staged.keepsMounts) this.#standing.forget(place);
    const find = this.#find;
    const lineIn = (where: RunPlace) =>
      programLineOf({ request, place: where, staged, find }, choice, this.#options);
    const line = lineIn(place);
    if (typeof line === "string") return this.#refuse(line, place, form);
    const files = this.#printed.take();
    const { sharesSandbox = false } = request;
    const ended = await this.#slots.run((slot) =>
      this.#runIn(slot, { line, place, files, sharesSandbox }, signal),
    );
    const keep = (): KeptSandbox => {
      const kept = this.#keep(place, form, files);
      // The program may be in the sandbox, and so be found elsewhere now or not at all.
      const again = lineIn(kept);
      if (typeof again === "string") return { directory: kept.directory, command: undefined };
      return { directory: kept.directory, command: writeScript(kept.directory, again) };
    };
    const tree = this.#treeOf(place, staged, form, files);
    if (ended.exit.kind === "not-started") completeFiles(files);
    const isOpen = form !== "closed" && !isOwnSandbox(request);
    const isOnlyHere = (target: string): boolean => this.#isOwnPath(target);
    return { ...ended, keep, ...files, ...tree, ...(isOpen && { isOnlyHere }) };
  }

  async #runIn(slot: ShellSlot, run: StagedRun, signal: AbortSignal): Promise<SlotExit> {
    const { line, place, files, sharesSandbox } = run;
    const { argv, env, directory, enclosed } = line;
    if (enclosed !== undefined && sharesSandbox) {
      const ended = await this.#standing.run({ place, enclosed, files }, signal);
      if (ended !== undefined) return ended;
    }
    const { exit, isSilent } = await slot.run({ argv, env, directory, ...files }, signal);
    return {
      exit: enclosed === undefined ? exit : unwrappedExitOf(exit, files.stderrFile),
      isSilent,
    };
  }

  #isOwnPath(target: string): boolean {
    const { workspace, directory } = this.#options;
    const path = normalize(target);
    return [workspace, directory].some(
      (own) => own !== undefined && (path === own || path.startsWith(`${own}/`)),
    );
  }

  #keep(place: RunPlace, form: StageForm, files: PrintedFiles): RunPlace {
    const kept = this.#places.keep(place, form);
    moveFiles(files, kept.directory);
    return kept;
  }

  /** A sentence when an input is gone. */
  #stage(place: RunPlace, request: SandboxRequest, form: StageForm): Staged | string {
    const { inputs, outputs, cwd = "." } = request;
    try {
      return this.#places.stage(place, { inputs, outputs, directories: [cwd] }, form);
    } catch (cause) {
      if (cause instanceof MissingInputError) return cause.message;
      throw cause;
    }
  }

  #refuse(reason: string, place: RunPlace, form: StageForm): SandboxRun {
    const files = this.#printed.take();
    completeFiles(files);
    const keep = (): KeptSandbox => ({
      directory: this.#keep(place, form, files).directory,
      command: undefined,
    });
    const exit: Exit = { kind: "not-started", reason };
    return {
      ...this.#treeOf(place, undefined, form, files),
      exit,
      ...files,
      isSilent: false,
      wallMs: 0,
      keep,
    };
  }

  /** Nothing is left to dispose of when it was kept. */
  #treeOf(
    place: RunPlace,
    staged: Staged | undefined,
    form: StageForm,
    files?: PrintedFiles,
  ): SandboxTree {
    return {
      root: place.root,
      ...(form === "shared" && { stays: (path, blob) => this.#places.stays(path, blob) }),
      changedInputs: () => staged?.changedInputs() ?? [],
      dispose: () => {
        if (this.#places.release(place, staged) && files !== undefined) {
          this.#printed.giveBack(files);
        }
      },
    };
  }
}

/** A program, ready to run. */
interface StagedRun {
  readonly line: ProgramLine;
  readonly place: RunPlace;
  readonly files: PrintedFiles;
  readonly sharesSandbox: boolean;
}

function formOf({ kind }: SandboxChoice): StageForm {
  if (kind === "none") return "shared";
  return kind === "bwrap" ? "closed" : "links";
}

/** The exit of the program, told from that of bubblewrap, which complains when it cannot start. */
function unwrappedExitOf(exit: Exit, stderrFile: string): Exit {
  if (exit.kind !== "exited" || exit.code !== 1) return exit;
  const [line = ""] = beginningOf(stderrFile).split("\n");
  if (!line.startsWith("bwrap: ")) return exit;
  return { kind: "not-started", reason: line.slice("bwrap: ".length) };
}
