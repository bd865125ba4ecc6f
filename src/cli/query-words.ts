// What a query that is being typed can go on with.

import { queryFunctions } from "../query/functions.ts";

/** `typed` with each of what its last word may become, from the names in `labels`. */
export function completedQueries(typed: string, labels: readonly string[]): readonly string[] {
  // Words may hold a hyphen but not begin with one, as in a query.
  const [last = ""] = /[A-Za-z0-9/@._:$~[\]][A-Za-z0-9*/@._:$~[\]-]*$|$/.exec(typed) ?? [];
  const before = typed.slice(0, typed.length - last.length);
  const functions = [...queryFunctions.keys(), "set"].map((name) => `${name}(`);
  const fitting = [...functions, ...labels].filter((one) => one.startsWith(last));
  const completed = fitting.map((one) => `${before}${one}`);
  const [only] = completed;
  if (only === undefined || completed.length > 1) return completed;
  // Shells close the quotes behind the only word there is: with a second one, the query can go on.
  if (only.endsWith("(")) return [only, `${only}//...)`];
  const isInside = opened(before) > 0;
  return isInside ? [only, `${only})`] : completed;
}

/** How many parentheses of `text` are open. */
function opened(text: string): number {
  const bare = text.replaceAll(/"[^"]*"|'[^']*'/g, "");
  return bare.split("(").length - bare.split(")").length;
}
