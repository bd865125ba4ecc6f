// Whether what a stranger's module exports is a rule set. Knows no module.

/** The version of the interface that rule sets are written for. */
export const apiVersion = 1;

/** What is wrong with `value`, which says that it is a rule set; undefined when nothing is. */
export function faultOfRuleSet(value: LikeRuleSet): string | undefined {
  if (value.apiVersion !== apiVersion) {
    const found = JSON.stringify(value.apiVersion) ?? "none";
    return `it is written for version ${found} of the interface, and this engine has ${apiVersion}`;
  }
  if (typeof value.name !== "string" || !/^[A-Za-z0-9][\w.-]*$/.test(value.name)) {
    return "its `name` is no name: letters, digits, . _ and -";
  }
  const isNames = isList(value.buildFiles) && value.buildFiles.every(isFileName);
  if (!isNames) return "its `buildFiles` is no list of file names";
  if (typeof value.load !== "function") return "its `load` is no function";
  if (!isList(value.rules)) return "its `rules` is no list";
  if (value.programs !== undefined && !isList(value.programs)) return "its `programs` is no list";
  return (
    firstFault(value.rules, "rule", faultOfRule) ??
    firstFault(value.programs ?? [], "program", faultOfProgram)
  );
}

/** What a rule set may turn out to be. */
export type LikeRuleSet = Readonly<Record<string, unknown>>;

/** Whether `value` means to be a rule set, right or wrong. */
export function isLikeRuleSet(value: unknown): value is LikeRuleSet {
  if (!isRecord(value)) return false;
  return "apiVersion" in value || ("load" in value && "rules" in value);
}

function firstFault(
  values: readonly unknown[],
  kind: "rule" | "program",
  faultOf: (value: LikeRuleSet) => string | undefined,
): string | undefined {
  const names = new Set<unknown>();
  for (const [i, value] of values.entries()) {
    const called = isRecord(value) && typeof value["name"] === "string" ? value["name"] : undefined;
    const fault = isRecord(value) ? faultOf(value) : "it is no object";
    if (fault !== undefined) return `its ${kind} ${called ?? `number ${i + 1}`} is none: ${fault}`;
    if (names.has(called)) return `it has two ${kind}s called ${String(called)}`;
    names.add(called);
  }
  return undefined;
}

function faultOfRule(rule: LikeRuleSet): string | undefined {
  if (typeof rule["name"] !== "string") return "`name` is no text";
  if (typeof rule["analyze"] !== "function") return "`analyze` is no function";
  const { expand } = rule;
  if (expand !== undefined && typeof expand !== "function") return "`expand` is no function";
  if (!isRecord(rule["attributes"])) return "`attributes` is no object";
  const wrong = Object.entries(rule["attributes"]).find(
    ([, one]) => !isRecord(one) || typeof one["read"] !== "function",
  );
  return wrong === undefined ? undefined : `the attribute ${wrong[0]} has no function \`read\``;
}

function faultOfProgram(program: LikeRuleSet): string | undefined {
  if (typeof program["name"] !== "string") return "`name` is no text";
  if (typeof program["version"] !== "number") return "`version` is no number";
  return typeof program["run"] === "function" ? undefined : "`run` is no function";
}

function isRecord(value: unknown): value is LikeRuleSet {
  return typeof value === "object" && value !== null;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isFileName(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !value.includes("/");
}
