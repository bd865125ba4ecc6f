// Where actions run, as settings say. Runs nothing.

import type { Action } from "../action/action.ts";
import { type Label, partsOf } from "../label/label.ts";
import { parsePattern, type PatternContext, type TargetPattern } from "../label/pattern.ts";
import { strategyWords } from "../workspace/setting-type.ts";

/** Where an action runs. */
export type Strategy = (typeof strategyWords)[number];

/** Says where an action runs. */
export type StrategyOf = (action: Action) => Strategy;

interface Rule {
  readonly fits: (action: Action) => boolean;
  /** Whether it is for one mnemonic. */
  readonly isNamed?: true;
  readonly strategy: Strategy;
}

/**
 * What `texts` say, of which each is `local`, `remote` or `race` for all actions, or with
 * `MNEMONIC=` or a label pattern and `=` in front for some; the last one that fits counts. Where
 * none does, what can run remotely does. A pattern that is none fits nothing, and `tell` hears of it.
 */
export function strategyFrom(
  texts: readonly string[],
  context: PatternContext,
  tell: (message: string) => void,
): StrategyOf {
  const rules = texts.flatMap((text) => ruleOf(text, context, tell)).reverse();
  return (action) => {
    if (!canRunRemotely(action)) return "local";
    // Machines elsewhere may lack Node, so programs run there only when that is asked for by name.
    const isProgram = action.kind === "program";
    const rule = rules.find(({ fits, isNamed }) => fits(action) && (isNamed || !isProgram));
    return rule?.strategy ?? (isProgram ? "local" : "remote");
  };
}

/**
 * Whether `action` is no more than a command on its inputs, or a program of the engine's own on
 * them. The network, and a terminal, are here.
 */
function canRunRemotely(action: Action): boolean {
  if (action.kind === "compile") return action.compile !== undefined;
  // Elsewhere, files have no mode but that of programs; rule sets of users are not in the bundle.
  if (action.kind === "program") return action.code === undefined && action.modesOf === undefined;
  // A tree of layers is made of this machine's namespaces.
  if (action.kind !== "command") return false;
  if (action.root !== undefined || action.build !== undefined) return false;
  return action.network !== true && action.resources?.["console"] === undefined;
}

function ruleOf(text: string, context: PatternContext, tell: (message: string) => void): Rule[] {
  const equals = text.lastIndexOf("=");
  const strategy = strategyNamed(text.slice(equals + 1));
  if (strategy === undefined) return [];
  if (equals === -1) return [{ fits: () => true, strategy }];
  const selector = text.slice(0, equals);
  if (!/^(\/\/|@|:|\.)/.test(selector)) {
    return [{ fits: ({ mnemonic }) => mnemonic === selector, isNamed: true, strategy }];
  }
  const pattern = parsePattern(selector, context);
  if (pattern.kind === "bad") {
    tell(`no strategy: ${pattern.diagnostic.message}`);
    return [];
  }
  return [{ fits: ({ owner }) => isOf(owner, pattern), strategy }];
}

function strategyNamed(text: string): Strategy | undefined {
  return strategyWords.find((one) => one === text);
}

/** Whether `label` is among what `pattern` means; a package's default stands for the package. */
function isOf(label: Label, pattern: TargetPattern): boolean {
  if (pattern.kind === "one") return label === pattern.label;
  const { repository, packagePath, name } = partsOf(label);
  if (repository !== "") return false;
  if (pattern.kind === "named-below" && name !== pattern.name) return false;
  if (packagePath === pattern.packagePath) return true;
  if (pattern.kind === "package") return false;
  return pattern.packagePath === "" || packagePath.startsWith(`${pattern.packagePath}/`);
}
