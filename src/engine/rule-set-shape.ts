// Whether what a stranger's module exports is a rule set. Knows no module.

/** The version of the interface that rule sets are written for. */
export const apiVersion = 1;

/** What is wrong with `value`, which says that it is a rule set; undefined when nothing is. */
export function faultOfRuleSet(value: LikeRuleSet): string | undefined {
  if (value.apiVersion !== apiVersion) {
    const found = JSON.stringify(value.apiVersion) ?? "none";
    return `it is written for version ${found} of the interface, and this engine has ${apiVersion}`;
  }
  if (!isPlainName(value.name)) return "its `name` is no name: letters, digits, . _ and -";
  const isNames = isList(value.buildFiles) && value.buildFiles.every(isFileName);
  if (!isNames) return "its `buildFiles` is no list of file names";
  if (typeof value.load !== "function") return "its `load` is no function";
  if (!isList(value.rules)) return "its `rules` is no list";
  const { rules, programs = [], checks = [], templates = [] } = value;
  for (const [name, list] of Object.entries({ programs, checks, templates })) {
    if (!isList(list)) return `its \`${name}\` is no list`;
  }
  return (
    firstFault(rules, "rule", faultOfRule) ??
    firstFault(programs, "program", faultOfProgram) ??
    firstFault(checks, "check", faultOfCheck) ??
    firstFault(templates, "template", faultOfTemplate)
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
  values: unknown,
  kind: "rule" | "program" | "check" | "template",
  faultOf: (value: LikeRuleSet) => string | undefined,
): string | undefined {
  if (!isList(values)) return undefined;
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

function faultOfCheck(check: LikeRuleSet): string | undefined {
  const { rules } = check;
  if (!isPlainName(check["name"])) return "`name` is no name";
  if (typeof check["description"] !== "string") return "`description` is no text";
  const isNames = isList(rules) && rules.every((one) => typeof one === "string");
  if (rules !== undefined && !isNames) return "`rules` is no list of names";
  return typeof check["check"] === "function" ? undefined : "`check` is no function";
}

function faultOfTemplate(template: LikeRuleSet): string | undefined {
  if (!isPlainName(template["name"])) return "`name` is no name";
  if (typeof template["description"] !== "string") return "`description` is no text";
  return typeof template["files"] === "function" ? undefined : "`files` is no function";
}

/** Such as stands in what users type and read. */
function isPlainName(value: unknown): boolean {
  return typeof value === "string" && /^[A-Za-z0-9][\w.-]*$/.test(value);
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
