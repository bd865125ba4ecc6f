// The one target that a command about options is for. Knows no form of an option.

import { join } from "node:path";

import type { DiagnosticCode } from "../diagnostic/codes.ts";
import { build, type BuildResult } from "../engine/build.ts";
import { loadGraph } from "../engine/repository.ts";
import type { Label } from "../label/label.ts";
import type { OptionSupport } from "../rule/option-support.ts";
import type { RuleTarget } from "../graph/target.ts";
import { exitCodeOf } from "./build-targets.ts";
import type { BuildingCommand } from "./building-command.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { tellMistake } from "./mistakes.ts";
import { openForCommand } from "./open-for-command.ts";
import { withReporting } from "./reporting.ts";
import { choiceOf } from "./target-options.ts";

/** A target whose options were made. */
export interface OptionTarget {
  readonly label: Label;
  /** Absolute, of the workspace. */
  readonly root: string;
  /** Absolute, of what was made. */
  readonly path: string;
  readonly target: RuleTarget;
  readonly support: OptionSupport;
}

/** An exit code, where there is nothing more to do: why was told. */
export type OptionFailure = { readonly exitCode: number };

/** Makes the `group` of the one target that `pattern` names. */
export async function buildOptions(
  command: BuildingCommand,
  pattern: string,
  group: "options" | "menu",
): Promise<OptionTarget | OptionFailure> {
  const { context } = command;
  const request = command.buildRequest();
  const nothing = { platform: undefined, architecture: undefined, target: undefined };
  const result = await withReporting(command, (listen) =>
    build({ ...request, choice: choiceOf([pattern], nothing), group, listen }),
  );
  if (result.kind !== "built") return { exitCode: exitCodeOf(result) };
  const [only, ...others] = result.results;
  if (only === undefined || others.length > 0) return refuseSeveral(result, context);
  const [label, { outputs }] = only;
  const repository = await openForCommand(context, request);
  if (repository === undefined) return { exitCode: exitCodes.refused };
  const target = loadGraph(repository, request, () => undefined).targets.get(label);
  const support =
    target?.kind === "rule"
      ? repository.ruleSets.find(({ rules }) => rules.includes(target.rule))?.options
      : undefined;
  const [path] = outputs;
  if (target?.kind !== "rule" || support === undefined || path === undefined) {
    return refuse(context, "no-options", `${label} has no options`, "name an image or its .config");
  }
  return { label, root: result.root, path: join(result.root, path), target, support };
}

/** Tells why nothing is done. */
export function refuse(
  context: Pick<KraftContext, "stderr" | "host">,
  code: DiagnosticCode,
  message: string,
  help?: string,
): OptionFailure {
  const more = help === undefined ? {} : { help };
  tellMistake({ severity: "error", code, message, ...more }, context);
  return { exitCode: exitCodes.refused };
}

function refuseSeveral(
  { results }: Extract<BuildResult, { kind: "built" }>,
  context: KraftContext,
): OptionFailure {
  const labels = [...results.keys()];
  const message = `options are those of one target, and these are ${labels.length}: ${labels.join(" ")}`;
  return refuse(context, "no-options", message, "name an image, such as //apps/nginx:qemu-x86_64");
}
