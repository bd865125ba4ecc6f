// Images → containers that urunc boots, by nerdctl.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { BuildResult } from "../engine/build.ts";
import { treeOfDirectory } from "../format/directory-tree.ts";
import { writePieces } from "../format/file-content.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import { FormatError } from "../format/format-error.ts";
import { packTar } from "../format/tar-writer.ts";
import { environmentOf } from "../machine/environment.ts";
import { outcomeOf } from "../machine/monitor-outcome.ts";
import { runMonitor } from "../machine/monitor-process.ts";
import { problemOf } from "../machine/outcome.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { findProgram } from "../sandbox/program-file.ts";
import { exitCodeOf } from "./boot-image.ts";
import { builtImages } from "./built-images.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { isWithoutNetwork } from "./image-network.ts";
import type { MachineOptions } from "./machine-options.ts";
import { layOut } from "./pkg-export.ts";

type Options = Extract<MachineOptions, { kind: "options" }>;

/** Hands the one image of `built` to containerd, and waits for its end; gives the exit code. */
export async function runInContainerd(
  built: Extract<BuildResult, { kind: "built" }>,
  options: Options,
  context: KraftContext,
): Promise<number> {
  const { stderr, signal } = context;
  const reasons = [...missingPrograms(context), ...unknownToUrunc(options)];
  if (reasons.length > 0) return refuse(reasons, context);
  const directory = mkdtempSync(join(built.root, ".kraft", "kraft-container-"));
  try {
    const temporaryPath = () => join(directory, "made");
    const images = await builtImages(built, { as: "urunc" }, { temporaryPath, signal });
    const [image, ...others] = images;
    if (image === undefined || others.length > 0) {
      const labels = [...built.results.keys()].join(" ");
      return refuse(
        [`one image can be run at a time, and ${labels} gives ${images.length}`],
        context,
      );
    }
    return await start(image, { directory, options, context });
  } catch (error) {
    if (!(error instanceof FormatError) && !(error instanceof FetchError)) throw error;
    stderr.write(`error: ${error.message}\n`);
    return exitCodes.failed;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Place {
  readonly directory: string;
  readonly options: Options;
  readonly context: KraftContext;
}

async function start(image: StoredImage, { directory, options, context }: Place): Promise<number> {
  const { host, stdout, stderr, signal, afterDashes } = context;
  const name = `docker.io/kraft-graph/${containerName(image.reference)}:latest`;
  const layout = join(directory, "layout");
  const archive = join(directory, "image.tar");
  mkdirSync(join(layout, "blobs/sha256"), { recursive: true });
  const names = { "io.containerd.image.name": name };
  await layOut(image, { directory: layout, isOwn: true, names });
  const scratch = mkdtempSync(join(directory, "layers-"));
  const { architecture } = host;
  const isAlone = await isWithoutNetwork({ layout, architecture, scratch }, signal);
  if (isAlone && options.ports.length > 0) {
    return refuse(["no port can lead to a kernel that declares no network"], context);
  }
  await writePieces(
    archive,
    packTar(treeOfDirectory(layout), { mtime: 0, owners: "root" }),
    signal,
  );
  const nerdctl = programAt("nerdctl", context) ?? "nerdctl";
  const monitor = { program: "nerdctl", control: "none", givesGuestStatus: true } as const;
  const run = async (args: readonly string[], out: typeof stdout, limits: Partial<Options>) => {
    const command = {
      argv: [nerdctl, ...args],
      workingDirectory: directory,
      env: host.env,
    } as const;
    const { expect, timeoutMs } = limits;
    const watch = {
      ...(expect !== undefined && { expect }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    };
    const end = await runMonitor(
      { ...command, control: "none" },
      { ...watch, signal, kill: host.kill, stdout: out },
    );
    return outcomeOf(end, { monitor, expect, timeoutMs });
  };
  const loaded = await run(["load", "--input", archive], stderr, {});
  const isLoaded = problemOf(loaded) === undefined && loaded.kind === "exited";
  const outcome = isLoaded
    ? await run(runArguments(name, options, { host, afterDashes, isAlone }), stdout, options)
    : loaded;
  const problem = problemOf(outcome);
  if (problem !== undefined) stderr.write(`error: ${problem}\n`);
  return exitCodeOf(outcome);
}

interface Attachment {
  /** Whether the kernel could not start with a network. */
  readonly isAlone: boolean;
}

/** Source: nerdctl, docs/command-reference.md; urunc, docs/quickstart.md. */
function runArguments(
  name: string,
  { memoryBytes, ports, env }: Options,
  { host, afterDashes, isAlone }: Pick<KraftContext, "host" | "afterDashes"> & Attachment,
): readonly string[] {
  return [
    "run",
    "--rm",
    "--pull=never",
    "--runtime=io.containerd.urunc.v2",
    ...(isAlone ? ["--network=none"] : []),
    ...(memoryBytes === undefined ? [] : [`--memory=${memoryBytes}`]),
    ...ports.map(({ protocol, hostAddress, hostPort, guestPort }) => {
      const address = hostAddress === undefined ? "" : `${hostAddress}:`;
      return `--publish=${address}${hostPort}:${guestPort}/${protocol}`;
    }),
    ...environmentOf(env, host.env).map((one) => `--env=${one}`),
    name,
    ...afterDashes,
  ];
}

/** What images may be called. */
function containerName(reference: string): string {
  return (
    reference
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "image"
  );
}

const programs = ["nerdctl", "urunc", "containerd-shim-urunc-v2"] as const;

function missingPrograms(context: KraftContext): string[] {
  const missing = programs.filter((name) => programAt(name, context) === undefined);
  if (missing.length === 0) return [];
  const verb = missing.length === 1 ? "is" : "are";
  return [
    `${missing.join(", ")} ${verb} not installed: it takes nerdctl (https://github.com/containerd/nerdctl) ` +
      "and urunc with its shim (https://github.com/urunc-dev/urunc) on the PATH",
  ];
}

function programAt(name: string, { host }: Pick<KraftContext, "host">): string | undefined {
  return findProgram(name, host.env["PATH"] ?? "", host.workingDirectory);
}

/** What urunc decides itself. */
function unknownToUrunc({ kernelArgs, devices, acceleration }: Options): string[] {
  const hasDevices = Object.keys({ ...devices.block, ...devices.net }).length > 0;
  return [
    ...(kernelArgs.length > 0 ? ["urunc gives kernels their parameters itself"] : []),
    ...(hasDevices ? ["urunc attaches devices itself, by the annotations of the image"] : []),
    ...(acceleration === "emulation" ? ["urunc chooses itself whether to emulate"] : []),
  ];
}

function refuse(reasons: readonly string[], { stderr }: Pick<KraftContext, "stderr">): number {
  for (const reason of reasons) stderr.write(`error: ${reason}\n`);
  return exitCodes.refused;
}
