import { ExpansionError } from "./expand.ts";

/**
 * The ports that a word of EXPOSE means: `80` is `80/tcp`, and `80-82` each of these. Throws an
 * ExpansionError for a range that goes backwards.
 */
export function portsOf(word: string): string[] {
  const port = word.includes("/") ? word.toLowerCase() : `${word}/tcp`;
  const [, first, last, protocol = ""] = /^(\d{1,5})-(\d{1,5})(\/.*)$/.exec(port) ?? [];
  if (first === undefined || last === undefined) return [port];
  if (Number(last) < Number(first)) throw new ExpansionError(`EXPOSE ${word} goes backwards`);
  const count = Number(last) - Number(first) + 1;
  return Array.from({ length: count }, (_, i) => `${Number(first) + i}${protocol}`);
}
