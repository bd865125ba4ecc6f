// How much of something, as people write it.

/** `percent`, as `10` or `10%`, from 0 to 1; undefined when it is none. */
export function shareOf(percent: string): number | undefined {
  const [, number] = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(percent) ?? [];
  return number === undefined || Number(number) > 100 ? undefined : Number(number) / 100;
}
