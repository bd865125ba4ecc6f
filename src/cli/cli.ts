// The command line: words → a command → an exit code. Knows no process and no build.

import { Cli, type CommandClass } from "clipanion";

import { nearestName } from "../diagnostic/suggest.ts";
import { StoreError } from "../store/store-error.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { generalHelp, helpFor } from "./help.ts";
import { type OptionNames, optionNamesOf, withValuesApart } from "./option-names.ts";

/** Every command by its words, at most two; one is loaded when it is used, all only to list them. */
export const commands = new Map<string, () => Promise<CommandClass<KraftContext>>>([
  ["build", async () => (await import("./build-command.ts")).BuildCommand],
  ["run", async () => (await import("./run-command.ts")).RunCommand],
  ["watch", async () => (await import("./watch-command.ts")).WatchCommand],
  ["query", async () => (await import("./query-command.ts")).QueryCommand],
  ["why", async () => (await import("./why-command.ts")).WhyCommand],
  ["ui", async () => (await import("./ui-command.ts")).UiCommand],
  ["config", async () => (await import("./config-command.ts")).ConfigCommand],
  ["menuconfig", async () => (await import("./menuconfig-command.ts")).MenuconfigCommand],
  ["rootfs", async () => (await import("./rootfs-command.ts")).RootfsCommand],
  ["lock", async () => (await import("./lock-command.ts")).LockCommand],
  ["vendor", async () => (await import("./vendor-command.ts")).VendorCommand],
  ["pkg", async () => (await import("./pkg-command.ts")).PkgCommand],
  ["login", async () => (await import("./login-command.ts")).LoginCommand],
  ["logout", async () => (await import("./logout-command.ts")).LogoutCommand],
  ["init", async () => (await import("./init-command.ts")).InitCommand],
  ["doctor", async () => (await import("./doctor-command.ts")).DoctorCommand],
  ["info", async () => (await import("./info-command.ts")).InfoCommand],
  ["clean", async () => (await import("./clean-command.ts")).CleanCommand],
  ["cache", async () => (await import("./cache-command.ts")).CacheCommand],
  ["cache verify", async () => (await import("./cache-verify-command.ts")).CacheVerifyCommand],
  ["cache why-miss", async () => (await import("./cache-why-miss-command.ts")).CacheWhyMissCommand],
  ["cache serve", async () => (await import("./cache-serve-command.ts")).CacheServeCommand],
]);

/** Carries out what `words`, without the program's name, say; gives the exit code. */
export async function runCommandLine(
  words: readonly string[],
  context: Omit<KraftContext, "afterDashes">,
): Promise<number> {
  const dashes = words.indexOf("--");
  const before = dashes < 0 ? [...words] : words.slice(0, dashes);
  const afterDashes = dashes < 0 ? [] : words.slice(dashes + 1);
  const [name] = before;
  if (name === "--version" || name === "-v") {
    context.stdout.write(`${context.engine.version}\n`);
    return exitCodes.ok;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const asked = commandIn(before.slice(1));
    if (asked !== undefined) {
      const words = [...before.slice(1), "--help"];
      return runCommand(await asked(), words, { ...context, afterDashes });
    }
    const all = await Promise.all([...commands.values()].map((load) => load()));
    context.stdout.write(generalHelp(all));
    return exitCodes.ok;
  }
  if (name === "completion") {
    const { printCompletion } = await import("./completion.ts");
    return printCompletion(before[1], commands, { ...context, afterDashes });
  }
  const load = commandIn(before);
  if (load !== undefined) return runCommand(await load(), before, { ...context, afterDashes });
  const nearest = nearestName(name, commands.keys());
  const help = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  context.stderr.write(`error: there is no command "${name}"${help}\n${seeHelp}\n`);
  return exitCodes.refused;
}

/** The command that `words` begin with; undefined when there is none. */
function commandIn([first = "", second = ""]: readonly string[]) {
  return commands.get(`${first} ${second}`) ?? commands.get(first);
}

const seeHelp = "kraft-graph --help lists all commands";

async function runCommand(
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
    if (error instanceof StoreError) {
      context.stderr.write(`error: ${error.message}\n`);
      return exitCodes.failed;
    }
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
