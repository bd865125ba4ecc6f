import { type Entry, type Span, pointerTo } from "../../../src/index.ts";
import { type Include, readIncludes, relativePath } from "./include.ts";
import { type Origin, originOf } from "./origin.ts";
import { type Placed, type Reading, saysSomething } from "./reading.ts";

/** How a guest gets its files. */
export type RootfsType = "initrd" | "block" | "raw";

/** The root file system of an image. */
export type BunnyRootfs =
  /** Made of files, into an archive, a block device, or the image itself. */
  | {
      readonly kind: "built";
      readonly type: RootfsType;
      readonly includes: readonly Include[];
      readonly at: Span;
    }
  /** A file that is there already. `path` is absent where a target gives but one file. */
  | {
      readonly kind: "file";
      readonly type: "initrd" | "block";
      readonly from: Origin;
      readonly path?: string;
      readonly at: Span;
    }
  /** All that is in another image, with further files on top. */
  | {
      readonly kind: "image";
      readonly reference: string;
      readonly includes: readonly Include[];
      readonly at: Span;
    };

/** What is written, before it is known to fit together. */
interface Written {
  readonly framework: string;
  /** Absent: it is `scratch`. */
  readonly from: Placed | undefined;
  readonly path: Placed | undefined;
  readonly type: Placed | undefined;
  readonly includes: readonly Include[];
  readonly includeAt: Span | undefined;
  readonly at: Span;
}

/** What `rootfs` says; undefined for none, and for one that was reported. */
export function readRootfs(
  entry: Entry | undefined,
  framework: string,
  reading: Reading,
): BunnyRootfs | undefined {
  const map = entry && reading.mapOf(entry);
  if (entry === undefined || map === undefined) return undefined;
  const fields = reading.fieldsOf(map, "`rootfs`", ["from", "path", "type", "include"]);
  const from = reading.saidText(fields.get("from"));
  const includes = fields.get("include");
  const written: Written = {
    framework,
    from: from?.text === "scratch" ? undefined : from,
    path: reading.saidText(fields.get("path")),
    type: readType(fields.get("type"), framework, reading),
    includes: readIncludes(includes, reading),
    includeAt: includes?.keyAt,
    at: entry.keyAt,
  };
  if (saysSomething(fields.get("type")) && written.type === undefined) return undefined;
  if (written.from === undefined) return fromScratch(written, reading);
  const origin = originOf(written.from);
  if (origin.kind === "image" && written.path === undefined) {
    return wholeImage(written, origin.reference, reading);
  }
  return prebuilt(written, written.from, origin, reading);
}

const types: readonly RootfsType[] = ["initrd", "raw", "block"];

function readType(
  entry: Entry | undefined,
  framework: string,
  reading: Reading,
): Placed | undefined {
  const type = reading.saidText(entry);
  if (type === undefined || entry === undefined) return undefined;
  const allowed = framework === "unikraft" ? types.slice(0, 2) : types;
  if (allowed.some((one) => one === type.text)) return type;
  const message = `cannot set ${type.text} rootfs type for ${framework}`;
  const help = `it is one of ${allowed.join(", ")}`;
  return reading.error({ code: "bad-rootfs", message, at: pointerTo(entry), help });
}

/** What a type is where none is written. Source: bunny, hops/unikraft.go and hops/generic.go. */
function standardType(framework: string): RootfsType {
  return framework === "unikraft" ? "initrd" : "raw";
}

function fromScratch(written: Written, reading: Reading): BunnyRootfs | undefined {
  const { path, type, includes, framework, at } = written;
  if (path !== undefined) {
    const message = "from field of rootfs can not be empty or scratch when there is a path";
    const help = "write from: local, or name the image that has it";
    return reading.error({ code: "bad-rootfs", message, at: path.at, help });
  }
  if (includes.length === 0) return undefined;
  return { kind: "built", type: typeOf(type) ?? standardType(framework), includes, at };
}

/** A rootfs that is an image from its root on. */
function wholeImage(
  written: Written,
  reference: string,
  reading: Reading,
): BunnyRootfs | undefined {
  const { type, includes, includeAt, framework, at, from } = written;
  if (includes.length > 0 && typeOf(type) !== "raw") {
    const message = "adding files to an existing non-raw rootfs is not yet supported";
    const help = "write type: raw";
    return reading.error({ code: "bad-rootfs", message, at: includeAt ?? at, help });
  }
  const known = typeOf(type) ?? standardType(framework);
  if (known === "raw") return { kind: "image", reference, includes, at: from?.at ?? at };
  const message = `the image ${reference} is no ${known} by itself: \`path\` says which file of it is`;
  const help = "give its path, or write type: raw for all files of the image";
  return reading.error({ code: "missing-attribute", message, at: from?.at ?? at, help });
}

/** A rootfs that is a file of the workspace, of a target or of an image. */
function prebuilt(
  { type, path, includes, includeAt, framework, at }: Written,
  from: Placed,
  origin: Origin,
  reading: Reading,
): BunnyRootfs | undefined {
  if (includes.length > 0) {
    const message = "invalid combination of includes and from fields";
    const help = "files are added to scratch, or to an image with type: raw";
    return reading.error({ code: "bad-rootfs", message, at: includeAt ?? at, help });
  }
  if (typeOf(type) === "raw") {
    const message = "a raw rootfs is no file: it is made of an image, or of `include`";
    const help = "write type: initrd or type: block";
    return reading.error({ code: "bad-rootfs", message, at: type?.at ?? at, help });
  }
  if (origin.kind === "local" && (path === undefined || relativePath(path.text) === "")) {
    const message = "path field of rootfs is necessary when it is local";
    return reading.error({ code: "missing-attribute", message, at: from.at });
  }
  const known = typeOf(type) ?? (framework === "unikraft" ? "initrd" : typeByName(path?.text));
  if (known === undefined || known === "raw") {
    const message = `rootfs does not say whether ${path?.text ?? from.text} is an initrd or a block device`;
    const help = "write type: initrd or type: block";
    return reading.error({ code: "missing-attribute", message, at: path?.at ?? from.at, help });
  }
  const place = path === undefined ? {} : { path: path.text };
  return { kind: "file", type: known, from: origin, ...place, at: path?.at ?? from.at };
}

/** bunny takes such a file for raw, which no guest can mount; its name tells what it is. */
function typeByName(path = ""): "initrd" | "block" | undefined {
  if (/\.(cpio|cpio\.gz|initrd|initramfs)$|(^|\/)(initrd|initramfs)[^/]*$/i.test(path))
    return "initrd";
  return /\.(ext[234]|img|raw|disk|block)$/i.test(path) ? "block" : undefined;
}

function typeOf(type: Placed | undefined): RootfsType | undefined {
  return types.find((one) => one === type?.text);
}
