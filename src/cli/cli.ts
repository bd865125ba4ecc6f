// The command line: words → a command → an exit code. Knows no process and no build.

import type { CommandClass } from "clipanion";

import { nearestName } from "../diagnostic/suggest.ts";
import { StoreError } from "../store/store-error.ts";
import { buildTargets } from "./build-targets.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { plainBuildOf } from "./plain-build.ts";

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
  try {
    return await runCommand(before, { ...context, afterDashes });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    context.stderr.write(`error: ${error.message}\n`);
    return exitCodes.failed;
  }
}

async function runCommand(words: string[], context: KraftContext): Promise<number> {
  const [name, ...others] = words;
  if (name === "--version" || name === "-v") {
    context.stdout.write(`${context.engine.version}\n`);
    return exitCodes.ok;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const asked = commandIn(others);
    if (asked !== undefined) return runWords(await asked(), [...others, "--help"], context);
    const all = await Promise.all([...commands.values()].map((load) => load()));
    const { generalHelp } = await import("./help.ts");
    context.stdout.write(generalHelp(all));
    return exitCodes.ok;
  }
  if (name === "completion") {
    const { printCompletion } = await import("./completion.ts");
    return printCompletion(words[1], commands, context);
  }
  const plain = plainBuildOf(words, context);
  if (plain !== undefined) return buildTargets(plain.request, plain.reporting);
  const load = commandIn(words);
  if (load !== undefined) return runWords(await load(), words, context);
  const nearest = nearestName(name, commands.keys());
  const help = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  context.stderr.write(`error: there is no command "${name}"${help}\n${seeHelp}\n`);
  return exitCodes.refused;
}

async function runWords(
  command: CommandClass<KraftContext>,
  words: string[],
  context: KraftContext,
): Promise<number> {
  const { runWithOptions } = await import("./run-with-options.ts");
  return runWithOptions(command, words, context);
}

/** The command that `words` begin with; undefined when there is none. */
function commandIn([first = "", second = ""]: readonly string[]) {
  return commands.get(`${first} ${second}`) ?? commands.get(first);
}

const seeHelp = "kraft-graph --help lists all commands";
