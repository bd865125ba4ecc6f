// Whether what a rule gives is an action: rules may be anybody's, and of no compiler.

import type { Action } from "../action/action.ts";

/** What is wrong with the form of `action`, to stand behind its name; undefined when nothing is. */
export function faultOfAction(action: Action): string | undefined {
  const { mnemonic, inputs, outputs }: Partial<Action> = action;
  if (typeof mnemonic !== "string") return "without a `mnemonic`";
  if (!isTexts(inputs)) return "whose `inputs` is no list of paths";
  if (!isTexts(outputs) || outputs.length === 0) return "whose `outputs` is no list of paths";
  switch (action.kind) {
    case "command":
      if (!isTexts(action.argv) || action.argv.length === 0)
        return "whose `argv` is no list of texts";
      if (!isTextMap(action.env)) return "whose `env` is no map of texts";
      return isTexts(action.tools) ? undefined : "whose `tools` is no list of texts";
    case "program":
      if (typeof action.program !== "string") return "without a `program`";
      if (typeof action.version !== "number") return "without a `version`";
      return isTexts(action.args) ? undefined : "whose `args` is no list of texts";
    case "write":
      return typeof action.text === "string" ? undefined : "whose `text` is no text";
    case "fetch":
      return typeof action.source === "object" ? undefined : "without a `source`";
    case "compile":
      return isTexts(action.preprocess) ? undefined : "whose `preprocess` is no list of texts";
    default:
      return `of the kind ${JSON.stringify((action as Partial<Action>).kind) ?? "undefined"}, which there is not`;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isTextMap(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((one) => typeof one === "string");
}
