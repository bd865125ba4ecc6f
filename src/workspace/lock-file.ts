// kraft.lock.yaml: which commit or file each source stands for. Knows no network.

import {
  formatWantedPlatform,
  type GitSource,
  type ImageSource,
  isCommit,
  type RemoteSource,
  withoutCredentials,
} from "../action/remote-source.ts";
import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import { type MapValue, parseDocument, type Value } from "../document/document.ts";
import { readComponentPin } from "./component-pin.ts";

/** The lock file's name, at the root of the workspace. */
export const lockFileName = "kraft.lock.yaml";

/** What one source stands for. */
export type Pin = GitPin | FilePin | ImagePin;

/** The commit that a reference of a repository stands for. */
export interface GitPin {
  readonly kind: "git";
  readonly url: string;
  /** As build files state it; absent: the default branch. */
  readonly reference?: string;
  /** In full: `refs/heads/stable`; absent when `reference` is the beginning of a commit's name. */
  readonly ref?: string;
  readonly commit: string;
}

/** What the file at an address is; an `archive` is used unpacked. */
export interface FilePin {
  readonly kind: "archive" | "file";
  readonly url: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The image that a name of a registry stands for on one platform. */
export interface ImagePin {
  readonly kind: "image";
  /** The name, such as `unikraft.org/base:latest`. */
  readonly url: string;
  /** The platform, by {@link formatWantedPlatform}. */
  readonly reference: string;
  /** Of the manifest: `sha256:` and hex. */
  readonly digest: string;
}

/** A pin, and where the lock file has it. */
export type LockedPin = Pin & { readonly at: Span };

/** Every pin of the lock file, by {@link pinName}. */
export type Pins = ReadonlyMap<string, LockedPin>;

/** Tells a pin from all others: what it is of, and not what that stands for. */
export function pinName(pin: Pick<Pin, "kind" | "url"> & { readonly reference?: string }): string {
  return JSON.stringify([pin.kind, withoutCredentials(pin.url), pin.reference ?? ""]);
}

/** The commit, the checksum, or the manifest. */
export function digestOfPin(pin: Pin): string {
  if (pin.kind === "image") return pin.digest;
  return pin.kind === "git" ? pin.commit : pin.sha256;
}

/** The name of the pin that `source` needs; undefined when it needs none. */
export function pinNameOf(source: RemoteSource): string | undefined {
  switch (source.kind) {
    case "git":
      return needsNoPin(source) ? undefined : pinName(source);
    case "archive":
      return source.sha256 === undefined
        ? pinName({ kind: "archive", url: source.urls[0] })
        : undefined;
    case "file":
      return source.checksums.length > 0
        ? undefined
        : pinName({ kind: "file", url: source.urls[0] });
    case "image":
      return pinName(imagePinNameOf(source));
  }
}

/** What tells the pin of `source` from others. */
export function imagePinNameOf({ reference, platform }: ImageSource) {
  return { kind: "image", url: reference, reference: formatWantedPlatform(platform) } as const;
}

function needsNoPin({ reference }: GitSource): boolean {
  return reference !== undefined && isCommit(reference);
}

/** `source` with what `pin` says of it. */
export function pinnedBy(source: RemoteSource, pin: Pin): RemoteSource {
  if (source.kind === "git" && pin.kind === "git") {
    return { ...source, commit: pin.commit, ...(pin.ref !== undefined && { ref: pin.ref }) };
  }
  if (source.kind === "image" && pin.kind === "image") return { ...source, digest: pin.digest };
  if (
    source.kind === "git" ||
    pin.kind === "git" ||
    source.kind === "image" ||
    pin.kind === "image"
  ) {
    throw new Error("bug: a pin of another source");
  }
  const { sha256, sizeBytes } = pin;
  if (source.kind === "archive") return { ...source, sha256, sizeBytes };
  return { ...source, checksums: [`sha256:${sha256}`], sizeBytes };
}

/** The pins in `source`. What is wrong is reported, and left out. */
export function readLockFile(source: Source, report: Report): Pins {
  const document = parseDocument(source, report);
  if (document === undefined) return new Map();
  const version = document.kind === "map" ? document.entries.get("version")?.value : undefined;
  if (document.kind !== "map" || version?.kind !== "scalar" || version.text !== "1") {
    const message = `this version of ${lockFileName} is not known; it must be 1`;
    report({
      severity: "error",
      code: "unsupported-version",
      message,
      at: version?.at ?? document.at,
    });
    return new Map();
  }
  const pins = new Map<string, LockedPin>();
  for (const item of itemsOf(document, "sources")) {
    const pin = readPin(item);
    if (pin === undefined) reportBad(item, report);
    else pins.set(pinName(pin), pin);
  }
  for (const item of itemsOf(document, "components")) {
    if (readComponentPin(item) === undefined) reportBad(item, report);
  }
  return pins;
}

function itemsOf({ entries }: MapValue, key: string): readonly Value[] {
  const list = entries.get(key)?.value;
  return list?.kind === "list" ? list.items : [];
}

function reportBad({ at }: Value, report: Report): void {
  const message = "this is no pin that kraft-graph writes";
  const help = `remove it, and run "kraft-graph lock"`;
  report({ severity: "error", code: "bad-lock", message, at, help });
}

/** The pin that `value` states; undefined for what is of no known form. */
export function readPin(value: Value): LockedPin | undefined {
  if (value.kind !== "map") return undefined;
  const { at } = value;
  const text = (key: string): string | undefined => textOf(value, key);
  const git = text("git");
  if (git !== undefined) {
    const [commit = "", reference, ref] = [text("commit"), text("reference"), text("ref")];
    if (!isCommit(commit)) return undefined;
    return {
      kind: "git",
      url: git,
      commit: commit.toLowerCase(),
      at,
      ...(reference !== undefined && { reference }),
      ...(ref !== undefined && { ref }),
    };
  }
  const image = text("image");
  if (image !== undefined) {
    const [platform = "", digest = ""] = [text("platform"), text("digest")];
    if (platform === "" || !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
    return { kind: "image", url: image, reference: platform, digest, at };
  }
  const kind = text("archive") === undefined ? "file" : "archive";
  const [url, sha256 = "", size = ""] = [text(kind), text("sha256"), text("size")];
  if (url === undefined || !/^[0-9a-f]{64}$/.test(sha256) || !/^\d{1,15}$/.test(size)) {
    return undefined;
  }
  return { kind, url, sha256, sizeBytes: Number(size), at };
}

/** The text at `key`; undefined when there is none, or it is empty. */
export function textOf({ entries }: MapValue, key: string): string | undefined {
  const value = entries.get(key)?.value;
  return value?.kind === "scalar" && value.text !== "" ? value.text : undefined;
}
