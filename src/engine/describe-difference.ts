// A result of other machines that is not what its action gives here → words. Asks nobody.

import type { Fact } from "../action/facts.ts";
import type { Node } from "../action/result.ts";
import { subjectOf } from "./executor.ts";
import { textOf } from "./state-of.ts";
import type { Difference } from "./verifier.ts";

/** What differs, and the parts of the key that both stand for, for people. */
export function describeDifference(difference: Difference, facts: readonly Fact[]): string {
  const { action, key, failure, outputs } = difference;
  const what = `${action.mnemonic} ${subjectOf(action)}`;
  const lines = outputs.map(([path, there, here]) => {
    return `  ${path}: ${nodeText(there)} there, ${nodeText(here)} here`;
  });
  if (failure !== undefined) lines.push(`  here, it fails: ${failure}`);
  const shown = facts.slice(0, maxFacts).map(([name, value]) => `    ${name}: ${shortened(value)}`);
  if (facts.length > maxFacts) shown.push(`    and ${facts.length - maxFacts} more`);
  const head = `the remote result of ${what} is not what it gives here`;
  return [
    head,
    ...lines,
    `  ${key === undefined ? "its key" : `key ${key}`} is made of`,
    ...shown,
  ].join("\n");
}

/** Most actions have fewer; of a link of thousands of objects, nobody reads all. */
const maxFacts = 60;

/** A script, or what a tool says of itself, may be a page. */
const maxLength = 160;

function shortened(value: string): string {
  const line = value.replaceAll("\n", "\\n");
  return line.length <= maxLength ? line : `${line.slice(0, maxLength)}…`;
}

function nodeText(node: Node | undefined): string {
  return node === undefined ? "nothing" : textOf(node);
}
