// Numbers of releases, and sets of them such as `>=0.16 <0.18`. Knows no manifest.

/** Which versions are meant. Text form: `>=0.16 <0.18`, `^1.2`, `~1.2.3`, `1.2.3`; `||` between sets. */
export interface VersionRange {
  /** Of any of these, all must hold. */
  readonly anyOf: readonly (readonly Bound[])[];
}

interface Bound {
  readonly operator: ">=" | ">" | "<=" | "<" | "=";
  readonly version: Version;
}

interface Version {
  readonly numbers: readonly number[];
  /** As `rc1` of `1.0.0-rc1`; empty for a release. */
  readonly suffix: string;
}

/** Whether `text` is meant as a set of versions, and not as one or as a channel. */
export function isVersionRange(text: string): boolean {
  return /^\s*[<>=^~]/.test(text) || text.includes("||");
}

/** Whether `text` is the number of a release, such as `0.16.3`. */
export function isReleaseNumber(text: string): boolean {
  return /^\d+(\.\d+)+$/.test(text);
}

/** `text` as a set of versions, of which one alone is one, too; undefined when it is none. */
export function parseVersionRange(text: string): VersionRange | undefined {
  const anyOf = text.split("||").map(boundsIn);
  return anyOf.every((bounds) => bounds !== undefined) ? { anyOf } : undefined;
}

/** Whether `version`, which may be anything, is in `range`. A pre-release must be named. */
export function isInRange(version: string, { anyOf }: VersionRange): boolean {
  const one = parseVersion(version);
  if (one === undefined) return false;
  return anyOf.some((bounds) => {
    const isMeant = one.suffix === "" || bounds.some((bound) => bound.version.suffix !== "");
    return isMeant && bounds.every((bound) => holds(one, bound));
  });
}

/** Below 0 when `a` comes before `b`; what is no version comes first. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [parseVersion(a), parseVersion(b)];
  if (first === undefined || second === undefined) {
    return Number(first !== undefined) - Number(second !== undefined);
  }
  return compare(first, second);
}

function boundsIn(text: string): readonly Bound[] | undefined {
  // An operator may stand apart from its number.
  const words = text.replaceAll(/([<>=^~])\s+/g, "$1").split(/[\s,]+/);
  const bounds = words.filter((word) => word !== "").map(boundsOf);
  if (bounds.length === 0 || !bounds.every((some) => some !== undefined)) return undefined;
  return bounds.flat();
}

function boundsOf(word: string): readonly Bound[] | undefined {
  const [, operator = "", rest = ""] = /^(>=|<=|==|[<>=^~]?)(.+)$/.exec(word) ?? [];
  const version = parseVersion(rest);
  if (version === undefined) return undefined;
  switch (operator) {
    case ">=":
    case "<=":
    case ">":
    case "<":
      return [{ operator, version }];
    case "^":
      return upTo(
        version,
        Math.max(
          0,
          version.numbers.findIndex((number) => number > 0),
        ),
      );
    case "~":
      return upTo(version, Math.min(1, version.numbers.length - 1));
    default:
      return [{ operator: "=", version }];
  }
}

/** From `version` to the next one that differs in the number at `index`, or before it. */
function upTo(version: Version, index: number): readonly Bound[] {
  const numbers = version.numbers.slice(0, index + 1);
  const next = [...numbers.slice(0, -1), (numbers.at(-1) ?? 0) + 1];
  return [
    { operator: ">=", version },
    { operator: "<", version: { numbers: next, suffix: "" } },
  ];
}

function holds(one: Version, { operator, version }: Bound): boolean {
  const order = compare(one, version);
  switch (operator) {
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case "<":
      return order < 0;
    case "=":
      return order === 0;
  }
}

function parseVersion(text: string): Version | undefined {
  const [, numbers, suffix = ""] =
    /^v?(\d{1,9}(?:\.\d{1,9})*)(?:[-+]?([A-Za-z][\w.+-]*))?$/.exec(text) ?? [];
  return numbers === undefined ? undefined : { numbers: numbers.split(".").map(Number), suffix };
}

function compare(a: Version, b: Version): number {
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const order = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (order !== 0) return order;
  }
  if (a.suffix === b.suffix) return 0;
  // What is before a release has a suffix, and the release has none.
  if (a.suffix === "" || b.suffix === "") return a.suffix === "" ? 1 : -1;
  return a.suffix < b.suffix ? -1 : 1;
}
