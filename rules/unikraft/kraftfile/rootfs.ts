import {
  type Entry,
  type MapValue,
  type Span,
  type Value,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";
import { didYouMean } from "../../../src/index.ts";
import {
  type Mistake,
  type Reading,
  fieldsOf,
  hasControlCharacters,
  pointerToItem,
  stringOf,
} from "./reading.ts";

/** A file system to be made, or to be taken as it is. */
export interface Rootfs {
  /** Relative to the package, or absolute; an image's name for `oci`; or the label of a target. */
  readonly path: string;
  /** Absent: what stands at `path` tells. */
  readonly type?: RootfsType | undefined;
  /** The Dockerfile that is to be built in the directory `path`. */
  readonly dockerfile?: string | undefined;
  /** What the machine gets. */
  readonly format: RootfsFormat;
  readonly at: Span;
}

/** What a file system is made from. */
export type RootfsType = (typeof rootfsTypes)[number];
/** What a machine can read as a file system. */
export type RootfsFormat = (typeof rootfsFormats)[number];

const rootfsTypes = ["dockerfile", "dir", "file", "tarball", "cpio", "erofs", "oci"] as const;
const rootfsFormats = ["cpio", "erofs", "ext2", "ext4", "squashfs", "tar"] as const;
/** The formats that `type` could say before there was `format`. */
const earlyFormats: readonly RootfsFormat[] = ["cpio", "erofs"];

/** `rootfs`, in any of its forms. Source: kraftkit.md §1.11, §1.14. */
export function readRootfs(entry: Entry | undefined, reading: Reading): Rootfs | undefined {
  return entry && fileSystemOf(entry.value, { key: entry.key, at: pointerTo(entry) }, reading);
}

/** `roms`: further file systems, each in any of the forms of `rootfs`. */
export function readRoms(entry: Entry | undefined, reading: Reading): readonly Rootfs[] {
  if (entry === undefined) return [];
  const { key, value } = entry;
  if (value.kind === "list") {
    return value.items.flatMap(
      (item) => fileSystemOf(item, { key: "a ROM", at: pointerToItem(item) }, reading) ?? [],
    );
  }
  const message = `\`${key}\` must be a list, not ${kindNameOf(value)}`;
  reading.error({ code: "wrong-type", message, at: pointerTo(entry) });
  return [];
}

interface Place {
  readonly key: string;
  readonly at: Span;
}

function fileSystemOf(value: Value, { key, at }: Place, reading: Reading): Rootfs | undefined {
  if (value.kind === "map") return fileSystemOfMap(value, at, reading);
  if (value.kind === "scalar" && typeof value.value === "string") {
    return withPath({ path: value.value, format: "cpio", at }, reading);
  }
  const subject = key.startsWith("a ") ? key : `\`${key}\``;
  const message = `${subject} must be a path or a map, not ${kindNameOf(value)}`;
  return reading.error({ code: "bad-rootfs", message, at });
}

function fileSystemOfMap(map: MapValue, at: Span, reading: Reading): Rootfs | undefined {
  const keys = ["source", "type", "format"];
  const fields = fieldsOf(map, { owner: "a root file system", keys, retired }, reading);
  const source = fields.get("source");
  if (source === undefined) {
    const message = "a root file system must say its `source`";
    return reading.error({ code: "bad-rootfs", message, at });
  }
  const type = fields.get("type");
  const written = oneOf(fields.get("format"), rootfsFormats, reading);
  if (source.value.kind === "map") {
    if (type !== undefined) {
      const message = "`type` must stand inside `source`, where `source` is a map";
      return reading.error({ code: "bad-rootfs", message, at: type.keyAt });
    }
    return sourceOfMap(source.value, { at, format: written ?? "cpio" }, reading);
  }
  const path = stringOf(source, "bad-rootfs", reading);
  if (path === undefined) return undefined;
  // Until v0.7, `type` said what the machine gets: it was `cpio` or `erofs`.
  const said = oneOf(type, rootfsTypes, reading);
  const early = earlyFormats.find((format) => format === said);
  const isSource = said !== undefined && early === undefined;
  const format = written ?? early ?? "cpio";
  return withPath({ path, format, at, type: isSource ? said : undefined }, reading);
}

const retired = {
  from: "write `source`",
  path: "write `source` for the path, or `path` inside `source`",
  dockerfile: "write `dockerfile` inside `source`",
};

function sourceOfMap(
  map: MapValue,
  rest: Pick<Rootfs, "at" | "format">,
  reading: Reading,
): Rootfs | undefined {
  const keys = ["type", "path", "dockerfile"];
  const fields = fieldsOf(map, { owner: "`source`", keys }, reading);
  const dockerfile = stringOf(fields.get("dockerfile"), "bad-rootfs", reading);
  const path = stringOf(fields.get("path"), "bad-rootfs", reading);
  const typeEntry = fields.get("type");
  const type = oneOf(typeEntry, rootfsTypes, reading);
  const isBad = [dockerfile, path, type].filter((one) => one !== undefined).length < fields.size;
  if (isBad) return undefined;
  const mistake = (message: string, at: Span): undefined => {
    return reading.error({ code: "bad-rootfs", message, at });
  };
  if (dockerfile === undefined) {
    if (path === undefined) return mistake("`source` must say its `path`", rest.at);
    return withPath({ ...rest, path, type }, reading);
  }
  if (typeEntry !== undefined && type !== "dockerfile") {
    return mistake("with `dockerfile`, `type` must be dockerfile", pointerTo(typeEntry));
  }
  if (dockerfile === "" || hasControlCharacters(dockerfile)) {
    return mistake("`dockerfile` must be a path", rest.at);
  }
  return withPath({ ...rest, path: path ?? ".", type: "dockerfile", dockerfile }, reading);
}

function oneOf<const T extends string>(
  entry: Entry | undefined,
  allowed: readonly T[],
  reading: Reading,
): T | undefined {
  const code: Mistake["code"] = "bad-rootfs";
  const text = stringOf(entry, code, reading);
  const found = allowed.find((one) => one === text);
  if (entry === undefined || text === undefined || found !== undefined) return found;
  const message = `\`${entry.key}\` must be one of ${allowed.join(", ")}`;
  return reading.error({ code, message, at: pointerTo(entry), ...didYouMean(text, allowed) });
}

function withPath(rootfs: Rootfs, { error }: Reading): Rootfs | undefined {
  if (rootfs.path !== "" && !hasControlCharacters(rootfs.path)) return rootfs;
  const message = `${JSON.stringify(rootfs.path)} can be no path`;
  return error({ code: "bad-rootfs", message, at: rootfs.at });
}
