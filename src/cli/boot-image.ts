import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { startOfImages } from "../dockerfile/image-config.ts";
import type { BuildResult } from "../engine/build.ts";
import { KvmProbe } from "../machine/kvm-probe.ts";
import { type RunOptions, runMachine } from "../machine/machine.ts";
import { type MachineOutcome, problemOf } from "../machine/outcome.ts";
import type { MachineSpec } from "../rule/rule.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { tellMistake } from "./mistakes.ts";
import type { MachineOptions } from "./machine-options.ts";

/** Boots the one image of `built`, and waits for its end; gives the exit code. */
export async function bootImage(
  { root, results }: Extract<BuildResult, { kind: "built" }>,
  options: Extract<MachineOptions, { kind: "options" }>,
  context: KraftContext,
): Promise<number> {
  const spec = specOf(results, context);
  if (spec === undefined) return exitCodes.refused;
  const place = { temporaryDirectory: join(root, ".kraft"), locate: atRoot(root) };
  return bootMachine(completed(spec, root), place, { options, context });
}

function atRoot(root: string): (path: string) => string {
  return (path) => join(root, path);
}

/** Boots `spec`, whose files are where `place` says, and waits for its end; gives the exit code. */
export async function bootMachine(
  spec: MachineSpec,
  place: Pick<RunOptions, "temporaryDirectory" | "locate">,
  {
    options,
    context,
  }: {
    readonly options: Extract<MachineOptions, { kind: "options" }>;
    readonly context: KraftContext;
  },
): Promise<number> {
  const { host, stdout, stderr, signal, afterDashes } = context;
  const { kind: _, ...settings } = options;
  const outcome = await runMachine(
    { ...spec, args: afterDashes.length > 0 ? afterDashes : spec.args },
    {
      ...settings,
      ...place,
      host,
      kvm: new KvmProbe({ host }),
      stdout,
      signal,
      started: ({ acceleration, warnings }) => {
        for (const warning of warnings) stderr.write(`warning: ${warning}\n`);
        if (acceleration.kind === "emulation") {
          stderr.write(`note: the CPU is emulated: ${acceleration.reason}\n`);
        }
      },
    },
  );
  const problem = problemOf(outcome);
  if (problem !== undefined) stderr.write(`error: ${problem}\n`);
  return exitCodeOf(outcome);
}

/** `spec` with what its images say of arguments and variables, and with the initrd that there is. */
export function completed(spec: MachineSpec, root: string): MachineSpec {
  const { images = [], initrd, ...rest } = spec;
  const isThere = initrd !== undefined && statSync(join(root, initrd)).size > 0;
  const starting = images.map(({ config, givesArgs }) => ({
    text: readFileSync(join(root, config), "utf8"),
    givesArgs,
  }));
  return { ...rest, ...(isThere && { initrd }), ...startOfImages(starting, spec) };
}

function specOf(
  results: Extract<BuildResult, { kind: "built" }>["results"],
  context: KraftContext,
): MachineSpec | undefined {
  const labels = [...results.keys()];
  const bootable = labels.filter((label) => results.get(label)?.machine !== undefined);
  const [only, ...others] = bootable;
  if (only !== undefined && others.length === 0) return results.get(only)?.machine;
  const message =
    only === undefined
      ? `${labels.join(" ")} cannot be booted`
      : `only one image can be booted at a time, and these are ${bootable.length}: ${bootable.join(" ")}`;
  const help = "name an image, such as //apps/nginx:qemu-x86_64";
  tellMistake({ severity: "error", code: "not-runnable", message, help }, context);
  return undefined;
}

/** The guest's own code where it gave one: a test that runs as a unikernel says so by it. */
export function exitCodeOf(outcome: MachineOutcome): number {
  if (outcome.kind === "stopped") return exitCodes.interrupted;
  if (outcome.kind === "missing-program" || outcome.kind === "refused") return exitCodes.refused;
  if (outcome.kind === "exited" && outcome.ending.kind === "code") {
    const { code } = outcome.ending;
    if (outcome.awaited === undefined || code !== 0) return Math.min(Math.max(code, 0), 255);
  }
  return problemOf(outcome) === undefined ? exitCodes.ok : exitCodes.failed;
}
