import { posix } from "node:path";

import { plainOf, type Value } from "../document/document.ts";

/** How one setting is written. */
export interface SettingType<T> {
  /** As diagnostics name it: "expected <type>". */
  readonly type: string;
  /** What a variable or a flag has parts of: `a,b` is a list there, and `a=1,b=2` a map. */
  readonly shape: "scalar" | "list" | "map";
  /** The words it can be, or in lists each part; absent: they cannot be listed. */
  readonly values?: readonly string[];
  /** Undefined when `value` is not of this type. */
  readonly read: (value: Value, places: Places) => T | undefined;
}

/** What paths in settings are relative to, all absolute. */
export interface Places {
  /** The directory of the file that says it; for variables and flags, the working directory. */
  readonly directory: string;
  /** What `~` stands for; undefined when there is none. */
  readonly home: string | undefined;
}

const textOf = (value: Value): string | undefined =>
  value.kind === "scalar" && value.text !== "" ? value.text : undefined;

const isText = (text: string | undefined): text is string => text !== undefined;

/** Any text but none; numbers are taken as they are written. */
export const text: SettingType<string> = { type: "a string", shape: "scalar", read: textOf };

/** Where a cache of others is. Only its beginning is looked at here. */
export const address: SettingType<string> = {
  type: "an address such as grpc://host:9092, https://host/cache or file:/mnt/cache",
  shape: "scalar",
  read: (value) => {
    const written = textOf(value);
    const isOne = /^(?:(?:grpc|http)s?:\/\/[^/]|(?:file|unix):(?:\/\/)?\/[^/])/.test(written ?? "");
    return isOne ? written : undefined;
  },
};

/** Where BuildKit is. Source: BuildKit, client/connhelper. */
export const buildkitAddress: SettingType<string> = {
  type: "docker, or an address: unix:///SOCKET, tcp://HOST:PORT, docker-container://NAME",
  shape: "scalar",
  read: (value) => {
    const written = textOf(value);
    const isOne = /^(?:docker|[a-z][a-z0-9+.-]*:\/\/\S+)$/.test(written ?? "");
    return isOne ? written : undefined;
  },
};

/** A list of texts, or one alone. */
export const texts: SettingType<readonly string[]> = {
  type: "a list of strings",
  shape: "list",
  read: (value) => {
    const items = value.kind === "list" ? value.items : [value];
    const all = items.map(textOf);
    return all.every(isText) ? all : undefined;
  },
};

/** Where actions can run; `race`: in both places, until one of them is done. */
export const strategyWords = ["local", "remote", "race"] as const;

/** Where actions run, by their kind or label. */
export const strategies: SettingType<readonly string[]> = {
  type: "a list of local, remote or race, each with MNEMONIC= or //label/pattern= before it, or none",
  shape: "list",
  values: strategyWords,
  read: (value, context) => {
    const all = texts.read(value, context);
    const isOne = (text: string) => isStrategy(/^[^=]+=([^]*)$/.exec(text)?.[1] ?? text);
    return all?.every(isOne) === true ? all : undefined;
  },
};

function isStrategy(text: string): boolean {
  return strategyWords.some((one) => one === text);
}

/** Texts by name. */
export const textMap: SettingType<Readonly<Record<string, string>>> = {
  type: "a map of strings",
  shape: "map",
  read: (value) => {
    if (value.kind !== "map") return undefined;
    const isFlat = [...value.entries.values()].every((entry) => entry.value.kind === "scalar");
    if (!isFlat) return undefined;
    // From `text`, as a version such as 1.10 is not the number 1.1.
    const entries = [...value.entries].map(([key, entry]) => [key, textOf(entry.value) ?? ""]);
    return Object.fromEntries(entries) as Record<string, string>;
  },
};

/** `true` or `false`, or 1 or 0 as variables tend to have it; quoted or not. */
export const boolean: SettingType<boolean> = {
  type: "true or false",
  shape: "scalar",
  read: (value) => {
    const written = plainOf(value);
    if (typeof written === "boolean") return written;
    return ({ true: true, false: false, 1: true, 0: false } as const)[textOf(value) ?? ""];
  },
};

/** How many jobs to run at once. */
export const count: SettingType<number> = {
  type: "a whole number from 1",
  shape: "scalar",
  read: (value) => {
    const written = textOf(value) ?? "";
    return /^[1-9]\d{0,8}$/.test(written) ? Number(written) : undefined;
  },
};

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  ...Object.fromEntries(
    ["K", "M", "G", "T"].flatMap((unit, index) => [
      [unit, 1024 ** (index + 1)],
      [`${unit}iB`, 1024 ** (index + 1)],
      [`${unit}B`, 1000 ** (index + 1)],
    ]),
  ),
};

/** In bytes. */
export const size: SettingType<number> = {
  type: "a size such as 10GiB or 500MB",
  shape: "scalar",
  read: (value) => {
    const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(textOf(value) ?? "") ?? [];
    const bytes = unitBytes[unit];
    return amount === undefined || bytes === undefined ? undefined : Math.round(+amount * bytes);
  },
};

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** In milliseconds. */
export const duration: SettingType<number> = {
  type: "a time such as 30d, 12h or 90s",
  shape: "scalar",
  read: (value) => {
    const written = textOf(value) ?? "";
    if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(written)) return undefined;
    const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)];
    return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit!]!, 0);
  },
};

/** A path; relative ones are relative to the file that says it. Read, it is absolute. */
export const path: SettingType<string> = {
  type: "a path",
  shape: "scalar",
  read: (value, { directory, home }) => {
    const written = textOf(value);
    if (written === undefined) return undefined;
    if (written !== "~" && !written.startsWith("~/")) return posix.resolve(directory, written);
    return home === undefined ? undefined : posix.join(home, written.slice(1));
  },
};

/** Paths of files, or one alone. */
export const paths: SettingType<readonly string[]> = {
  type: "a list of paths",
  shape: "list",
  read: (value, context) => {
    const items = value.kind === "list" ? value.items : [value];
    const all = items.map((item) => path.read(item, context));
    return all.every(isText) ? all : undefined;
  },
};

/** One of a few words. */
export function oneOf<const T extends string>(...allowed: readonly T[]): SettingType<T> {
  return {
    type: `one of ${allowed.join(", ")}`,
    shape: "scalar",
    values: allowed,
    read: (value) => allowed.find((one) => one === textOf(value)),
  };
}
