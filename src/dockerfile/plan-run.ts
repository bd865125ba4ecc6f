// RUN → the program that is run, and what it sees.

import { posix } from "node:path";

import { expandWord } from "./expand.ts";
import type { MountOptions, RunInstruction } from "./instruction.ts";
import { type StageContext, textOf } from "./plan-instruction.ts";
import { treeNamed } from "./resolve.ts";
import type { RunMount } from "./step.ts";

/** Adds what `instruction` runs to its stage. */
export function planRun(instruction: RunInstruction, context: StageContext): void {
  const { state } = context;
  const mounts = instruction.mounts.map((mount) => mountOf(mount, instruction, context));
  const { argv, script } = commandLineOf(instruction, state.shell);
  const [program, ...args] = argv;
  const mistake = (message: string): void => {
    context.report({ severity: "error", code: "bad-dockerfile", message, at: instruction.at });
  };
  if (program === undefined) return mistake("RUN needs a command");
  const read = mounts.filter((mount) => mount !== undefined);
  if (read.length < mounts.length) return;
  context.add({
    kind: "run",
    text: instruction.text,
    argv: [program, ...args],
    env: state.environment,
    directory: state.directory,
    user: state.config.user,
    network: instruction.network,
    isPrivileged: instruction.isPrivileged,
    mounts: script === undefined ? read : [...read, script],
  });
}

interface CommandLine {
  readonly argv: readonly string[];
  readonly script?: RunMount;
}

/**
 * A here-document alone is the script itself, or with `#!` a program; beside a command it is left
 * to the shell. Source: Dockerfile reference, "Here-Documents".
 */
function commandLineOf(
  { command, heredocs }: RunInstruction,
  shell: readonly string[],
): CommandLine {
  if (command.kind === "exec") return { argv: command.argv };
  const [only, ...others] = heredocs;
  if (only === undefined) return { argv: [...shell, command.text] };
  const isAlone = others.length === 0 && /^\d*<<-?\s*(["']?)[^\s"'<]+\1$/.test(command.text);
  if (!isAlone) {
    const bodies = heredocs.map(({ content, name }) => `\n${content}${name}`);
    return { argv: [...shell, command.text + bodies.join("")] };
  }
  const text = textOf(only, (content) => content);
  if (!text.startsWith("#!")) return { argv: [...shell, text] };
  const target = `/dev/pipes/${only.name}`;
  return { argv: [target], script: { kind: "text", target, text } };
}

function mountOf(
  mount: MountOptions,
  instruction: RunInstruction,
  context: StageContext,
): RunMount | undefined {
  const { state, report } = context;
  const options = new Map(
    [...mount.options].map(([name, value]) => [
      name,
      expandWord(value, state.lookup, instruction.escape),
    ]),
  );
  const given = options.get("target") ?? options.get("dst") ?? options.get("destination");
  const target = given === undefined ? undefined : posix.resolve(state.directory, given);
  const mistake = (message: string): undefined => {
    report({ severity: "error", code: "bad-dockerfile", message, at: mount.at });
  };
  if (target === "/") return mistake("a mount cannot take the place of the root");
  const read = { options, target };
  switch (mount.type) {
    case "bind":
      if (target === undefined) return mistake("a bind mount needs its target");
      return bindOf({ options, target }, context);
    case "cache":
      if (target === undefined) return mistake("a cache mount needs its target");
      return cacheOf({ options, target }, context);
    case "tmpfs": {
      if (target === undefined) return mistake("a tmpfs mount needs its target");
      const size = options.get("size");
      const sizeBytes = size === undefined ? undefined : bytesOf(size);
      return { kind: "tmpfs", target, ...(sizeBytes !== undefined && { sizeBytes }) };
    }
    case "secret":
      if (!/^[A-Za-z_]\w*$/.test(options.get("env") ?? "_"))
        return mistake("env= of a secret is the name of a variable");
      return secretOf(read) ?? mistake("a secret needs its id, or its target");
    case "ssh": {
      const id = options.get("id") ?? "default";
      const isRequired = isOn(options.get("required"));
      return { kind: "ssh", id, target: target ?? "/run/buildkit/ssh_agent.0", isRequired };
    }
  }
}

interface ReadMount {
  readonly options: ReadonlyMap<string, string>;
  readonly target: string;
}

function bindOf({ options, target }: ReadMount, { resolved, number }: StageContext): RunMount {
  const from = options.get("from");
  const { stages } = resolved.dockerfile;
  const tree =
    from === undefined ? ({ kind: "context" } as const) : treeNamed(from, stages, number);
  const source = posix.join("/", options.get("source") ?? options.get("src") ?? "/");
  const isWritable = isOn(options.get("rw") ?? options.get("readwrite"));
  return { kind: "bind", target, tree, source, isWritable };
}

function cacheOf({ options, target }: ReadMount, { resolved, number }: StageContext): RunMount {
  const from = options.get("from");
  const source = posix.join("/", options.get("source") ?? options.get("src") ?? "/");
  // As for BuildKit, a directory with a mode or an owner of its own is a new one.
  const isOwn = source === "/" && ["mode", "uid", "gid"].some((name) => options.has(name));
  const { stages } = resolved.dockerfile;
  const written = options.get("sharing");
  const sharing = written === "private" || written === "locked" ? written : "shared";
  return {
    kind: "cache",
    target,
    id: options.get("id") ?? target,
    sharing,
    mode: options.get("mode") ?? "0755",
    uid: Number(options.get("uid") ?? 0),
    gid: Number(options.get("gid") ?? 0),
    isWritable: !isOn(options.get("ro") ?? options.get("readonly")),
    ...(from !== undefined &&
      !isOwn && { base: { tree: treeNamed(from, stages, number), source } }),
  };
}

function secretOf({
  options,
  target,
}: Omit<ReadMount, "target"> & { readonly target: string | undefined }): RunMount | undefined {
  const variable = options.get("env");
  const given = options.get("id") ?? options.get("source") ?? options.get("src");
  const id = given ?? (target === undefined ? undefined : posix.basename(target));
  if (id === undefined) return undefined;
  const place = target ?? (variable === undefined ? `/run/secrets/${id}` : undefined);
  return {
    kind: "secret",
    id,
    mode: options.get("mode") ?? "0400",
    uid: Number(options.get("uid") ?? 0),
    gid: Number(options.get("gid") ?? 0),
    isRequired: isOn(options.get("required")),
    ...(place !== undefined && { target: place }),
    ...(variable !== undefined && { variable }),
  };
}

/** An option alone is `true`. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !["false", "0"].includes(value.toLowerCase());
}

/** A size such as `64m`; undefined, and so without a limit, when it is none. */
function bytesOf(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+)([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const power = unit === "" ? 0 : "kmgt".indexOf(unit.toLowerCase()) + 1;
  return Number(amount) * 1024 ** power;
}
