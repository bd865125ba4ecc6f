// Runs some of the actions again whose results were known, and compares. Knows no cache.

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import { digestOf } from "../digest/digest.ts";
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
}

/** Finds results that are not what their actions give. */
export class Verifier {
  readonly #parts: VerifierParts;
  #verified = 0;
  #known = 0;

  constructor(parts: VerifierParts) {
    this.#parts = parts;
  }

  /** A line for people: how much was looked into. */
  get summary(): string {
    return `ran ${this.#verified} of ${this.#known} actions again whose results were known`;
  }

  /** `done`, or a failure when it was known and running again gives something else. */
  verify(action: Action, done: Done, signal: AbortSignal): Done | Promise<Ended> {
    const isKnown = done.kind === "succeeded" && done.outcome !== "executed";
    // What a fetch gives is verified by its own digest, and again would take the network.
    if (!isKnown || action.kind === "write" || action.kind === "fetch") return done;
    this.#known += 1;
    if (!this.#isChosen(actionId(action))) return done;
    this.#verified += 1;
    return this.#runAgain(action, done, signal);
  }

  async #runAgain(action: Action, done: Done, signal: AbortSignal): Promise<Ended> {
    const ran = await this.#parts.again(action, signal);
    // It is verified once what it needs is here.
    if (ran.kind === "lacks") {
      this.#known -= 1;
      this.#verified -= 1;
      return ran;
    }
    if (ran.kind === "failed") {
      if (signal.aborted) return { kind: "cancelled" };
      const message = `its result was known, but when it runs again: ${ran.failure.message}`;
      const failure = { ...ran.failure, message, reasons: [verifying] };
      return { kind: "failed", wallMs: ran.wallMs, failure };
    }
    const { outputs, wallMs } = unmountedResult(action, ran.result);
    const different = action.outputs.filter((path) => {
      const [known, now] = [this.#parts.outputAt(path), outputs.get(path)];
      return known === undefined || now === undefined || textOf(known) !== textOf(now);
    });
    if (different.length === 0) return done;
    const message = `its known result is not what it gives when it runs again: ${different.join(", ")} differs`;
    return { kind: "failed", wallMs, failure: { message, lastLines: "", reasons: [verifying] } };
  }

  #isChosen(id: ExecPath): boolean {
    const { share, seed } = this.#parts;
    return Number.parseInt(digestOf(`${seed} ${id}`).slice(0, 8), 16) < share * 2 ** 32;
  }
}

const verifying = "to verify its result";
