import {
  type ExecPath,
  type Label,
  type RuleContext,
  type TargetResult,
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
} as const;

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
    const inputs = given.srcs.flatMap((src) => context.dependency(src).outputs);
    const outputs = given.outs.map((out) => context.output(out));
    const [first, ...rest] = outputs;
    const complain = (message: string): TargetResult => {
      report({ severity: "error", code: "bad-attribute", message, at });
      return { outputs: [] };
    };
    if (first === undefined) return complain(`${label} makes no file: "outs" is empty`);
    if ((given.command === undefined) === (given.argv === undefined)) {
      return complain(`${label} needs either "command" or "argv"`);
    }
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
      tools: given.command === undefined ? [program, ...given.tools] : ["sh", ...given.tools],
      resources: resourcesOf(given.resources),
      ...(yields === undefined ? {} : { yields }),
    });
    return { outputs };
  },
});

function commandOf({
  command,
  argv,
}: {
  readonly command: string | undefined;
  readonly argv: readonly string[] | undefined;
}): readonly string[] {
  return command === undefined ? (argv ?? []) : ["sh", "-ec", command];
}

function resourcesOf(given: Readonly<Record<string, string>>): Record<string, number> {
  const amounts = Object.entries(given).map(([name, amount]) => [name, Number(amount)] as const);
  return { cpu: 1, ...Object.fromEntries(amounts.filter(([, amount]) => amount >= 0)) };
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
    const outputs: readonly ExecPath[] =
      named !== undefined && srcs.includes(named) ? dependency(named).outputs : [];
    if (outputs.length > 0 && (kind === "locations" || outputs.length === 1))
      return outputs.join(" ");
    const problem =
      outputs.length > 1 ? "has several outputs: use $(locations …)" : 'is not one of its "srcs"';
    report({
      severity: "error",
      code: "bad-attribute",
      message: `${label} asks for the place of ${written.trim()}, which ${problem}`,
      at,
    });
    return whole;
  });
}
