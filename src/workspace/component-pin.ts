// What components that are only named were found to be, as the lock file has it. Knows no manifest.

import type { RemoteSource } from "../action/remote-source.ts";
import type { Source } from "../diagnostic/diagnostic.ts";
import { parseDocument, type Value } from "../document/document.ts";
import { textOf } from "./lock-file.ts";

/** Where a component is that was chosen from manifests. Its commit is pinned as that of every source. */
export interface ComponentPin {
  readonly type: "core" | "lib" | "app";
  readonly name: string;
  /** As build files state it; absent: they state none. */
  readonly version?: string;
  /** The release of the core, where the choice depends on it. */
  readonly core?: string;
  /** The version or channel that was chosen. */
  readonly chosen: string;
  /** The releases of the core that it is for, as its manifest has them; absent: it says nothing. */
  readonly unikraft?: string;
  readonly source: PublishedSource;
}

/** Where manifests say that something is. */
export type PublishedSource = Extract<RemoteSource, { kind: "git" | "archive" }>;

/** Every component of a lock file, by {@link componentPinName}. */
export type ComponentPins = ReadonlyMap<string, ComponentPin>;

/** Tells a pin from all others: what it is of, and not what that was found to be. */
export function componentPinName(
  pin: Pick<ComponentPin, "type" | "name"> & { readonly version?: string; readonly core?: string },
): string {
  return JSON.stringify([pin.type, pin.name, pin.version ?? "", pin.core ?? ""]);
}

/** The components in `source`. Mistakes are told by who reads the other pins. */
export function readComponentPins(source: Source): ComponentPins {
  const document = parseDocument(source, () => undefined);
  const list = document?.kind === "map" ? document.entries.get("components")?.value : undefined;
  const items = list?.kind === "list" ? list.items : [];
  const pins = items.flatMap((item) => readComponentPin(item) ?? []);
  return new Map(pins.map((pin) => [componentPinName(pin), pin]));
}

/** The pin that `value` states; undefined for what is of no known form. */
export function readComponentPin(value: Value): ComponentPin | undefined {
  if (value.kind !== "map") return undefined;
  const text = (key: string): string | undefined => textOf(value, key);
  const [name, chosen, type] = [text("name"), text("chosen"), typeIn(text("type"))];
  const source = sourceIn(text);
  if (name === undefined || chosen === undefined || type === undefined || source === undefined) {
    return undefined;
  }
  const [version, core, unikraft] = [text("version"), text("core"), text("unikraft")];
  return {
    type,
    name,
    ...(version !== undefined && { version }),
    ...(core !== undefined && { core }),
    chosen,
    ...(unikraft !== undefined && { unikraft }),
    source,
  };
}

function typeIn(text: string | undefined): ComponentPin["type"] | undefined {
  return (["core", "lib", "app"] as const).find((type) => type === text);
}

function sourceIn(text: (key: string) => string | undefined): PublishedSource | undefined {
  const [url, archive, sha256] = [text("git"), text("archive"), text("sha256")];
  if (url !== undefined) {
    const reference = text("reference");
    return { kind: "git", url, ...(reference !== undefined && { reference }) };
  }
  if (archive === undefined) return undefined;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  return { kind: "archive", urls: [archive], ...(sha256 !== undefined && { sha256 }) };
}
