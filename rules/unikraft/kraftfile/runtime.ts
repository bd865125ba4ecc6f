import { type Entry, type MapValue, type Span, kindNameOf, pointerTo } from "../../../src/index.ts";
import { type KconfigSetting, readKconfig } from "./kconfig.ts";
import { type Reading, fieldsOf, hasControlCharacters, stringOf, textOf } from "./reading.ts";

/** A kernel that somebody has built: an image in a registry, or a file. */
export type Runtime = PackageRuntime | KernelRuntime;

/** A kernel in a registry. */
export interface PackageRuntime {
  readonly kind: "package";
  /** `[REGISTRY/]NAME[:TAG][@DIGEST]`, as it is written: short names are not qualified. */
  readonly reference: string;
  /** What the image must have been built with. */
  readonly kconfig: readonly KconfigSetting[];
  readonly at: Span;
}

/** A kernel on the disk. */
export interface KernelRuntime {
  readonly kind: "kernel";
  /** Relative to the package, or absolute. */
  readonly path: string;
  readonly at: Span;
}

/** `runtime`, in any of its forms. Source: kraftkit.md §1.9. */
export function readRuntime(entry: Entry | undefined, reading: Reading): Runtime | undefined {
  if (entry === undefined) return undefined;
  const at = pointerTo(entry);
  const { value } = entry;
  if (value.kind === "map" && !reading.isV07) return runtimeOfMap(value, at, reading);
  if (value.kind === "scalar" && typeof value.value === "string") {
    return runtimeOf(value.value, { at, kconfig: [] }, reading);
  }
  const message = `\`runtime\` must be text, not ${kindNameOf(value)}`;
  const help = "name an image, as in `runtime: base:latest`";
  return reading.error({ code: "bad-runtime", message, at, help });
}

function runtimeOfMap(map: MapValue, at: Span, reading: Reading): Runtime | undefined {
  const keys = ["name", "source", "version", "kconfig"];
  const fields = fieldsOf(map, { owner: "a runtime", keys }, reading);
  const kconfig = readKconfig(fields.get("kconfig"), reading);
  const source = stringOf(fields.get("source") ?? fields.get("name"), "bad-runtime", reading);
  const version = fields.get("version");
  const tag = version && textOf(version.value);
  if (source === undefined) {
    const isSaid = fields.has("source") || fields.has("name");
    const message = "`runtime` does not say its `source`";
    return isSaid ? undefined : reading.error({ code: "bad-runtime", message, at });
  }
  if (version !== undefined && tag === undefined) {
    const message = `\`version\` must be text, not ${kindNameOf(version.value)}`;
    return reading.error({ code: "bad-runtime", message, at: pointerTo(version) });
  }
  return runtimeOf(tag === undefined ? source : `${source}:${tag}`, { at, kconfig }, reading);
}

function runtimeOf(
  text: string,
  rest: { readonly at: Span; readonly kconfig: readonly KconfigSetting[] },
  { error }: Reading,
): Runtime | undefined {
  const { at } = rest;
  if (text.startsWith("kernel://")) {
    const path = text.slice("kernel://".length);
    if (path !== "" && !hasControlCharacters(path)) return { kind: "kernel", path, at };
    return error({ code: "bad-runtime", message: "`kernel://` must be followed by a path", at });
  }
  const reference = text.replace(/^oci:\/\//, "");
  if (isImageReference(reference)) return { kind: "package", reference, ...rest };
  const message = `${JSON.stringify(reference)} can be no image's name`;
  const help = /[A-Z]/.test(reference)
    ? "the names of images are in lower case"
    : "write NAME:TAG, oci://REGISTRY/NAME:TAG, or kernel://PATH";
  return error({ code: "bad-runtime", message, at, help });
}

/** Source: OCI distribution specification 1.1, "Pulling manifests", with a registry before it. */
function isImageReference(text: string): boolean {
  const [, path = "", tag = "a", digest] =
    /^([^@]*?)(?::([^:/@]*))?(?:@(.*))?$/s.exec(text.slice(0, 2000)) ?? [];
  const [first = "", ...others] = path.split("/");
  const isRegistry = others.length > 0 && /^[\w.-]+(?::\d{1,5})?$/.test(first);
  const segments = isRegistry ? others : [first, ...others];
  return (
    text.length < 2000 &&
    segments.every((segment) => /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/.test(segment)) &&
    /^\w[\w.-]{0,127}$/.test(tag) &&
    (digest === undefined || /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(digest))
  );
}
