// Words of one command → the fields of its class, by clipanion. Knows no command.

import { Cli, type CommandClass } from "clipanion";

import { nearestName } from "../diagnostic/suggest.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { helpFor } from "./help.ts";
import { type OptionNames, optionNamesOf, withValuesApart } from "./option-names.ts";

/** Carries out `command` as `words` say, which begin with its own; gives the exit code. */
export async function runWithOptions(
  command: CommandClass<KraftContext>,
  words: string[],
  context: KraftContext,
): Promise<number> {
  const cli = new Cli<KraftContext>({
    binaryName: "kraft-graph",
    binaryLabel: "kraft-graph",
    binaryVersion: context.engine.version,
    enableColors: context.hasColor,
  });
  cli.register(command);
  const options = optionNamesOf(cli);
  if (words.includes("--help") || words.includes("-h")) {
    context.stdout.write(helpFor(command, cli));
    return exitCodes.ok;
  }
  try {
    // Not by clipanion's `run`, which prints defects of ours, and mistakes, to standard output.
    const processed = cli.process(withValuesApart(words, options), context);
    processed.context = context;
    return await processed.validateAndExecute();
  } catch (error) {
    if (!isUsageError(error)) throw error;
    context.stderr.write(`${usageMessage(error, words, options)}\n`);
    return exitCodes.refused;
  }
}

/** Clipanion's own, which its `run` would print to the standard output. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && "clipanion" in error;
}

/** The first line of `error`: behind it clipanion repeats the usage of the command. */
function usageMessage(error: Error, [name = ""]: readonly string[], { all }: OptionNames): string {
  const [headline = ""] = error.message.split("\n");
  const reason = headline.charAt(0).toLowerCase() + headline.slice(1).replace(/\.$/, "");
  const unknown = /^unsupported option name \("(.*)"\)$/.exec(reason)?.[1];
  const nearest = unknown === undefined ? undefined : nearestName(unknown, all);
  const help = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  // Each command is the only one of its parser, so it is no command that was not found.
  const isSurplus = reason.startsWith("command not found");
  const message = isSurplus ? "these are too many arguments" : `${reason}${help}`;
  return `error: ${message}\nkraft-graph ${name} --help lists its options`;
}
