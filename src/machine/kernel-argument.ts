// How a list of arguments becomes the text that a Unikraft kernel splits again.

/** What the kernel splits at. JavaScript's `\s` has more. */
const blank = /[ \r\n\t\v]/;

/**
 * `argument`, which is not empty, so that the kernel reads it as one argument: as it is where it
 * can be, else between double quotes, in which a backslash stands before `"` and `\`.
 *
 * Source: Unikraft, lib/ukargparse/argparse.c, `uk_argnparse`; with escapes since v0.13.
 */
export function quoteArgument(argument: string): string {
  return blank.test(argument) || /['"\\]/.test(argument) ? alwaysQuoted(argument) : argument;
}

/** `argument` between double quotes, as lists are written. */
export function alwaysQuoted(argument: string): string {
  return `"${argument.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * The arguments that the kernel reads from `text`; undefined when a quote is left open, as that
 * would take in all that follows. Source: as {@link quoteArgument}.
 */
export function splitArguments(text: string): string[] | undefined {
  const found: string[] = [];
  let current: string | undefined; // Of quotes with nothing between them comes no argument.
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    const next = text.charAt(i + 1);
    if (char === "\\" && quote !== "'" && next !== "") {
      const isKept = quote !== "" && next !== '"' && next !== "\\";
      current = (current ?? "") + (isKept ? char + next : next);
      i++;
    } else if (quote === "" && blank.test(char)) {
      if (current !== undefined) found.push(current);
      current = undefined;
    } else if (char === quote) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else current = (current ?? "") + char;
  }
  if (current !== undefined) found.push(current);
  return quote === "" ? found : undefined;
}
