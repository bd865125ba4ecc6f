// What a terminal shows, from the bytes that it was sent. Knows no program.

/** The lines of a terminal that forgets none. Each must fit its width. */
export function screenOf(bytes: string): readonly string[] {
  const lines: string[] = [""];
  let [row, column] = [0, 0];
  const put = (letter: string): void => {
    if (letter === "\r") column = 0;
    else if (letter === "\n") {
      row += 1;
      lines[row] ??= "";
    } else {
      const line = (lines[row] ?? "").padEnd(column);
      lines[row] = line.slice(0, column) + letter + line.slice(column + 1);
      column += 1;
    }
  };
  const [first = "", ...others] = bytes.split("\u001B[");
  for (const letter of first) put(letter);
  for (const part of others) {
    const [sequence = "", count = "", final = ""] = /^\??([\d;]*)([A-Za-z])/.exec(part) ?? [];
    if (final === "A") row = Math.max(0, row - Number(count === "" ? 1 : count));
    else if (final === "K" || final === "J") {
      lines[row] = (lines[row] ?? "").slice(0, column);
      if (final === "J") lines.length = row + 1;
    } else if (!"mhl".includes(final)) throw new Error(`unknown control sequence ${sequence}`);
    for (const letter of part.slice(sequence.length)) put(letter);
  }
  return lines;
}
