import picomatch from "picomatch";

import {
  type Declaration,
  type DeclaredAttribute,
  type Entry,
  type LoadContext,
  type MapValue,
  type Source,
  type Value,
  didYouMean,
  parseDocument,
  parseLabel,
  plainOf,
} from "../../src/index.ts";

/** The targets that a `kraft.build.yaml` states. */
export function loadBuildFile(file: Source, context: LoadContext): readonly Declaration[] {
  const document = parseDocument(file, context.report);
  const at = { source: file, start: 0, end: 0 };
  if (document === undefined) return [];
  if (document.kind !== "map") {
    context.report({
      severity: "error",
      code: "wrong-type",
      message: "a build file is a map with the key `targets`",
      at: document.at,
    });
    return [];
  }
  checkTopLevel(document, context);
  const targets = document.entries.get("targets")?.value;
  if (targets === undefined) {
    context.report({
      severity: "warning",
      code: "missing-attribute",
      message: "no targets here",
      at,
    });
    return [];
  }
  if (targets.kind !== "list") {
    const message = "`targets` must be a list, each with `name` and `rule`";
    context.report({ severity: "error", code: "wrong-type", message, at: targets.at });
    return [];
  }
  return targets.items.flatMap((item) => declarationOf(item, context) ?? []);
}

function checkTopLevel(document: MapValue, { report }: LoadContext): void {
  const known = ["version", "targets"];
  for (const { key, keyAt } of document.entries.values()) {
    if (known.includes(key) || key.startsWith("x-")) continue;
    report({
      severity: "error",
      code: "unknown-attribute",
      message: `a build file has no key "${key}"`,
      at: keyAt,
      ...didYouMean(key, known),
    });
  }
  const version = document.entries.get("version")?.value;
  if (version === undefined || (version.kind === "scalar" && version.text === "1")) return;
  const message = "this version of build files is not known; it must be 1";
  report({ severity: "error", code: "unsupported-version", message, at: version.at });
}

function declarationOf(item: Value, context: LoadContext): Declaration | undefined {
  if (item.kind !== "map") {
    const message = "a target is a map with `name` and `rule`";
    context.report({ severity: "error", code: "wrong-type", message, at: item.at });
    return undefined;
  }
  const name = textOf(item, "name", context);
  const rule = textOf(item, "rule", context);
  if (name === undefined || rule === undefined) return undefined;
  const structural = new Set(["name", "rule", "default", "glob", "exclude"]);
  const attributes = [...item.entries.values()]
    .filter(({ key }) => !structural.has(key))
    .map((entry) => [entry.key, declared(entry)] as const);
  return {
    name,
    rule,
    at: item.entries.get("name")?.value.at ?? item.at,
    attributes: withGlobs(item, Object.fromEntries(attributes), context),
    ...(isDefault(item, context) ? { isDefault: true } : {}),
  };
}

/** A block value's own place is its whole text, of which the key is the better pointer. */
function declared({ keyAt, value }: Entry): DeclaredAttribute {
  const at = value.kind === "scalar" ? value.at : keyAt;
  const itemsAt = value.kind === "list" ? { itemsAt: value.items.map((one) => one.at) } : {};
  return { value: plainOf(value), at, ...itemsAt };
}

function isDefault(item: MapValue, { report }: LoadContext): boolean {
  const value = item.entries.get("default")?.value;
  if (value === undefined) return false;
  if (value.kind === "scalar" && typeof value.value === "boolean") return value.value;
  const message = "`default` must be true or false";
  report({ severity: "error", code: "wrong-type", message, at: value.at });
  return false;
}

function textOf(item: MapValue, key: string, { report }: LoadContext): string | undefined {
  const value = item.entries.get(key)?.value;
  if (value?.kind === "scalar" && value.text !== "") return value.text;
  report({
    severity: "error",
    code: value === undefined ? "missing-attribute" : "wrong-type",
    message: value === undefined ? `this target has no \`${key}\`` : `\`${key}\` must be a string`,
    at: value?.at ?? item.at,
  });
  return undefined;
}

type Attributes = Declaration["attributes"];

/** `attributes` with the files that `glob` matches, less those of `exclude`, behind `srcs`. */
function withGlobs(item: MapValue, attributes: Attributes, context: LoadContext): Attributes {
  const patterns = patternsOf(item, "glob", context);
  const excluded = patternsOf(item, "exclude", context);
  const given = item.entries.get("glob");
  if (given === undefined) {
    reportLoneExclude(item, context);
    return attributes;
  }
  const isMatch = picomatch([...patterns], { ignore: [...excluded], dot: true });
  const matching =
    patterns.length === 0 ? [] : filesBelow("", context).filter((path) => isMatch(path));
  const found = matching.filter((path) => isNamable(path, given, context));
  if (patterns.length > 0 && matching.length === 0) {
    const message = "no file of the package matches this";
    context.report({ severity: "warning", code: "missing-file", message, at: given.value.at });
  }
  const written = attributes["srcs"];
  // What is no list is left for the graph to report.
  if (written !== undefined && !Array.isArray(written.value)) return attributes;
  const { value = [], itemsAt = [] } = written ?? {};
  const srcs = [...(value as readonly unknown[]), ...found.map((path) => `:${path}`)];
  const places = [...itemsAt, ...found.map(() => given.keyAt)];
  return { ...attributes, srcs: { value: srcs, at: given.keyAt, itemsAt: places } };
}

/** Whether a label can name the file `path`; else that is reported where it is matched. */
function isNamable(path: string, { value }: Entry, { report }: LoadContext): boolean {
  if (parseLabel(`:${path}`) !== undefined) return true;
  report({
    severity: "error",
    code: "bad-name",
    message: `no label can name the file ${JSON.stringify(path)}, which this matches`,
    at: value.at,
    help: "rename it, or leave it out with `exclude`",
  });
  return false;
}

function reportLoneExclude(item: MapValue, { report }: LoadContext): void {
  const excluded = item.entries.get("exclude");
  if (excluded === undefined) return;
  report({
    severity: "error",
    code: "missing-attribute",
    message: "`exclude` takes from what `glob` finds, and there is no `glob`",
    at: excluded.keyAt,
  });
}

function patternsOf(item: MapValue, key: string, { report }: LoadContext): readonly string[] {
  const value = item.entries.get(key)?.value;
  if (value === undefined) return [];
  const plain = plainOf(value);
  const patterns = typeof plain === "string" ? [plain] : plain;
  if (Array.isArray(patterns) && patterns.every((one) => typeof one === "string")) return patterns;
  const message = `\`${key}\` must be a pattern or a list of patterns`;
  report({ severity: "error", code: "wrong-type", message, at: value.at });
  return [];
}

/** Every file of the package; not those of packages inside it, and nothing hidden. */
function filesBelow(directory: string, context: LoadContext): string[] {
  const names = context.list(directory === "" ? "." : directory);
  if (directory !== "" && names.some((name) => packageMarkers.has(name))) return [];
  return names.flatMap((name) => {
    if (name.startsWith(".") || name === "node_modules") return [];
    const path = directory === "" ? name : `${directory}/${name}`;
    return context.kindOf(path) === "directory" ? filesBelow(path, context) : [path];
  });
}

/** A directory with one of these is a package of its own, whose files are its own. */
const packageMarkers = new Set([
  "kraft.build.yaml",
  "Kraftfile",
  "Kraftfile.yml",
  "Kraftfile.yaml",
  "kraft.yml",
  "kraft.yaml",
]);
