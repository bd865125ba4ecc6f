import { type Entry, type Span, type Value, kindNameOf } from "../../../src/index.ts";
import { type Origin, originOf } from "./origin.ts";
import type { Placed, Reading } from "./reading.ts";

/** Files that are copied into a root file system. */
export interface Include {
  readonly from: Origin;
  /** A path in what they come from, without a leading slash. */
  readonly source: string;
  /** A path in the image; with a slash at its end, a directory to copy into. */
  readonly destination: string;
  readonly at: Span;
}

/** The items of `include`. Source: bunny, hops/package.go. */
export function readIncludes(entry: Entry | undefined, reading: Reading): readonly Include[] {
  if (entry === undefined) return [];
  const { value, keyAt } = entry;
  if (value.kind !== "list") {
    const message = `\`include\` must be a list, not ${kindNameOf(value)}`;
    reading.error({ code: "wrong-type", message, at: keyAt, help: "write - SOURCE:DESTINATION" });
    return [];
  }
  return value.items.flatMap((item) => includeOf(item, reading) ?? []);
}

function includeOf(item: Value, reading: Reading): Include | undefined {
  switch (item.kind) {
    case "scalar":
      return textInclude({ text: item.text, at: item.at }, reading);
    case "map":
      return mapInclude(item, reading);
    case "list":
      return reading.error({
        code: "wrong-type",
        message: "an item of `include` is SOURCE:DESTINATION, or a map, and not a list",
        at: item.at,
      });
  }
}

/** `source:destination`, or `source` alone, which then keeps its path. */
function textInclude({ text, at }: Placed, reading: Reading): Include | undefined {
  const colon = text.indexOf(":");
  const source = colon < 0 ? text : text.slice(0, colon);
  const destination = colon < 0 ? "" : text.slice(colon + 1);
  if (source === "") {
    const message = "src is empty: what stands before the colon is what is copied";
    return reading.error({ code: "bad-rootfs", message, at });
  }
  return {
    from: { kind: "local" },
    source: relativePath(source),
    destination: destination === "" ? source : destination,
    at,
  };
}

function mapInclude(item: Extract<Value, { kind: "map" }>, reading: Reading): Include | undefined {
  const keys = ["from", "source", "destination"];
  const fields = reading.fieldsOf(item, "an item of `include`", keys);
  const at = [...item.entries.values()][0]?.keyAt ?? item.at;
  const from = reading.saidText(fields.get("from"));
  const missing = (key: string): string => `this item of \`include\` has no \`${key}\``;
  const source = reading.needed(fields.get("source"), missing("source"), at);
  const destination = reading.needed(fields.get("destination"), missing("destination"), at);
  if (source === undefined || destination === undefined) return undefined;
  return {
    from: from === undefined ? { kind: "local" } : originOf(from),
    source: relativePath(source.text),
    destination: destination.text,
    at: source.at,
  };
}

/** `path` from the root of what it is in: `/a`, `./a` and `a` are the same there. */
export function relativePath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.join("/");
}
