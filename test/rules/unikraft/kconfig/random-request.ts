// Defconfigs of random wishes, right and wrong. Knows no value.

import type { KconfigSymbol } from "../../../../rules/unikraft/kconfig/symbol.ts";

/** Numbers from 0 to 1, always the same for one `seed`. Source: Marsaglia, "Xorshift RNGs". */
export function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A wish for each of some of `symbols`, and lines that mean nothing. */
export function randomRequest(symbols: readonly KconfigSymbol[], random: () => number): string {
  const count = Math.floor(random() ** 2 * symbols.length);
  const onRate = random();
  const chosen = new Set(Array.from({ length: count }, () => pick(symbols, random)));
  const lines = [...chosen].map((symbol) => wishFor(symbol, onRate, random));
  return `${lines.join("\n")}\n`;
}

function wishFor({ name, type }: KconfigSymbol, onRate: number, random: () => number): string {
  const option = `CONFIG_${name}`;
  const one = (...values: readonly string[]): string => `${option}=${pick(values, random)}`;
  if (random() < 0.02) return pick(["CONFIG_NO_SUCH=y", "nonsense", `# ${option}`, option], random);
  switch (type) {
    case "bool":
    case "tristate":
      return random() < onRate
        ? `${option}=y`
        : pick([`${option}=n`, `${option}=x`, `# ${option} is not set`], random);
    case "int":
      return one("0", "1", "-1", "7", "64", "1024", "99999", "007", "0x10", "1 ");
    case "hex":
      return one("0x0", "0x10", "ff", "0xFFFFF", "12", "zz", "-0x1");
    default:
      return one('""', '"a b"', '"a\\"b\\\\c"', "bare", '"without an end');
  }
}

function pick<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}
