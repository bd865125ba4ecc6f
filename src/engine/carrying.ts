// A plan that is carried out: once, or again each time that sources changed. Reads no build file.

import { existsSync } from "node:fs";
import { join, posix } from "node:path";

import type { Action, ExecPath } from "../action/action.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import type { RemoteTraffic } from "../remote/remote.ts";
import type { PathChange } from "../watch/follower.ts";
import { type Consulted, isUnchanged } from "../workspace/consulted.ts";
import { nodeDisk } from "../workspace/disk.ts";
import type { Journal } from "../why/journal.ts";
import type { BuildRequest, Outcome } from "./build.ts";
import { type Equipment, openEquipment } from "./equipment.ts";
import type { BuildEvent, Listen } from "./event.ts";
import { Work } from "./execution.ts";
import type { Execution } from "./execution-request.ts";
import { intermediatesOf, mayLackFor } from "./intermediates.ts";
import { addToLockFile } from "./lock-book.ts";
import type { Download } from "./looking-up.ts";
import { writeMemo } from "./memo.ts";
import { memoPlaceOf } from "./memo-path.ts";
import { journalsOf } from "./journaling.ts";
import { openRemoteRunner } from "./open-remote-runner.ts";
import { openShared } from "./open-shared.ts";
import { placeAll, placedOf, wantedOf } from "./placement.ts";
import { hasOnlyBuiltIn, type Planned } from "./planning.ts";
import type { RemoteRunner, RemoteWork } from "./remote-runner.ts";
import type { SharedResults } from "./shared-results.ts";
import { type Touched, touchedBy } from "./touched.ts";
import { Unplaced } from "./unplaced.ts";

/** Who hears of one round, and what stops it. */
export type Round = Pick<BuildRequest, "listen" | "signal">;

/** Carries out one plan as often as it takes. Between rounds, all that is known stays in memory. */
export class Carrying {
  readonly #planned: Planned;
  readonly #request: BuildRequest;
  /** Before any source was looked at. */
  readonly #startMs: number;
  readonly #equipment: Equipment;
  readonly #shared: SharedResults | undefined;
  readonly #runner: RemoteRunner | undefined;
  #work: Work;
  #listen: Listen;
  readonly #openJournal: () => Journal;
  readonly #mayLack: (action: Action) => boolean;
  /** Of this round. */
  #journal: Journal | undefined;
  /** What is to be laid out; absent: all that there is. */
  #unplaced: Unplaced | undefined;
  #outputs: readonly string[] = [];
  /** Whether the plan is news by itself. */
  #isNotable: boolean;

  /** Throws a StoreError. */
  constructor(planned: Planned, request: BuildRequest) {
    this.#planned = planned;
    this.#request = request;
    this.#listen = request.listen;
    this.#isNotable = !planned.isRemembered;
    const { repository, plan, sourceDateEpoch } = planned;
    const { root, settings, ruleSets, lockFile } = repository;
    const { host, follower, engine } = request;
    this.#startMs = host.epochMs();
    this.#equipment = openEquipment({
      root,
      settings,
      ruleSets,
      lockFile,
      tell: (diagnostic) => this.#listen({ kind: "diagnostic", diagnostic }),
      chosen: ({ kind, reason }) => this.#listen({ kind: "sandbox", sandbox: kind, reason }),
      host,
      components: new Map(plan.components),
      sourceDateEpoch,
      buildId: engine.buildId,
      follower,
    });
    this.#shared = this.#openShared();
    this.#mayLack = this.#drops ? mayLackFor(this.#placed()) : () => false;
    this.#runner = this.#openRunner();
    this.#openJournal = journalsOf(planned, request, this.#equipment.evidence);
    this.#work = this.#newWork();
  }

  /** Does what is open, and lays out what came of it. Throws a StoreError or a LostOutput. */
  async carryOut({ listen, signal }: Round): Promise<Outcome> {
    this.#listen = listen;
    this.#equipment.beginRound();
    try {
      return await this.#carryOut(signal);
    } catch (error) {
      this.#unplaced = undefined;
      throw error;
    } finally {
      // A round that ended early may have asked for programs that nobody waited for: they are
      // watched, and kept, as they were found then.
      await this.#equipment.toolchain.settled();
    }
  }

  /** Whether planning again could give another plan, after `changes`. */
  isOutdatedBy(changes: readonly PathChange[]): boolean {
    return this.#isOutdated(changes, () => true);
  }

  /**
   * Whether `changes` are reason enough to stop what runs: not so when all that is new are names
   * in a directory that was listed, as editors make them for drafts.
   */
  isOverturnedBy(changes: readonly PathChange[]): boolean {
    const isOutdated = this.#isOutdated(changes, ({ kind }) => kind !== "directory");
    return isOutdated || this.isReachedBy(changes);
  }

  /** Whether an action reads any of `changes`. */
  isReachedBy(changes: readonly PathChange[]): boolean {
    return this.#work.isReachedBy(this.#touched(changes));
  }

  /** Forgets what was known of what changed, and opens what reads it. */
  touch(changes: readonly PathChange[]): void {
    const touched = this.#touched(changes);
    this.#work.touch(touched);
    this.#equipment.inputs.forget(touched);
  }

  /** Absolute paths at which programs are, or would be found. */
  toolPaths(): string[] {
    return this.#equipment.toolPaths();
  }

  /** Writes down that nothing is to be done as long as nothing changes. Throws a StoreError. */
  remember({ result, execution }: Outcome): void {
    if (result.kind !== "built" || !result.isPlaced || execution === undefined) return;
    if (!this.#planned.isFlawless || !hasOnlyBuiltIn(this.#planned, this.#request)) return;
    const { repository, plan } = this.#planned;
    const { packages, targets, results, consulted } = plan;
    const { host } = this.#request;
    const { inputs } = this.#equipment;
    const sources = [
      ...consulted.map(({ path }) => path),
      ...inputs.watched(),
      ...this.#equipment.toolFiles(),
    ];
    const { executed, localHit, remoteHit, upToDate } = execution.counts;
    const actions = executed + localHit + remoteHit + upToDate;
    writeMemo(memoPlaceOf(this.#request, repository.root), {
      memo: { actions, packages, targets, results },
      files: { sources, outputs: this.#outputs },
      startMs: this.#startMs,
      areCurrent: (which, noted) =>
        inputs.areCurrent(which, noted) &&
        isUnchanged(consulted, { disk: nodeDisk, epochMs: host.epochMs }),
      host,
    });
  }

  /** Gives back memory between rounds. Throws a StoreError. */
  release(): void {
    this.#outputs = [];
    this.#equipment.release();
  }

  /** Writes down what this round came to. Throws a StoreError. */
  endRound(): void {
    this.#equipment.endRound();
  }

  /** Waits for what others are being given, unless `signal` aborts; see `SharedResults`. */
  async endSharing(signal: AbortSignal): Promise<RemoteTraffic | undefined> {
    const shared = await this.#shared?.close(signal);
    const work = await this.#runner?.work();
    return work === undefined ? shared : trafficWith(shared, work);
  }

  /** Ends all that runs. Throws a StoreError. */
  async close(): Promise<void> {
    await this.#shared?.close(AbortSignal.abort());
    await this.#runner?.close();
    await this.#equipment.close();
    await this.#planned.storeIsMade;
  }

  async #carryOut(signal: AbortSignal): Promise<Outcome> {
    const { value: wanted } = this.#planned.repository.settings.values["build.sandbox"];
    // Of all that may do, one is chosen when a program runs: to try bubblewrap is to start some.
    const choice = wanted === "auto" ? undefined : await this.#equipment.sandbox.choice();
    if (choice?.kind === "unusable") {
      this.#listen({ kind: "fault", message: `the sandbox cannot be used: ${choice.reason}` });
      return { result: { kind: "refused" } };
    }
    if (this.#request.onlyShared === true && this.#shared === undefined) {
      this.#listen({ kind: "fault", message: "there is no remote cache to look into" });
      return { result: { kind: "refused" } };
    }
    const journal = this.#openJournal();
    this.#journal = journal;
    const execution = await this.#execute(signal);
    const { root } = this.#planned.repository;
    // Even when something failed: what sources were found to be holds all the same.
    const pins = this.#equipment.sourcing.book.added();
    await addToLockFile(root, { pins }, this.#request.host);
    if (this.#download !== "minimal") this.#place(execution);
    if (execution.ok && this.#drops) {
      const { inputs } = this.#equipment;
      const { graph } = this.#work;
      this.#equipment.dropAtEnd(intermediatesOf({ graph, mayLack: this.#mayLack, inputs }));
    }
    const { ok, counts } = execution;
    journal.end({ ok, counts }, { isNotable: this.#isNotable });
    this.#isNotable = false;
    if (signal.aborted) return { result: { kind: "interrupted" }, execution };
    if (!execution.ok) return { result: { kind: "failed" }, execution };
    const isPlaced = this.#download !== "minimal";
    const results = new Map(this.#planned.plan.results);
    return { result: { kind: "built", root, isPlaced, results }, execution };
  }

  async #execute(signal: AbortSignal): Promise<Execution> {
    for (;;) {
      const execution = await this.#work.run(signal);
      if (execution !== "outgrown") return execution;
      this.#work = this.#newWork();
    }
  }

  #newWork(): Work {
    const { plan, repository } = this.#planned;
    const { values } = repository.settings;
    const { host, verifyShare = 0, tellsCommands = false, signal } = this.#request;
    const { isThorough, follower } = this.#request;
    const { onlyShared = false } = this.#request;
    return new Work({
      actions: plan.actions,
      wanted: plan.results.flatMap(([, result]) => wantedOf(result)),
      placed: this.#placed(),
      equipment: this.#equipment,
      runner: this.#runner,
      remoteJobs: values["remote.executions"].value,
      shared: this.#shared,
      download: this.#download,
      mayLack: this.#mayLack,
      scope: values["remote.scope"].value,
      jobs: values["build.jobs"].value,
      keepGoing: values["build.keepGoing"].value,
      verifyShare,
      onlyShared,
      tellsCommands,
      takesWhole: isThorough !== true && follower === undefined,
      journal: { add: (entry, outputs) => this.#journal?.add(entry, outputs) },
      listen: (event) => this.#listen(event),
      host,
      signal,
    });
  }

  #openShared(): SharedResults | undefined {
    const { store } = this.#equipment;
    const keeps = this.#request.onlyShared !== true;
    return this.#reach && openShared({ store, keeps, ...this.#reach });
  }

  #openRunner(): RemoteRunner | undefined {
    const { sourceDateEpoch } = this.#planned;
    const [equipment, shared] = [this.#equipment, this.#shared];
    return this.#reach && openRemoteRunner({ sourceDateEpoch, equipment, shared, ...this.#reach });
  }

  /** What it takes to reach other machines; undefined when none is to be. */
  get #reach() {
    if (this.#equipment.sourcing.isOffline) return undefined;
    const { root, settings, patterns } = this.#planned.repository;
    const { host, engine } = this.#request;
    const listen = (event: BuildEvent) => this.#listen(event);
    return { root, settings, patterns, host, version: engine.version, listen };
  }

  /** What comes here of results of others: whoever goes on with outputs needs at least those. */
  get #download(): Download {
    const download = this.#planned.repository.settings.values["remote.download"].value;
    const leaves = this.#request.leavesOutputs === true;
    return download === "minimal" && !leaves ? "toplevel" : download;
  }

  /** What is laid out for the user. */
  #placed(): ExecPath[] {
    const withLayout = this.#request.kraftLayout === true;
    return [...placedOf(this.#planned.plan.results, { withLayout })];
  }

  /** Whether files that nobody asked for go. A watch may still be giving them to others. */
  get #drops(): boolean {
    const { values } = this.#planned.repository.settings;
    const isGiving = this.#request.follower !== undefined && this.#shared !== undefined;
    return values["cache.intermediates"].value === "drop" && !isGiving;
  }

  /** Lays out what is not there as it is now. */
  #place({ ok }: Execution): void {
    const { root } = this.#planned.repository;
    const { results } = this.#planned.plan;
    const withLayout = this.#request.kraftLayout === true;
    const fresh = this.#equipment.inputs.takeFresh();
    // Somebody may have removed all of it.
    if (!existsSync(join(root, outputRoot))) this.#unplaced = undefined;
    this.#unplaced ??= new Unplaced(placedOf(results, { withLayout }));
    this.#outputs = placeAll(results, {
      root,
      equipment: this.#equipment,
      withLayout,
      isWhole: ok,
      layingOut: (path) => this.#journal?.layOut(path),
      paths: this.#unplaced.take(fresh),
    });
  }

  #isOutdated(changes: readonly PathChange[], counts: (consulted: Consulted) => boolean): boolean {
    if (changes.some(({ kind }) => kind === "tree")) return true;
    const tools = new Set(this.toolPaths());
    if (changes.some(({ path }) => tools.has(path))) return true;
    const isAsked = isAmong(changes);
    const asked = this.#planned.plan.consulted.filter((one) => isAsked(one) && counts(one));
    const { host, disk = nodeDisk } = this.#request;
    return !isUnchanged(asked, { disk, epochMs: host.epochMs });
  }

  #touched(changes: readonly PathChange[]): Touched {
    const { repository, plan } = this.#planned;
    const components = new Map(plan.components);
    return touchedBy(changes, { workspaceRoot: repository.root, components });
  }
}

/** What went to and fro in all. */
function trafficWith(shared: RemoteTraffic | undefined, work: RemoteWork): RemoteTraffic {
  const { executed, sentBytes, receivedBytes } = work;
  return {
    uploaded: 0,
    failed: 0,
    ...shared,
    executed,
    sentBytes: (shared?.sentBytes ?? 0) + sentBytes,
    receivedBytes: (shared?.receivedBytes ?? 0) + receivedBytes,
  };
}

/** More than this, and it is cheaper to look at everything. */
const fewChanges = 50;

/** Says which paths may be others after `changes`. */
function isAmong(changes: readonly PathChange[]): (asked: { readonly path: string }) => boolean {
  const entries = changes.filter(({ kind }) => kind !== "content").map(({ path }) => path);
  if (entries.length > fewChanges) return () => true;
  const paths = new Set([
    ...changes.map(({ path }) => path),
    ...entries.map((path) => posix.dirname(path)),
  ]);
  return ({ path }) => paths.has(path) || entries.some((entry) => path.startsWith(`${entry}/`));
}
