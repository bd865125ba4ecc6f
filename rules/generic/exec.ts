import {
  type ExecPath,
  type Label,
  type RuleContext,
  type TargetResult,
  type Values,
  attribute,
  defineRule,
  optional,
  parseLabel,
  partsOf,
} from "../../src/index.ts";

const attributes = {
  /** Files it reads, as labels: sources and outputs of other targets. */
  srcs: optional(attribute.labels, []),
  /** Files or directories it makes, relative to the target's output directory. */
  outs: attribute.strings,
  /** A line for the shell. */
  command: optional(attribute.string, undefined),
  /** A program and its arguments, in place of `command`. */
  argv: optional(attribute.strings, undefined),
  env: optional(attribute.stringMap, {}),
  /** Programs whose identity is part of the key. */
  tools: optional(attribute.strings, []),
  /** What it takes from pools, as `cpu: 2`. */
  resources: optional(attribute.stringMap, {}),
  /** One of `outs` in which it lists further actions. */
  yields: optional(attribute.string, undefined),
  /** Files or directories that those make, which are outputs of the target as well. */
  yielded: optional(attribute.strings, []),
} as const;

type Given = Values<typeof attributes>;

/**
 * Runs a command. It finds its files in `$SRCS`, `$OUT` (the first of `outs`) and `$OUTS`, and
 * in `$(location LABEL)`, all relative to the directory in which it runs.
 */
export const exec = defineRule({
  name: "exec",
  description: "runs a command that makes files",
  attributes,
  analyze: (context): TargetResult => {
    const { attributes: given, label, at, report } = context;
    const inputs = [...new Set(given.srcs.flatMap((src) => context.dependency(src).outputs))];
    const outputs = given.outs.map((out) => context.output(out));
    const [first, ...rest] = outputs;
    const complain = (message: string): TargetResult => {
      report({ severity: "error", code: "bad-attribute", message, at });
      return { outputs: [] };
    };
    if (first === undefined) return complain(`${label} makes no file: "outs" is empty`);
    const problem = problemOf(given);
    if (problem !== undefined) return complain(`${label} ${problem}`);
    const located = (text: string): string => expandLocations(text, context, given.srcs);
    const [program, ...args] = commandOf(given).map(located);
    if (program === undefined) return complain(`${label} runs nothing: "argv" is empty`);
    const yields = given.yields === undefined ? undefined : context.output(given.yields);
    const env = Object.entries(given.env).map(([name, value]) => [name, located(value)] as const);
    context.action({
      kind: "command",
      mnemonic: "Exec",
      argv: [program, ...args],
      env: {
        ...Object.fromEntries(env),
        SRCS: inputs.join(" "),
        OUT: first,
        OUTS: outputs.join(" "),
      },
      inputs,
      outputs: [first, ...rest],
      tools: isOfMachine(program) ? [program, ...given.tools] : given.tools,
      resources: resourcesOf(given.resources),
      ...(yields === undefined ? {} : { yields }),
    });
    return { outputs: [...outputs, ...given.yielded.map((path) => context.output(path))] };
  },
});

/** What is wrong with `given`, to stand behind the label; undefined when nothing is. */
function problemOf(given: Given): string | undefined {
  const { command, argv, resources, yields, yielded } = given;
  const outs = [...given.outs, ...yielded];
  if ((command === undefined) === (argv === undefined)) return 'needs either "command" or "argv"';
  const stray = outs.find((out) => !isBelow(out));
  if (stray !== undefined) return `cannot make "${stray}": "outs" stay in the target's directory`;
  const again = outs.find((out, index) => outs.indexOf(out) !== index);
  if (again !== undefined) return `has "${again}" twice in "outs"`;
  const isStrange = yields !== undefined && !given.outs.includes(yields);
  if (isStrange) return `yields actions by "${yields}", which is not one of its "outs"`;
  if (yields === undefined && yielded.length > 0) return 'has "yielded" files, but no "yields"';
  const [pool] = Object.entries(resources).find(([, amount]) => !isAmount(amount)) ?? [];
  return pool === undefined ? undefined : `needs a number for "${pool}" in "resources"`;
}

function isBelow(path: string): boolean {
  return !path.split("/").some((part) => part === "" || part === "." || part === "..");
}

function isAmount(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text);
}

function commandOf({ command, argv }: Given): readonly string[] {
  return command === undefined ? (argv ?? []) : ["sh", "-ec", command];
}

/** False for a program among the inputs: its content is part of the key already. */
function isOfMachine(program: string): boolean {
  return !program.includes("/") || program.startsWith("/");
}

function resourcesOf(given: Given["resources"]): Record<string, number> {
  const amounts = Object.entries(given).map(([name, amount]) => [name, Number(amount)] as const);
  return { cpu: 1, ...Object.fromEntries(amounts) };
}

/** `text` with each `$(location LABEL)` and `$(locations LABEL)` replaced by paths. */
function expandLocations(
  text: string,
  {
    label,
    at,
    report,
    dependency,
  }: Pick<RuleContext<unknown>, "label" | "at" | "report" | "dependency">,
  srcs: readonly Label[],
): string {
  return text.replaceAll(/\$\((locations?) ([^)]+)\)/g, (whole, kind: string, written: string) => {
    const named = parseLabel(written.trim(), partsOf(label).packagePath);
    const isSource = named !== undefined && srcs.includes(named);
    const outputs: readonly ExecPath[] = isSource ? dependency(named).outputs : [];
    if (isSource && (kind === "locations" || outputs.length === 1)) return outputs.join(" ");
    const problem = isSource
      ? `has ${outputs.length} outputs: use $(locations …)`
      : 'is not one of its "srcs"';
    report({
      severity: "error",
      code: "bad-attribute",
      message: `${label} asks for the place of ${written.trim()}, which ${problem}`,
      at,
    });
    return whole;
  });
}
