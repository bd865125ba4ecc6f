import { randomInt } from "node:crypto";

/** What random tests draw from, so that runs are alike: KRAFT_GRAPH_SEED=random looks further. */
export const seed = seedFrom(process.env["KRAFT_GRAPH_SEED"] ?? "1");

/** Tests run in processes of their own: what one of them draws is told when it fails. */
function seedFrom(text: string): number {
  const number = text === "random" ? randomInt(1, 2 ** 31) : Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new Error(`KRAFT_GRAPH_SEED is a whole number or random, not ${text}`);
}
