// How people name components of Unikraft. Knows no manifest.

/** Kinds of components. Text form: the word. */
export type ComponentType = "core" | "arch" | "plat" | "lib" | "app";

/** What is looked for; what is undefined may be anything. */
export interface ComponentName {
  readonly type: ComponentType | undefined;
  readonly name: string;
  /** A version, a version of the core, or a channel; undefined: the default channel. */
  readonly version: string | undefined;
}

/** `text` as a type, also in the plural; undefined when it is none. */
export function parseComponentType(text: string): ComponentType | undefined {
  const singular = text.toLowerCase().replace(/s$/, "");
  return types.find((type) => type === singular);
}

const types: readonly ComponentType[] = ["core", "arch", "plat", "lib", "app"];

/**
 * `text` as a name: `musl`, `musl:stable`, `lib-musl`, `libs/musl:1.2.3`, or `unikraft`, which is
 * the core. Undefined when there is no name in it. Source: KraftKit, unikraft/utils.go.
 */
export function parseComponentName(text: string): ComponentName | undefined {
  const [, whole = "", version] = /^([^:\s]+)(?::(\S+))?$/.exec(text.trim()) ?? [];
  if (whole === "") return undefined;
  if (/^(core[-/])?unikraft$/i.test(whole)) return { type: "core", name: "unikraft", version };
  const [, prefix = "", name = ""] = /^((?:lib|app|plat|arch)s?)[-/](.+)$/i.exec(whole) ?? [];
  const type = parseComponentType(prefix);
  return { type, name: type === undefined ? whole : name, version };
}

/** `lib/musl:stable`, or less of it when less is known. */
export function formatComponentName({ type, name, version }: ComponentName): string {
  const typed = type === undefined || type === "core" ? name : `${type}/${name}`;
  return version === undefined ? typed : `${typed}:${version}`;
}
