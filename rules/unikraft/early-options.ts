// The header of options, written while make still plans: as make writes it, if the plan says so.

import { fixedRoot, seen } from "./expand/layout.ts";
import { quote } from "./make.ts";

/**
 * Lines of shell that leave in the file `call` how the core's tool is to be called to write the
 * header: as it was for resolving options, of which make told in the file `trace`. Empty when make
 * did not say. `canonical` is the script that puts the fixed root into paths.
 */
export function noteCall(trace: string, canonical: string, call: string): string {
  return `sed -n 's/ --defconfig=[^ ]* / --syncconfig /p' ${trace} | sed -f ${canonical} > ${call}`;
}

/**
 * Lines of shell that do what the file `call` says, beside what follows and where make does not look,
 * and leave the header in the file `header`: an empty one when it cannot be done. Whether it was right
 * to do so, the plan tells. Done after `wait`.
 */
export function writeEarly(call: string, header: string): string {
  return [
    `: > ${header}`,
    "(",
    '  root=$PWD early="$PWD"/early',
    `  mkdir -p early/${seen.tools} early/${seen.build}/include/config`,
    `  ln -s "$root"/${seen.tools}/conf early/${seen.tools}/conf`,
    `  sed "s|${fixedRoot}/|$root/|g" config > early/${seen.config}`,
    `  sed 's|${fixedRoot}/${seen.build}/|$early/${seen.build}/|g;s|${fixedRoot}/|$root/|g' ${call} > early/call`,
    "  . ./early/call",
    `  sed "s|$early/|${fixedRoot}/|g;s|$root/|${fixedRoot}/|g" ${earlyHeader} > early/header`,
    `  mv early/header ${header}`,
    ") > early.log 2>&1 &",
  ].join("\n");
}

/** Lines of shell that say so when there is nothing in `header`, to be put into the plan. */
export function tellUnlessEarly(header: string): string {
  return `[ -s ${header} ] || echo ${quote(notEarlyMark)}`;
}

const notEarlyMark = "# the header of options was not written";

/** Where every core has its options. Source: Unikraft, Makefile (`UK_CONFIG_OUT`). */
const earlyHeader = `early/${seen.build}/include/uk/bits/config.h`;

/** How the header was written while make planned; undefined when it was not, as the `plan` says. */
export function earlyCallOf(plan: string, call: string): string | undefined {
  return call.trim() === "" || plan.startsWith(`${notEarlyMark}\n`) ? undefined : call;
}

/** Whether the commands that make has planned are the `call`. */
export function isAsCalled(commands: readonly string[], call: string | undefined): boolean {
  return call !== undefined && wordsOf(commands.join("\n")) === wordsOf(call);
}

function wordsOf(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}
