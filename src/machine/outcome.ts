// What became of a machine, and how people are told. Knows no monitor.

import { assertNever } from "../base/brand.ts";

/** What became of a machine. */
export type MachineOutcome =
  /** By itself. `awaited`: the text that was to appear, and did not. */
  | ({ readonly kind: "exited"; readonly ending: Ending; readonly awaited?: string } & Trace)
  /** The text that was waited for appeared, and the machine was stopped. */
  | { readonly kind: "expected" }
  /** It was stopped, as it took too long. `awaited`: as above. */
  | ({ readonly kind: "timed-out"; readonly timeoutMs: number; readonly awaited?: string } & Trace)
  /** It was stopped by the signal, or as nobody read its output any more. */
  | { readonly kind: "stopped" }
  /** The virtual machine monitor is not installed. */
  | { readonly kind: "missing-program"; readonly message: string; readonly help: string }
  /** What was asked for makes no machine; nothing was started. */
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  /** The virtual machine monitor could not start or run the machine. */
  | ({ readonly kind: "failed"; readonly message: string } & Trace);

/** How a guest ended. */
export type Ending =
  | { readonly kind: "power-off" }
  /** Where a reset does not mean power-off: nearly always a fault that the guest cannot handle. */
  | { readonly kind: "reset" }
  /** The kernel said so. */
  | { readonly kind: "crash" }
  /** It wrote an exit code. */
  | { readonly kind: "code"; readonly code: number };

/** What it left to read. */
export interface Trace {
  /** Of the serial console: some, without control sequences. */
  readonly lastLines: readonly string[];
  /** What the virtual machine monitor itself complained of, without blanks around. */
  readonly errorText: string;
}

/**
 * What is wrong with `outcome`, in one or more lines without a line break at the end; undefined
 * when nothing is: the guest ended in order, or the awaited text was seen. A machine that was
 * stopped is neither right nor wrong, and undefined too.
 */
export function problemOf(outcome: MachineOutcome): string | undefined {
  switch (outcome.kind) {
    case "expected":
    case "stopped":
      return undefined;
    case "exited": {
      const { ending, awaited } = outcome;
      if (awaited === undefined && isOrderly(ending)) return undefined;
      const without = awaited === undefined ? "" : `, without saying ${JSON.stringify(awaited)}`;
      return withTrace(`the machine ${verbOf(ending)}${without}`, outcome);
    }
    case "timed-out": {
      const { timeoutMs, awaited } = outcome;
      const what = awaited === undefined ? "did not end" : `did not say ${JSON.stringify(awaited)}`;
      return withTrace(`the machine ${what} within ${timeoutMs / 1000} s`, outcome);
    }
    case "missing-program":
      return `${outcome.message}\n${outcome.help}`;
    case "refused":
      return outcome.reasons.join("\n");
    case "failed":
      return withTrace(outcome.message, outcome);
    default:
      return assertNever(outcome);
  }
}

function isOrderly(ending: Ending): boolean {
  return ending.kind === "power-off" || (ending.kind === "code" && ending.code === 0);
}

function verbOf(ending: Ending): string {
  switch (ending.kind) {
    case "power-off":
      return "powered off";
    case "reset":
      return "reset itself, as after a fault that it could not handle";
    case "crash":
      return "crashed";
    case "code":
      return `ended with code ${ending.code}`;
    default:
      return assertNever(ending);
  }
}

function withTrace(headline: string, { lastLines, errorText }: Trace): string {
  const errors = errorText === "" ? [] : errorText.split("\n").map((line) => `  ${line}`);
  const output =
    lastLines.length === 0
      ? ["it printed nothing"]
      : ["its last output was:", ...lastLines.map((line) => `  ${line}`)];
  return [headline, ...errors, ...output].join("\n");
}
