// How much room text takes on a terminal. Knows no terminal.

/** How many columns `text` takes, which has no control characters. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** `text` on one line of at most `columns`, with an ellipsis where it was cut. */
export function fitTo(columns: number, text: string): string {
  const line = text.replaceAll(/\p{Cc}/gu, "?");
  if (widthOf(line) <= columns) return line;
  let fitting = "";
  let width = 0;
  for (const character of line) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    fitting += character;
  }
  return columns < 1 ? "" : `${fitting}…`;
}

function widthOfCharacter(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** Source: Unicode TR 11, `W` and `F`, by blocks. */
const wide =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
