// What was found, as lines for people. Pure.

import type { Label } from "../label/label.ts";
import type { Examination, Finding } from "./finding.ts";
import type { PackageManager } from "./package-manager.ts";

/** Good findings in a line each, others with what to do about them; then how to install it all. */
export function describeExamination(
  { targets, findings }: Examination,
  manager: PackageManager | undefined,
): string[] {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const rows = findings.flatMap((finding) => {
    const { subject, verdict, detail, affects, help } = finding;
    const name = subject.padEnd(verdict === "good" && subject.length < 24 ? width : 0);
    const state = stateNames[verdict];
    const head = `${state}  ${name}  ${detail}`;
    if (verdict === "good") return [head];
    const needed = affects.length === 0 ? [] : [`         for ${named(affects)}`];
    const mending = (help ?? "").split("\n").filter((line) => line !== "");
    return [head, ...needed, ...mending.map((line) => `         ${line}`)];
  });
  return [...rows, "", ...sumOf(targets), ...installationOf(findings, manager)];
}

const stateNames = { good: "ok     ", limited: "limited", unknown: "unknown", bad: "MISSING" };

/** How many targets can be built, in a line; none where there are no targets. */
function sumOf(targets: Examination["targets"]): string[] {
  if (targets.length === 0) return [];
  const unbuilt = targets.filter(({ lacks }) => lacks.length > 0).map(({ label }) => label);
  const unknown = targets.filter(
    ({ lacks, isUnknown }) => isUnknown === true && lacks.length === 0,
  );
  const built = targets.length - unbuilt.length - unknown.length;
  const whole = built === targets.length ? "" : `${built} of `;
  const not = unbuilt.length === 0 ? "" : `, not ${named(unbuilt)}`;
  const labels = unknown.map(({ label }) => label);
  const open = labels.length === 0 ? "" : `; of ${named(labels)} it is not known yet`;
  return [`${whole}${count(targets.length)} can be built here${not}${open}`];
}

/** Commands that install what is missing: first what builds need, then all else. */
export function installationOf(
  findings: readonly Finding[],
  manager: PackageManager | undefined,
): string[] {
  const needed = packagesFor("bad");
  const useful = packagesFor("limited").filter((name) => !needed.includes(name));
  if (manager === undefined) return [];
  const { command } = manager;
  return [
    ...(needed.length === 0 ? [] : [`to build: ${command} ${needed.join(" ")}`]),
    ...(useful.length === 0 ? [] : [`for the rest: ${command} ${useful.join(" ")}`]),
  ];

  function packagesFor(verdict: Finding["verdict"]): string[] {
    const programs = findings
      .filter((one) => one.verdict === verdict)
      .flatMap((one) => one.program ?? []);
    return [...new Set(programs.flatMap((name) => manager?.packageOf(name) ?? []))].sort();
  }
}

/** More would hide the rest. */
const maxNamed = 3;

function named(labels: readonly Label[]): string {
  const more = labels.length - maxNamed;
  const shown = labels.slice(0, maxNamed).join(" ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function count(targets: number): string {
  return targets === 1 ? "1 target" : `${targets} targets`;
}
