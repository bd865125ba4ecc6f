import { type Edit, editsOf } from "./line-edit.ts";

/**
 * How the text `before` became `after`: hunks as in `diff -u`, with a line of context, cut to
 * `maxLines` lines. Empty when nothing differs.
 */
export function unifiedDiff(before: string, after: string, maxLines = 12): readonly string[] {
  const edits = editsOf(linesOf(before), linesOf(after));
  const lines = hunksOf(edits).flatMap((hunk) => [headerOf(hunk), ...hunk.map(lineOf)]);
  if (lines.length <= maxLines) return lines;
  const rest = lines.length - maxLines + 1;
  return [...lines.slice(0, maxLines - 1), `… ${rest} more lines`];
}

/** The place of each line that went or came, from 1 in the new text, with what is written there. */
export function changedLines(before: string, after: string): readonly Edit[] {
  return editsOf(linesOf(before), linesOf(after)).filter(({ kind }) => kind !== "same");
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

const context = 1;

function hunksOf(edits: readonly Edit[]): readonly (readonly Edit[])[] {
  const hunks: Edit[][] = [];
  let end = 0;
  for (const [i, { kind }] of edits.entries()) {
    if (kind === "same") continue;
    const start = Math.max(i - context, end);
    const last = hunks.at(-1);
    const hunk = last !== undefined && start === end ? last : [];
    if (hunk !== last) hunks.push(hunk);
    let to = i + 1;
    while (to < edits.length && to <= i + context && edits[to]?.kind === "same") to++;
    hunk.push(...edits.slice(start, to));
    end = to;
  }
  return hunks;
}

function headerOf(hunk: readonly Edit[]): string {
  const old = hunk.filter(({ kind }) => kind !== "added").length;
  const now = hunk.filter(({ kind }) => kind !== "removed").length;
  const { oldAt = 0, newAt = 0 } = hunk[0] ?? {};
  // As diff has it: a side without lines is named by the line before it.
  return `@@ -${oldAt + (old > 0 ? 1 : 0)},${old} +${newAt + (now > 0 ? 1 : 0)},${now} @@`;
}

const signs = { same: " ", removed: "-", added: "+" } as const;

function lineOf({ kind, text }: Edit): string {
  const line = `${signs[kind]}${text}`;
  return line.length <= maxColumns ? line : `${line.slice(0, maxColumns - 1)}…`;
}

/** Of a line that is shown; some files are one line. */
const maxColumns = 160;
