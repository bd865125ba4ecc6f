// The conversation with QEMU's monitor. Knows no process.

/** What QEMU said about its machine. */
export interface ControlReport {
  /** Whether the machine ran at all: what goes wrong before is not the guest's doing. */
  readonly hasRun: boolean;
  /** Why QEMU ended it, as it says; undefined when it did not say. */
  readonly shutdown: string | undefined;
}

/**
 * All that QEMU is told: to report events, and to let the machine run, which is made to wait so
 * that no event is missed. Source: QEMU, docs/interop/qmp-spec.
 */
export const letRun = '{"execute":"qmp_capabilities"}\n{"execute":"cont"}\n';

/** More is no line of the protocol. */
const longestLine = 64 * 1024;

/** Reads QEMU's half of the conversation as it comes. */
export class ControlReader {
  #line = "";
  #report: ControlReport = { hasRun: false, shutdown: undefined };

  /** What was said up to now. */
  get report(): ControlReport {
    return this.#report;
  }

  /** Takes in `text`, which may end anywhere. */
  take(text: string): void {
    const lines = (this.#line + text).split("\n");
    this.#line = (lines.pop() ?? "").slice(0, longestLine);
    for (const line of lines) this.#read(line);
  }

  #read(line: string): void {
    const event = eventOf(line);
    if (event?.name === "RESUME") this.#report = { ...this.#report, hasRun: true };
    if (event?.name === "SHUTDOWN") this.#report = { ...this.#report, shutdown: event.reason };
  }
}

function eventOf(line: string): { name: string; reason: string | undefined } | undefined {
  try {
    const message = JSON.parse(line) as { event?: unknown; data?: { reason?: unknown } } | null;
    if (typeof message?.event !== "string") return undefined;
    const reason = message.data?.reason;
    return { name: message.event, reason: typeof reason === "string" ? reason : undefined };
  } catch {
    return undefined;
  }
}
