// What `--help` prints. Clipanion's own list shows every option of every command at once.

import type { Cli, CommandClass } from "clipanion";

import type { KraftContext } from "./context.ts";

/** All commands, a line each. */
export function generalHelp(commands: readonly CommandClass<KraftContext>[]): string {
  const rows = commands.map(({ paths = [], usage }) => ({
    name: paths[0]?.join(" ") ?? "",
    description: usage?.description ?? "",
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    "kraft-graph builds, packages and boots unikernels: a build graph over Kraftfiles.",
    "",
    "Usage: kraft-graph COMMAND [OPTION…]",
    "",
    ...rows.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`),
    "",
    "kraft-graph COMMAND --help tells more about a command; --version prints the version.",
    "kraft-graph completion bash, zsh or fish prints a script for that shell.",
    "",
  ].join("\n");
}

/** All about one command. */
export function helpFor(command: CommandClass<KraftContext>, cli: Cli<KraftContext>): string {
  const text = cli.usage(command, { detailed: true });
  const named = withValueNames(text);
  const lines = named.split("\n").map((line) => /^ {2}(-\S.*?) {2,}(\S.*)$/.exec(line) ?? line);
  const names = lines.flatMap((line) => (typeof line === "string" ? [] : [line[1] ?? ""]));
  const width = Math.max(0, ...names.map((name) => name.length));
  return lines
    .map((line) =>
      typeof line === "string"
        ? line.trimEnd()
        : `  ${(line[1] ?? "").padEnd(width)}  ${line[2] ?? ""}`,
    )
    .join("\n");
}

/** `text` with names for the values of options, which clipanion numbers, as it knows none. */
export function withValueNames(text: string): string {
  return text.replaceAll(/(--[a-z-]+) #0/g, (_, option: string) => {
    return `${option} ${valueNames.get(option) ?? "VALUE"}`;
  });
}

const valueNames: ReadonlyMap<string, string> = new Map([
  ["--arch", "ARCH"],
  ["--block", "NAME=FILE"],
  ["--build-arg", "NAME=VALUE"],
  ["--build-secret", "id=ID,src=PATH|env=NAME"],
  ["--build-target", "STAGE"],
  ["--color", "WHEN"],
  ["--config", "NAME"],
  ["--dockerfile", "WHAT"],
  ["--download", "WHAT"],
  ["--env", "NAME=VALUE"],
  ["--events", "FILE"],
  ["--expect", "TEXT"],
  ["--http", "HOST:PORT"],
  ["--jobs", "N"],
  ["--kernel-arg", "ARG"],
  ["--kraftfile", "FILE"],
  ["--listen", "HOST:PORT"],
  ["--max-age", "TIME"],
  ["--max-size", "SIZE"],
  ["--memory", "SIZE"],
  ["--net", "NAME=INTERFACE"],
  ["--output", "FORM"],
  ["--plat", "PLATFORM"],
  ["--port", "HOST:GUEST"],
  ["--profile", "FILE"],
  ["--query-file", "FILE"],
  ["--remote-cache", "ADDRESS"],
  ["--remote-executor", "ADDRESS"],
  ["--remote-header", "NAME=VALUE"],
  ["--remote-header-helper", "PROGRAM"],
  ["--remote-instance-name", "NAME"],
  ["--remote-scope", "NAME"],
  ["--remote-sign-key", "FILE"],
  ["--remote-timeout", "TIME"],
  ["--remote-trust-key", "FILE"],
  ["--remote-upload", "WHEN"],
  ["--compress", "KIND"],
  ["--runtime", "WHAT"],
  ["--sample", "PERCENT"],
  ["--sandbox", "KIND"],
  ["--strategy", "WHERE"],
  ["--target", "NAME"],
  ["--target-pattern-file", "FILE"],
  ["--template", "NAME"],
  ["--timeout", "SECONDS"],
  ["--tls-certificate", "FILE"],
  ["--tls-key", "FILE"],
  ["--token-file", "FILE"],
  ["--verify", "PERCENT"],
]);
