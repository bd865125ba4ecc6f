import type { Setting, Settings } from "./config.ts";

/** A setting, as `kraft-graph info config` shows it. */
export interface SettingLine {
  readonly key: string;
  /** As a variable or a flag would have it; empty when the setting has no value. */
  readonly value: string;
  readonly origin: string;
}

/** Every setting by key. What is sent to a remote stays hidden, as it may be a password. */
export function settingLines({ values, components }: Settings): SettingLine[] {
  const all: (readonly [string, Setting<unknown>])[] = [
    ...Object.entries(values),
    ...[...components].map(([name, setting]) => [`components.${name}`, setting] as const),
  ];
  return all
    .map(([key, { value, origin }]) => ({ key, value: textOf(key, value), origin }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function textOf(key: string, value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return withoutPasswords(value);
  if (Array.isArray(value)) return withoutPasswords(value.join(","));
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value).sort();
    if (key !== "remote.platform") return names.map((name) => `${name}=(hidden)`).join(",");
    const pairs = Object.entries(value).map(([name, text]) => `${name}=${text}`);
    return pairs.sort().join(",");
  }
  if (typeof value !== "number") return JSON.stringify(value);
  if (key === "cache.maxSize") return inUnits(value, sizeUnits);
  if (key === "cache.maxAge" || key === "remote.timeout") return inUnits(value, timeUnits);
  return String(value);
}

/** In addresses, passwords stand in front of the host. */
function withoutPasswords(text: string): string {
  return text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^/,\s@]*@/gi, "$1(hidden)@");
}

const sizeUnits = [
  ["TiB", 1024 ** 4],
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
  ["B", 1],
] as const;

const timeUnits = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

/** `amount` in the largest unit that leaves no fraction. */
function inUnits(amount: number, units: readonly (readonly [string, number])[]): string {
  const [unit, factor] = units.find(([, one]) => amount % one === 0) ?? ["", 1];
  return `${amount / factor}${unit}`;
}
