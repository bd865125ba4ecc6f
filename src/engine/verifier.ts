// Runs some of the actions again whose results were known, and compares. Knows no cache.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { ActionResult, Node } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { Done, Ended, Lacks } from "./done.ts";
import { unmountedResult } from "./mounted.ts";
import type { Ran } from "./runner.ts";
import { textOf } from "./state-of.ts";

/** What verifying takes. */
export interface VerifierParts {
  /** How many of the known results to look into, from 0 to 1. */
  readonly share: number;
  /** Chooses which; with another one, others. */
  readonly seed: string;
  /** Runs an action whatever is known of it, and remembers nothing. */
  readonly again: (action: Action, signal: AbortSignal) => Promise<Ran | Lacks>;
  readonly outputAt: (path: ExecPath) => Node | undefined;
  /**
   * Hears what differs of results of other machines: then only those are looked into, and the build goes
   * on with them. Absent: an action fails of which any known result differs.
   */
  readonly differing?: (difference: Difference) => void;
}

/** A known result that is not what its action gives. */
export interface Difference {
  readonly action: Action;
  /** By which the known one is kept; absent when that was not to be known. */
  readonly key: Digest | undefined;
  /** Why it fails when it runs again; absent: it does not. */
  readonly failure?: string;
  /** What is known, and what was there the second time; undefined where there is nothing. */
  readonly outputs: readonly (readonly [ExecPath, Node | undefined, Node | undefined])[];
}

/** Finds results that are not what their actions give. */
export class Verifier {
  readonly #parts: VerifierParts;
  #verified = 0;
  #known = 0;
  #differences = 0;
  readonly #underWay = new Set<ExecPath>();

  constructor(parts: VerifierParts) {
    this.#parts = parts;
  }

  /** A line for people: how much was looked into. */
  get summary(): string {
    const of = this.#parts.differing === undefined ? "" : "other machines' ";
    return `ran ${this.#verified} of ${this.#known} actions again whose ${of}results were known`;
  }

  /** How many results of other machines differ. */
  get differences(): number {
    return this.#differences;
  }

  /** Whether `done` is to be looked into, by `runAgain`, of which the outcome is none to be again. */
  chooses(action: Action, done: Done): done is Known {
    const id = actionId(action);
    if (this.#underWay.delete(id) || done.kind !== "succeeded") return false;
    const { outcome } = done;
    const { differing } = this.#parts;
    const isKnown = differing === undefined ? outcome !== "executed" : outcome === "remoteHit";
    // What a fetch gives is verified by its own digest, and again would take the network.
    if (!isKnown || action.kind === "write" || action.kind === "fetch") return false;
    this.#known += 1;
    if (!this.#isChosen(id)) return false;
    this.#verified += 1;
    this.#underWay.add(id);
    return true;
  }

  /** `done`, or a failure when running again gives something else. */
  async runAgain(action: Action, done: Known, signal: AbortSignal): Promise<Ended> {
    const ran = await this.#parts.again(action, signal);
    // It is verified once what it needs is here.
    if (ran.kind === "lacks") {
      this.#known -= 1;
      this.#verified -= 1;
      this.#underWay.delete(actionId(action));
      return ran;
    }
    if (ran.kind === "failed" && signal.aborted) return { kind: "cancelled" };
    const outputs = ran.kind === "failed" ? [] : this.#differingOutputs(action, ran.result);
    // What ran here as well has saved nothing.
    const verified = { ...done, ...(done.savedMs !== undefined && { savedMs: 0 }) };
    if (ran.kind !== "failed" && outputs.length === 0) return verified;
    const { differing } = this.#parts;
    if (differing === undefined) return failureOf(ran, outputs);
    this.#differences += 1;
    const failure = ran.kind === "failed" ? { failure: ran.failure.message } : {};
    differing({ action, key: done.why?.key, outputs, ...failure });
    return verified;
  }

  #differingOutputs(action: Action, result: ActionResult): Difference["outputs"] {
    const { outputs } = unmountedResult(action, result);
    return action.outputs.flatMap((path) => {
      const [known, now] = [this.#parts.outputAt(path), outputs.get(path)];
      const isSame = known !== undefined && now !== undefined && textOf(known) === textOf(now);
      return isSame ? [] : [[path, known, now] as const];
    });
  }

  #isChosen(id: ExecPath): boolean {
    const { share, seed } = this.#parts;
    return Number.parseInt(digestOf(`${seed} ${id}`).slice(0, 8), 16) < share * 2 ** 32;
  }
}

function failureOf(ran: Ran, outputs: Difference["outputs"]): Done {
  const reasons = [verifying];
  if (ran.kind === "failed") {
    const message = `its result was known, but when it runs again: ${ran.failure.message}`;
    return { kind: "failed", wallMs: ran.wallMs, failure: { ...ran.failure, message, reasons } };
  }
  const paths = outputs.map(([path]) => path).join(", ");
  const message = `its known result is not what it gives when it runs again: ${paths} differs`;
  const failure = { message, lastLines: "", reasons };
  return { kind: "failed", wallMs: ran.result.wallMs, failure };
}

type Known = Extract<Done, { kind: "succeeded" }>;

const verifying = "to verify its result";
