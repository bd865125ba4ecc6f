// What the end of a virtual machine monitor says about the guest. Pure.

import { assertNever } from "../base/brand.ts";
import type { Monitor } from "./monitor.ts";
import type { MonitorEnd } from "./monitor-process.ts";
import type { Ending, MachineOutcome } from "./outcome.ts";

/** What was asked of a machine that has ended. */
export interface EndedMachine {
  readonly monitor: Pick<Monitor, "program" | "control" | "givesGuestStatus">;
  readonly expect: string | undefined;
  readonly timeoutMs: number | undefined;
}

/** What became of `machine`, whose monitor ended with `end`. */
export function outcomeOf(end: MonitorEnd, machine: EndedMachine): MachineOutcome {
  const { cause, lastLines, errorText } = end;
  const { expect, timeoutMs = 0 } = machine;
  const trace = { lastLines, errorText, ...(expect ? { awaited: expect } : {}) };
  switch (cause) {
    case "expected":
    case "stopped":
      return { kind: cause };
    case "timed-out":
      return { kind: cause, timeoutMs, ...trace };
    case "itself": {
      const found = endingOf(end, machine.monitor);
      if (found.kind !== "failed") return { kind: "exited", ending: found, ...trace };
      return { kind: "failed", message: found.message, lastLines, errorText };
    }
    default:
      return assertNever(cause);
  }
}

interface Failure {
  readonly kind: "failed";
  readonly message: string;
}

function endingOf(
  { exit, report, errorText }: MonitorEnd,
  { program, control, givesGuestStatus }: EndedMachine["monitor"],
) {
  switch (exit.kind) {
    case "not-started":
      return failure(`${program} cannot be started: ${exit.reason}`);
    case "signal":
      return failure(`${program} was ended by ${exit.signal}`);
    case "status":
      if (report.shutdown?.startsWith("host-")) {
        return failure(`${program} was ended by something else (${report.shutdown})`);
      }
      if (exit.status === 0) return orderlyEnding(report.shutdown);
      if (control === "descriptor-3" && report.hasRun && exit.status % 2 === 1) {
        return writtenEnding((exit.status - 1) / 2);
      }
      if (givesGuestStatus === true && !complains(program, errorText)) {
        return solo5Ending(exit.status);
      }
      return failure(`${program} failed with status ${exit.status}`);
    default:
      return assertNever(exit);
  }
}

function orderlyEnding(shutdown: string | undefined): Ending {
  if (shutdown === "guest-panic") return { kind: "crash" };
  // Firecracker's guests power off by a reset, of which it says nothing.
  return { kind: shutdown === "guest-reset" ? "reset" : "power-off" };
}

/**
 * QEMU ends with 2n + 1 when a guest writes n to its exit device. Unikraft writes 42 when it
 * crashes, and 41 when it powers off, which may be heard before the power-off itself. Source:
 * Unikraft, plat/common/x86/cpu_native.c.
 */
function writtenEnding(code: number): Ending {
  if (code === 41) return { kind: "power-off" };
  return code === 42 ? { kind: "crash" } : { kind: "code", code };
}

/** Of its own mistakes a tender tells, by its name; of the guest's end it says nothing. */
function complains(program: string, errorText: string): boolean {
  return errorText.split("\n").some((line) => line.startsWith(`${program}: `));
}

/** Source: Solo5, include/solo5.h (`SOLO5_EXIT_ABORT`). */
function solo5Ending(status: number): Ending {
  return status === 255 ? { kind: "crash" } : { kind: "code", code: status };
}

function failure(message: string): Failure {
  return { kind: "failed", message };
}
