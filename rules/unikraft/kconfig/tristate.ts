/** How far an option is on: n, m or y. */
export type Tristate = 0 | 1 | 2;

/** `value` as it is written. */
export function formatTristate(value: Tristate): "n" | "m" | "y" {
  return value === 0 ? "n" : value === 1 ? "m" : "y";
}

/** The lesser of two. */
export function least(a: Tristate, b: Tristate): Tristate {
  return a < b ? a : b;
}

/** The greater of two. */
export function most(a: Tristate, b: Tristate): Tristate {
  return a > b ? a : b;
}
