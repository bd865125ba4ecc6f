import {
  type Entry,
  type MapValue,
  type Span,
  type Value,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";
import { type Reading, fieldsOf, pointerToItem, stringOf } from "./reading.ts";

/** A directory that a machine sees while it runs. */
export interface Volume {
  /** As `9pfs`; absent: whichever the machine has. */
  readonly driver?: string | undefined;
  readonly source: string;
  /** Where the machine sees it. */
  readonly destination: string;
  readonly isReadOnly: boolean;
  readonly at: Span;
}

/**
 * `volumes`: a list, each item a text `SOURCE[:DESTINATION[:MODE]]` or a map; or, as in old files,
 * a map from names to such maps. Source: kraftkit.md §1.12.
 */
export function readVolumes(entry: Entry | undefined, reading: Reading): readonly Volume[] {
  if (entry === undefined) return [];
  const { value } = entry;
  if (value.kind === "list") {
    return value.items.flatMap((item) => readVolume(item, pointerToItem(item), reading) ?? []);
  }
  if (value.kind === "map") {
    return [...value.entries.values()].flatMap(
      (one) => readVolume(one.value, one.keyAt, reading) ?? [],
    );
  }
  const message = `\`volumes\` must be a list, not ${kindNameOf(value)}`;
  const help = "write `- ./data:/data` on a line of its own below it";
  reading.error({ code: "wrong-type", message, at: pointerTo(entry), help });
  return [];
}

function readVolume(value: Value, at: Span, reading: Reading): Volume | undefined {
  if (value.kind === "map") return volumeOfMap(value, at, reading);
  if (value.kind === "scalar" && typeof value.value === "string") {
    const [source = "", destination = "/", mode = "rw", ...more] = value.value.split(":");
    const isForm = source !== "" && destination !== "" && more.length === 0;
    if (isForm && modes.includes(mode)) {
      return { source, destination, isReadOnly: mode === "ro", at };
    }
    const message = "a volume must be SOURCE, SOURCE:DESTINATION or SOURCE:DESTINATION:MODE";
    return reading.error({ code: "bad-volume", message, at, help: "MODE is ro or rw" });
  }
  const message = `a volume must be text or a map, not ${kindNameOf(value)}`;
  return reading.error({ code: "bad-volume", message, at });
}

const modes: readonly string[] = ["ro", "rw"];

function volumeOfMap(map: MapValue, at: Span, reading: Reading): Volume | undefined {
  const keys = ["driver", "source", "destination", "readonly", "readOnly", "mode"];
  const fields = fieldsOf(map, { owner: "a volume", keys }, reading);
  const string = (key: string): string | undefined => {
    return stringOf(fields.get(key), "bad-volume", reading);
  };
  const [driver, source, destination] = [string("driver"), string("source"), string("destination")];
  if (source === undefined || source === "") {
    // A source that is no text has been reported.
    const isReported = source === undefined && fields.has("source");
    const message = "a volume must say its `source`";
    return isReported ? undefined : reading.error({ code: "bad-volume", message, at });
  }
  const where = { source, destination: destination ?? "/" };
  return { driver, ...where, isReadOnly: isReadOnly(fields, reading), at };
}

function isReadOnly(fields: ReadonlyMap<string, Entry>, reading: Reading): boolean {
  const entry = fields.get("readonly") ?? fields.get("readOnly");
  if (entry === undefined) return modeOf(fields.get("mode"), reading) === "ro";
  const { key, value } = entry;
  if (value.kind === "scalar" && typeof value.value === "boolean") return value.value;
  const message = `\`${key}\` must be true or false, not ${kindNameOf(value)}`;
  reading.error({ code: "bad-volume", message, at: pointerTo(entry) });
  return true;
}

function modeOf(entry: Entry | undefined, reading: Reading): string | undefined {
  const mode = stringOf(entry, "bad-volume", reading);
  if (entry !== undefined && mode !== undefined && !modes.includes(mode)) {
    const message = "`mode` must be ro or rw";
    reading.error({ code: "bad-volume", message, at: pointerTo(entry) });
  }
  return mode;
}
