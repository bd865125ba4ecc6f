// What was looked at on this machine, and what it means for targets. Pure.

import type { Label } from "../label/label.ts";

/** One thing that builds or machines need. */
export interface Finding {
  /** Such as `gcc`, `/dev/kvm` or `cache`. */
  readonly subject: string;
  /**
   * - `good`: it is there and works;
   * - `limited`: targets are built without it, but something is slower or cannot be done;
   * - `unknown`: what the targets in `affects` need takes files that are not here yet;
   * - `bad`: the targets in `affects` cannot be built.
   */
  readonly verdict: "good" | "limited" | "unknown" | "bad";
  /** What was found, and what follows, for people: no full stop. */
  readonly detail: string;
  /** The requested targets that need it, sorted. */
  readonly affects: readonly Label[];
  /** A program that is not there. */
  readonly program?: string;
  /** A command, or a sentence, that mends it otherwise than by installing `program`. */
  readonly help?: string;
}

/** All that was found. */
export interface Examination {
  /** Those that were asked about; none where there is no workspace. */
  readonly targets: readonly ExaminedTarget[];
  readonly findings: readonly Finding[];
}

/** What this machine can do with a target. */
export interface ExaminedTarget {
  readonly label: Label;
  /** The subjects of what is missing to build it. */
  readonly lacks: readonly string[];
  /** Present when it is not known yet what else it needs. */
  readonly isUnknown?: true;
}

/** Whether nothing is known to keep what was asked about from being built. */
export function canBuildAll({ targets, findings }: Examination): boolean {
  return (
    targets.every(({ lacks }) => lacks.length === 0) &&
    findings.every(({ verdict }) => verdict !== "bad")
  );
}

/** What `findings` mean for each of `labels`. */
export function examined(labels: readonly Label[], findings: readonly Finding[]): Examination {
  const subjectsOf = (verdict: Finding["verdict"], label: Label): string[] =>
    findings
      .filter((one) => one.verdict === verdict && one.affects.includes(label))
      .map(({ subject }) => subject);
  const targets = labels.map((label) => ({
    label,
    lacks: subjectsOf("bad", label),
    ...(subjectsOf("unknown", label).length > 0 && { isUnknown: true as const }),
  }));
  return { targets, findings };
}
