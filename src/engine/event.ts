// Everything that a build tells the outside, in one union. Knows no terminal.

import type { ExecPath } from "../action/action.ts";
import type { DiagnosticCode } from "../diagnostic/codes.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Label } from "../label/label.ts";
import type { RemoteTraffic } from "../remote/remote.ts";
import type { RemoteCall } from "../remote/call-trace.ts";
import type { Cause } from "../why/cause.ts";

/** What happened, in the order in which it did. */
export type BuildEvent =
  | BuildStarted
  | DiagnosticFound
  | GraphLoaded
  | SandboxChosen
  | BuildPlanned
  | ActionsYielded
  | OutputsLost
  | ActionStarted
  | ActionProgress
  | ActionPrinted
  | ActionFinished
  | RemoteCalled
  | Notice
  | Fault
  | BuildFinished
  | SourcesChanged
  | Watching;

/** A build begins. */
export interface BuildStarted {
  readonly kind: "started";
  readonly version: string;
  /** As typed. */
  readonly patterns: readonly string[];
}

/** A mistake in a file of the user. */
export interface DiagnosticFound {
  readonly kind: "diagnostic";
  readonly diagnostic: Diagnostic;
}

/** The targets are known. */
export interface GraphLoaded {
  readonly kind: "loaded";
  readonly packages: number;
  readonly targets: number;
  /** True when no build file changed, so that none had to be read. */
  readonly isRemembered: boolean;
}

/** How actions are kept apart. Where that is to be found out: told before the first one runs. */
export interface SandboxChosen {
  readonly kind: "sandbox";
  readonly sandbox: string;
  /** A sentence without a full stop. */
  readonly reason: string;
}

/** The actions are known, so far as nothing yields further ones. */
export interface BuildPlanned {
  readonly kind: "planned";
  readonly actions: number;
  /** How many run at once. */
  readonly jobs: number;
  /** How long all of them took when they last ran, one after the other. */
  readonly recordedMs: number;
  /** How many of them never ran here, so that `recordedMs` lacks them; absent: none. */
  readonly unrecorded?: number;
}

/** An action has yielded others, which are to be done as well. */
export interface ActionsYielded extends AboutAction {
  readonly kind: "actions-yielded";
  readonly actions: number;
  /** Of how many the results were found at once, without a look at each; absent: of none. */
  readonly takenAsWhole?: number;
  /** See {@link BuildPlanned}; of these actions. */
  readonly recordedMs: number;
  /** See {@link BuildPlanned}. */
  readonly unrecorded?: number;
}

/** Outputs that an action needs are gone, so the actions that make them are carried out again. */
export interface OutputsLost extends AboutAction {
  readonly kind: "outputs-lost";
  readonly actions: number;
  /** See {@link BuildPlanned}; of these actions. */
  readonly recordedMs: number;
  /** See {@link BuildPlanned}. */
  readonly unrecorded?: number;
}

/** An action is being carried out; those whose result is known do not start. */
export interface ActionStarted extends AboutAction {
  readonly kind: "action-started";
  /** Why no known result could be used, a line each. */
  readonly reasons: readonly string[];
  /** The same as data. */
  readonly causes: readonly Cause[];
  /** How long it took when it last ran before; absent: it never did. */
  readonly recordedMs?: number;
  /** The programs that it runs, a line of shell; absent unless that was asked for. */
  readonly command?: string;
}

/** How far an action is that fetches; told a few times a second at most. */
export interface ActionProgress extends AboutAction {
  readonly kind: "action-progress";
  readonly receivedBytes: number;
  /** Absent: nobody knows. */
  readonly totalBytes?: number;
  /** Absent: to be told from the bytes. */
  readonly bytesPerSecond?: number;
}

/** What an action printed, or printed when its result was made. */
export interface ActionPrinted extends AboutAction {
  readonly kind: "action-printed";
  readonly text: string;
}

/** An action is over. */
export interface ActionFinished extends AboutAction {
  readonly kind: "action-finished";
  readonly outcome: ActionOutcome;
  /** How long it ran; 0 when it did not. */
  readonly wallMs: number;
  /** Of a remote hit: how long it ran where its result was made; absent: nobody wrote it down. */
  readonly savedMs?: number;
  /** Present when it ran on another machine. */
  readonly ranElsewhere?: true;
  /** How long it took when it last ran before; 0 when it never did. */
  readonly recordedMs: number;
  /** Absent unless it never ran here before this build. */
  readonly isUnrecorded?: true;
  /** The action that it waited for last; absent when it waited for none. */
  readonly after?: ExecPath;
  /** Why it was not up to date; absent when it was, or did not begin. */
  readonly causes?: readonly Cause[];
  /** Present when `outcome` is `failed`. */
  readonly failure?: ActionFailure;
}

/** A request to the remote cache, or to where actions are executed, is over. */
export interface RemoteCalled extends RemoteCall {
  readonly kind: "remote-call";
  readonly to: "cache" | "executor";
}

/** Which action an event is about. */
export interface AboutAction {
  readonly id: ExecPath;
  readonly mnemonic: string;
  readonly subject: string;
  readonly owner: Label;
}

/**
 * What became of an action. `upToDate`: its inputs are those of its last result here;
 * `localHit` and `remoteHit`: a cache had the result; `skipped`: something it needs failed.
 */
export type ActionOutcome =
  | "upToDate"
  | "localHit"
  | "remoteHit"
  | "executed"
  | "failed"
  | "skipped";

/** Why an action failed, with what it takes to look into it. */
export interface ActionFailure {
  /** One line. */
  readonly message: string;
  /** Where docs/diagnostics.md explains it; absent when it is the program's own failure. */
  readonly code?: DiagnosticCode;
  /** Absent when no program ran. */
  readonly exitCode?: number;
  /** The last lines that it printed. */
  readonly lastLines: string;
  /** The file with all that it printed; absent when it printed nothing. */
  readonly logFile?: string;
  /** A line of shell that repeats just this action; absent when no program ran. */
  readonly repeatCommand?: string;
  /** Why it ran. */
  readonly reasons: readonly string[];
}

/** Something worth a line, once. */
export interface Notice {
  readonly kind: "notice";
  readonly message: string;
}

/** The machine did not do its part, such as its disk or its sandbox: the build ends. */
export interface Fault {
  readonly kind: "fault";
  /** One line. */
  readonly message: string;
}

/** The last event of every build. */
export interface BuildFinished {
  readonly kind: "finished";
  readonly ok: boolean;
  /** Absent unless the user stopped it. */
  readonly isInterrupted?: true;
  /** Absent unless it was given up because what it reads changed, and another one follows. */
  readonly isStale?: true;
  readonly actions: ActionCounts;
  /** Absent when no remote cache was asked. */
  readonly remote?: RemoteUse;
  readonly wallMs: number;
}

/** What other machines did for a build. */
export interface RemoteUse extends RemoteTraffic {
  /** The sum of `savedMs` of its actions; local hits are not in it. */
  readonly savedMs: number;
}

/** What a watch saw, which is why the build begins that is told of next. */
export interface SourcesChanged {
  readonly kind: "changed";
  /** Some of what changed: relative to the workspace, or absolute where it is not in there. */
  readonly paths: readonly string[];
  /** How much changed; absent when nobody can tell, so that all is looked at. */
  readonly count?: number;
}

/** A watch waits for changes. */
export interface Watching {
  readonly kind: "watching";
  /** How many paths the targets depend on, be there something or not. */
  readonly paths: number;
  readonly directories: number;
  /** Whether some of the directories are looked at again and again, as the system does not tell. */
  readonly isPolling: boolean;
}

/** How many actions had each outcome. */
export type ActionCounts = Readonly<Record<ActionOutcome, number>>;

/** No action yet. */
export const noActions: ActionCounts = {
  upToDate: 0,
  localHit: 0,
  remoteHit: 0,
  executed: 0,
  failed: 0,
  skipped: 0,
};

/** Takes in events. It must not wait, as the build goes on behind it. */
export type Listen = (event: BuildEvent) => void;
