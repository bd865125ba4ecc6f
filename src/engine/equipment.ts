// All that carrying out actions takes, opened together and closed together. Knows no plan.

import { basename, join } from "node:path";

import type { Action, ExecPath } from "../action/action.ts";
import type { Host } from "../base/host.ts";
import type { Diagnostic, Source } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import type { Program } from "../rule/program.ts";
import type { RuleSet } from "../rule/rule.ts";
import { openSandbox, type Sandbox } from "../sandbox/sandbox.ts";
import type { SandboxChoice } from "../sandbox/sandbox-choice.ts";
import { openSecretFiles } from "../sandbox/secret-files.ts";
import type { ToolCache } from "../sandbox/tool.ts";
import type { LiveBuild } from "../store/live-builds.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Follower } from "../watch/follower.ts";
import type { Settings } from "../workspace/config.ts";
import { Evidence } from "../why/evidence.ts";
import { cacheHitsIn } from "../why/journal.ts";
import { journalDirectoryOf } from "./journaling.ts";
import { builderPlacesOf } from "./builder-places.ts";
import type { Sourcing } from "./sourcing.ts";
import { Fetching } from "./fetching.ts";
import { Inputs } from "./inputs.ts";
import { LaterWork } from "./later-work.ts";
import { openLockBook } from "./lock-book.ts";
import { LogFiles } from "./log-files.ts";
import { Records } from "./records.ts";
import { registrySettingsOf } from "./registry-settings.ts";
import { Runner } from "./runner.ts";
import { readToolCache, writeToolCache } from "./tool-cache.ts";
import { newToolchain, type Toolchain } from "./toolchain.ts";
import { TreeDirectories } from "./tree-directories.ts";

/** What to open it for. */
export interface EquipmentRequest {
  /** Absolute. */
  readonly root: string;
  readonly settings: Settings;
  readonly ruleSets: readonly RuleSet[];
  readonly host: Host;
  /** Absent: there is none. */
  readonly lockFile?: Source | undefined;
  /** Hears of mistakes in the lock file. */
  readonly tell?: (diagnostic: Diagnostic) => void;
  /** Hears of the sandbox; see `SandboxOptions`. */
  readonly chosen?: (choice: SandboxChoice) => void;
  /** See `Analysis.components`. */
  readonly components: ReadonlyMap<ExecPath, string>;
  readonly sourceDateEpoch: number;
  /** See `EngineIdentity`. */
  readonly buildId: string;
  /** See `InputSources`. */
  readonly follower?: Follower | undefined;
}

/** The store, the sandbox, and what is known of earlier builds. */
export interface Equipment {
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly records: Records;
  readonly toolchain: Toolchain;
  readonly inputs: Inputs;
  readonly runner: Runner;
  readonly logFiles: LogFiles;
  /** What explains later why an action ran. */
  readonly evidence: Evidence;
  /** Is done at the end of a round at the latest. */
  readonly later: LaterWork;
  /** Actions whose results builds that are written down had from a cache; read anew each time. */
  readonly earlierHits: () => ReadonlySet<ExecPath>;
  readonly sourcing: Sourcing;
  /** `action` with the time that its sandbox gives it, so that its key tells of it. */
  readonly dated: (action: Action) => Action;
  /** Absolute paths of the programs that actions use, and of the directories they are found in. */
  readonly toolFiles: () => string[];
  /** Absolute paths at which these programs are, or would be found. */
  readonly toolPaths: () => string[];
  /** Begins a round of many. Until its end, nothing that it uses is collected. Throws a StoreError. */
  readonly beginRound: () => void;
  /** Has `digests` removed from the store at the end of the round; see `Store.drop`. */
  readonly dropAtEnd: (digests: ReadonlySet<Digest>) => void;
  /** Writes down what was learnt of actions, and collects garbage. Throws a StoreError. */
  readonly endRound: () => void;
  /** Gives back memory for what can be looked up again. Throws a StoreError. */
  readonly release: () => void;
  /** Ends the round and what still runs, and writes down all that was learnt. Throws a StoreError. */
  readonly close: () => Promise<void>;
}

/** Opens what is needed to carry out actions. Throws a StoreError. */
export function openEquipment(request: EquipmentRequest): Equipment {
  const { root, settings, ruleSets, host, components } = request;
  const { values } = settings;
  const state = join(root, ".kraft");
  const store = openStore(values["cache.dir"].value, host);
  const statCache = store.openStatCache(root);
  const trees = new TreeDirectories(join(state, "trees"), store.cas, host);
  const inputs = new Inputs({
    workspaceRoot: root,
    components,
    cas: store.cas,
    statCache,
    directoryOf: (tree) => trees.directoryOf(tree),
    follower: request.follower,
  });
  const secrets = openSecretFiles(values["dockerfile.secrets"].value, root, host);
  const sandbox = sandboxFor(request, secrets.paths);
  const records = new Records(join(state, "records"), host.processId);
  const evidence = new Evidence(join(state, "why", "evidence"));
  const toolCachePath = join(store.directory, "tools.json");
  const tools = readToolCache(toolCachePath);
  const programs = programsOf(ruleSets);
  const logFiles = new LogFiles(join(state, "logs"));
  const runner = new Runner({ sandbox, cas: store.cas, programs, logFiles, host });
  const path = values["build.path"].value;
  const later = new LaterWork();
  const rounds = roundsOf({ store, records, evidence, later, values });
  rounds.beginRound();
  return {
    store,
    sandbox,
    records,
    toolchain: newToolchain(path, tools, request.buildId),
    inputs,
    runner,
    logFiles,
    evidence,
    later,
    earlierHits: () => cacheHitsIn(journalDirectoryOf(root)),
    sourcing: sourcingOf(request, store),
    dated: (action) => datedAction(action, request.sourceDateEpoch),
    toolFiles: () => [...path.split(":"), ...filesOf(tools)],
    toolPaths: () => pathsOf(path, filesOf(tools)),
    ...rounds,
    release: () => {
      statCache.release();
      inputs.release();
    },
    close: async () => {
      await sandbox.close();
      secrets.close();
      statCache.save();
      writeToolCache(toolCachePath, tools, host.processId);
      trees.prune();
      rounds.endRound();
    },
  };
}

interface RoundParts extends Pick<Equipment, "store" | "records" | "evidence" | "later"> {
  readonly values: Settings["values"];
}

/** A build is one round; a watch has many, or nothing could ever be collected. */
function roundsOf({ store, records, evidence, later, values }: RoundParts) {
  let round: LiveBuild | undefined;
  let unneeded: ReadonlySet<Digest> = new Set();
  return {
    dropAtEnd: (digests: ReadonlySet<Digest>) => {
      unneeded = digests;
    },
    beginRound: () => {
      round ??= store.beginBuild();
    },
    endRound: () => {
      if (round === undefined) return;
      later.finish();
      evidence.save();
      records.save();
      round.end();
      round = undefined;
      if (unneeded.size > 0) store.drop(unneeded);
      unneeded = new Set();
      store.collect({
        maxSizeBytes: values["cache.maxSize"].value,
        maxAgeMs: values["cache.maxAge"].value,
      });
      store.close();
    },
  };
}

function sandboxFor(
  { root, settings, sourceDateEpoch, host, chosen }: EquipmentRequest,
  secrets: ReadonlyMap<string, string>,
): Sandbox {
  const { values } = settings;
  return openSandbox({
    kind: values["build.sandbox"].value,
    slots: values["build.jobs"].value,
    directory: join(root, ".kraft/sandbox"),
    workspace: root,
    path: values["build.path"].value,
    sourceDateEpoch,
    ...(chosen && { chosen }),
    imagePlaces: {
      layers: join(root, ".kraft/layers"),
      caches: join(values["cache.dir"].value, "mounts"),
      secrets,
      // Empty is how some say that there is none.
      sshAgent: host.env["SSH_AUTH_SOCK"] === "" ? undefined : host.env["SSH_AUTH_SOCK"],
    },
    builderPlaces: builderPlacesOf(settings, host, {
      secrets,
      sshAgent: host.env["SSH_AUTH_SOCK"],
    }),
    host,
  });
}

function sourcingOf(request: EquipmentRequest, store: Store): Sourcing {
  const { lockFile, tell = () => undefined, settings, host } = request;
  return {
    book: openLockBook(lockFile, tell),
    fetching: new Fetching({
      store,
      host,
      vendorDirectory: settings.values["sources.vendor"].value,
      registries: registrySettingsOf(settings),
    }),
    isLocked: settings.values["sources.locked"].value,
    isOffline: settings.values["sources.offline"].value,
  };
}

/** By the names that actions have for them. */
function programsOf(ruleSets: readonly RuleSet[]): Map<string, Program> {
  return new Map(
    ruleSets.flatMap(({ name, programs: own = [] }) =>
      own.map((program) => [`${name}/${program.name}`, program] as const),
    ),
  );
}

/** At time 0, which is usual, the same action: there is nothing to tell. */
function datedAction(action: Action, sourceDateEpoch: number): Action {
  if (sourceDateEpoch === 0 || action.kind !== "command") return action;
  return { ...action, env: { SOURCE_DATE_EPOCH: String(sourceDateEpoch), ...action.env } };
}

/** `files`, and where each of them would be found in `path`. */
function pathsOf(path: string, files: readonly string[]): string[] {
  const names = new Set(files.map((file) => basename(file)));
  const candidates = path.split(":").flatMap((at) => [...names].map((name) => join(at, name)));
  return [...files, ...candidates];
}

function filesOf(tools: ToolCache): string[] {
  return Object.values(tools).flatMap(({ stamps }) => Object.keys(stamps));
}
