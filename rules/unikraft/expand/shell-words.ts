/**
 * The words of a line of shell that only calls a program; undefined when it does more, as by a
 * pipe, a variable or a pattern. Source: POSIX, Shell Command Language, 2.2 and 2.3.
 */
export function shellWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const char = line[at] ?? "";
    if (char === " " || char === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const piece = quotedAt(line, at) ?? plainAt(line, at);
    if (piece === undefined) return undefined;
    word = (word ?? "") + piece.text;
    at = piece.end;
  }
  if (word !== undefined) words.push(word);
  // Assignments before a program are the shell's.
  return words[0] === undefined || /^\w+=/.test(words[0]) ? undefined : words;
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

function quotedAt(line: string, at: number): Piece | undefined {
  const single = /^'([^']*)'/.exec(line.slice(at));
  if (single !== null) return { text: single[1] ?? "", end: at + single[0].length };
  const double = /^"((?:[^"\\$`]|\\[^\n])*)"/.exec(line.slice(at));
  if (double === null) return undefined;
  const text = (double[1] ?? "").replaceAll(/\\(["\\$`])/g, "$1");
  return { text, end: at + double[0].length };
}

function plainAt(line: string, at: number): Piece | undefined {
  const escaped = /^\\([^\n])/.exec(line.slice(at));
  if (escaped !== null) return { text: escaped[1] ?? "", end: at + 2 };
  const plain = /^[^\s'"\\|&;<>()$`*?[\]#~{}!]+/.exec(line.slice(at));
  return plain === null ? undefined : { text: plain[0], end: at + plain[0].length };
}
