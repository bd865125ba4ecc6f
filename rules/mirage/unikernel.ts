import {
  type ExecPath,
  type RuleContext,
  type TargetResult,
  type Values,
  attribute,
  defineRule,
  optional,
  partsOf,
  withHostArchitecture,
} from "../../src/index.ts";
import { type MirageTarget, mirageTargets } from "./mirage-target.ts";
import { type DuniverseRequest, duniverseProgram } from "./program/duniverse.ts";
import { buildScript, configureScript, lockScript, notBuilt } from "./scripts.ts";

const attributes = {
  /** As `mirage configure --target` takes it. */
  target: attribute.oneOf(...mirageTargets.map(({ name }) => name)),
  /** Files of the package that `config.ml` reads, other modules among them. */
  configures: optional(attribute.labels, []),
  /** For `mirage configure`, such as `--no-dhcp`. */
  configure: optional(attribute.strings, []),
  /** What opam-monorepo has chosen, `*.opam.locked`; absent: it chooses, with a network. */
  lock: optional(attribute.label, undefined),
  /** Of opam packages, for that choice: `git+https://…#commit` and the like; absent: opam's own. */
  repository: optional(attribute.string, ""),
  /** Arguments of the unikernel when it is run. */
  args: optional(attribute.strings, []),
  /** Of the machine it is built on, which it is built for; absent: that one's. */
  architecture: optional(attribute.oneOf("x86_64", "arm64"), undefined),
} as const;

type Context = RuleContext<Values<typeof attributes>>;

/** A unikernel, from configuring a copy of its package to the file that boots. */
export const unikernel = defineRule({
  name: "mirage",
  description: "a MirageOS unikernel, configured for one target",
  attributes,
  expand: withHostArchitecture,
  analyze: (context): TargetResult => {
    const { attributes: given, label, output } = context;
    const target = mirageTargets.find(({ name }) => name === given.target);
    if (target === undefined) return { outputs: [] };
    const { packagePath, name } = partsOf(label);
    const base = packagePath.split("/").at(-1) || name;
    const kernel = output(target.extension === "" ? base : `${base}.${target.extension}`);
    const configured = configure(context);
    const lock = lockOf(configured, context);
    const steps = output("steps.json");
    const request: DuniverseRequest = {
      into: output("duniverse"),
      build: buildAction({ kernel, configured, lock, target }, context),
    };
    context.action({
      kind: "program",
      mnemonic: "MiragePlan",
      program: "mirage/duniverse",
      version: duniverseProgram.version,
      args: [steps, lock, JSON.stringify(request)],
      inputs: [lock],
      outputs: [steps],
      yields: steps,
    });
    return { outputs: [kernel], ...machineOf(kernel, base, target, context) };
  },
});

/** The directory with what `mirage configure` writes: the sources do not change it, nor it them. */
function configure({ attributes: given, action, output, source, dependency }: Context): ExecPath {
  const configured = output("configured");
  const config = source("config.ml");
  const others = given.configures.flatMap((one) => dependency(one).outputs);
  const files = [...new Set([config, ...others])];
  const words = ["--target", given.target, ...given.configure];
  action({
    kind: "command",
    mnemonic: "MirageConfigure",
    argv: [
      "sh",
      "-ec",
      configureScript,
      "mirage",
      configured,
      source("."),
      ...files,
      "--",
      ...words,
    ],
    env: { DUNE_CACHE: "disabled" },
    inputs: files,
    outputs: [configured],
    tools: ["mirage", "dune", "ocamlfind"],
  });
  return configured;
}

function lockOf(configured: ExecPath, { attributes: given, dependency, action, output }: Context) {
  const [pinned] = given.lock === undefined ? [] : dependency(given.lock).outputs;
  if (pinned !== undefined) return pinned;
  const lock = output("opam.locked");
  action({
    kind: "command",
    mnemonic: "MirageLock",
    argv: ["sh", "-ec", lockScript, "mirage", lock, configured, given.repository],
    env: {},
    inputs: [configured],
    outputs: [lock],
    tools: ["opam", "opam-monorepo", "ocamlc", "make"],
    network: true,
  });
  return lock;
}

function buildAction(
  {
    kernel,
    configured,
    lock,
    target,
  }: { kernel: ExecPath; configured: ExecPath; lock: ExecPath; target: MirageTarget },
  { source, attributes: given }: Context,
): DuniverseRequest["build"] {
  const cpu = given.architecture === "arm64" ? "aarch64" : "x86_64";
  const toolchain = target.isSolo5 ? `${cpu}-solo5-none-static` : undefined;
  const strip = toolchain === undefined ? "" : `${toolchain}-objcopy`;
  const directory = source(".");
  return {
    kind: "command",
    mnemonic: "MirageBuild",
    argv: [
      "sh",
      "-ec",
      buildScript,
      "mirage",
      kernel,
      directory,
      configured,
      target.extension,
      strip,
    ],
    env: { DUNE_CACHE: "disabled" },
    inputs: [directory, configured, lock],
    without: { [directory]: notBuilt },
    outputs: [kernel],
    tools: [
      "dune",
      "ocamlfind",
      "ocamlc",
      "tar",
      ...(toolchain === undefined ? [] : [`${toolchain}-cc?`, `${strip}?`]),
    ],
  };
}

function machineOf(
  kernel: ExecPath,
  name: string,
  { platform }: MirageTarget,
  { attributes: { args, architecture } }: Context,
): Pick<TargetResult, "machine"> {
  if (platform === undefined || architecture === undefined) return {};
  const machine = { platform, architecture, kernel, name, args, env: [] };
  // For a process of the machine itself, there is nothing to boot.
  return { machine: platform === "unix" ? { ...machine, monitor: { args: ["{args}"] } } : machine };
}
