// Finds out whether KVM works on this machine, by using it.

import { accessSync, constants } from "node:fs";

import type { Host } from "../base/host.ts";
import { runBounded } from "../sandbox/bounded-run.ts";
import { type QemuGuest, trialArguments } from "./qemu.ts";

/** What a probe needs to know. */
export interface KvmProbeOptions {
  readonly host: Pick<Host, "architecture">;
  /** Where the kernel gives access to KVM; `/dev/kvm` unless said. */
  readonly device?: string;
  /** How long the trial guest may take, in milliseconds; 3000 unless said. */
  readonly timeoutMs?: number;
}

/** Answers from what was learnt once: make one for the whole process. */
export class KvmProbe {
  readonly #host: Pick<Host, "architecture">;
  readonly #device: string;
  readonly #timeoutMs: number;
  readonly #answers = new Map<string, Promise<string | undefined>>();

  /** Starts nothing yet. */
  constructor({ host, device = "/dev/kvm", timeoutMs = 3_000 }: KvmProbeOptions) {
    this.#host = host;
    this.#device = device;
    this.#timeoutMs = timeoutMs;
  }

  /** Why no machine like `guest` can have KVM; undefined when the device can be opened. */
  deviceProblem(guest: QemuGuest): string | undefined {
    const { architecture } = this.#host;
    if (architecture !== guest.hostArchitecture) {
      return `KVM on this machine (${architecture}) runs no ${guest.architecture} guests`;
    }
    try {
      accessSync(this.#device, constants.F_OK);
    } catch {
      return `there is no ${this.#device}`;
    }
    try {
      accessSync(this.#device, constants.R_OK | constants.W_OK);
      return undefined;
    } catch {
      return `you may not open ${this.#device} (are you in the group kvm?)`;
    }
  }

  /**
   * Why `program`, a QEMU, cannot run `guest` with KVM, for people; undefined when it can. A guest
   * is really started, as KVM inside of a virtual machine often fails only at the first processor,
   * or goes through the firmware in seconds, in which case emulation is faster.
   */
  problem(guest: QemuGuest, program: string): Promise<string | undefined> {
    const known = this.#answers.get(program);
    if (known !== undefined) return known;
    const answer = this.#try(guest, program);
    this.#answers.set(program, answer);
    return answer;
  }

  async #try(guest: QemuGuest, program: string): Promise<string | undefined> {
    const problem = this.deviceProblem(guest);
    if (problem !== undefined) return problem;
    const argv = [program, ...trialArguments(guest, { kind: "kvm" })] as const;
    const result = await runBounded(argv, { env: {}, timeoutMs: this.#timeoutMs });
    if (result.kind === "succeeded") return undefined;
    const reason =
      result.reason === "SIGKILL"
        ? `a trial guest did not end within ${this.#timeoutMs} ms`
        : result.reason.replace(/^\S*qemu-system-\w+: (?:error: )?/, "");
    return `KVM does not work here: ${reason}`;
  }
}
