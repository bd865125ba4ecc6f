// The one root file system that a command is about. Knows no form of an answer.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { Span } from "../diagnostic/diagnostic.ts";
import { beforePathOf } from "../engine/before.ts";
import { build } from "../engine/build.ts";
import { decompressFor } from "../engine/program-archives.ts";
import { loadGraph } from "../engine/repository.ts";
import { FormatError } from "../format/format-error.ts";
import type { FileTree } from "../format/file-tree.ts";
import { openTree, treeKindOf } from "../format/open-tree.ts";
import { type Label, partsOf } from "../label/label.ts";
import { ProgramError } from "../rule/program.ts";
import { exitCodeOf } from "./build-targets.ts";
import type { BuildingCommand } from "./building-command.ts";
import { openForCommand } from "./open-for-command.ts";
import { type OptionFailure, refuse } from "./option-target.ts";
import { withReporting } from "./reporting.ts";
import { choiceOf } from "./target-options.ts";
import { tellMistake } from "./mistakes.ts";

/** A root file system that was built. */
export interface BuiltRootfs {
  readonly label: Label;
  /** Absolute. */
  readonly path: string;
  readonly root: string;
  /** What it was before the build that last changed it; absent: none did. */
  readonly before?: string;
}

/** Builds the one target that `pattern` names, and finds the root file system among its outputs. */
export async function buildRootfs(
  command: BuildingCommand,
  pattern: string,
): Promise<BuiltRootfs | OptionFailure> {
  const request = command.buildRequest();
  const nothing = { platform: undefined, architecture: undefined, target: undefined };
  const result = await withReporting(command, (listen) =>
    build({ ...request, choice: choiceOf([pattern], nothing), listen }),
  );
  if (result.kind !== "built") return { exitCode: exitCodeOf(result) };
  const [only, ...others] = result.results;
  const { context } = command;
  if (only === undefined || others.length > 0) {
    const labels = [...result.results.keys()].join(" ");
    return refuse(context, "no-rootfs", `these are several targets: ${labels}`, "name one of them");
  }
  const [label, { outputs }] = only;
  const kinds = outputs.map((path) => ({ path, kind: treeKindOf(join(result.root, path)) }));
  const found = kinds.find(({ kind }) => readableKinds.has(kind));
  if (found !== undefined) return builtAt(label, found.path, result.root);
  const image = kinds.find(({ kind }) => kind !== "other");
  if (image !== undefined) {
    const message = `${label} makes a file system of ${image.kind}, which only a kernel can look into`;
    return refuse(context, "no-rootfs", message, "make it a `tar`, and look into that");
  }
  const help = "name an image, or its root file system, such as //apps/nginx:rootfs-x86_64";
  return refuse(context, "no-rootfs", `${label} has no root file system`, help);
}

function builtAt(label: Label, path: ExecPath, root: string): BuiltRootfs {
  const kept = beforePathOf(path);
  const before = kept === undefined ? undefined : join(root, kept);
  const isKept = before !== undefined && existsSync(before);
  return { label, path: join(root, path), root, ...(isKept && { before }) };
}

const readableKinds: ReadonlySet<string> = new Set([
  "directory",
  "layout",
  "cpio",
  "tar",
  "compressed",
]);

/** What `use` makes of the tree at the absolute `path`; an exit code where that cannot be read. */
export async function withTree<T>(
  command: BuildingCommand,
  { path, name }: { readonly path: string; readonly name: string },
  use: (tree: FileTree) => T | Promise<T>,
): Promise<T | OptionFailure> {
  const { host, signal } = command.context;
  const spool = mkdtempSync(join(host.env["TMPDIR"] ?? "/tmp", "kraft-graph-rootfs-"));
  try {
    const { tree, close } = await openTree(path, {
      name,
      architecture: host.architecture === "arm64" ? "arm64" : "x86_64",
      spool: join(spool, "plain"),
      decompress: (file, into) => decompressFor(file, into, signal),
      signal,
    });
    try {
      return await use(tree);
    } finally {
      close();
    }
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof ProgramError)) throw error;
    return refuse(command.context, "no-rootfs", error.message);
  } finally {
    rmSync(spool, { recursive: true, force: true });
  }
}

/** Where the target `label`, or what it has its root file system from, is stated. */
export async function placeOf(command: BuildingCommand, label: Label): Promise<Span | undefined> {
  const request = command.buildRequest();
  const repository = await openForCommand(command.context, request);
  if (repository === undefined) return undefined;
  const { targets } = loadGraph(repository, request, () => undefined);
  const target = targets.get(label);
  if (target?.kind !== "rule") return undefined;
  const isRootfs = (one: Label): boolean => partsOf(one).name.startsWith("rootfs");
  const own = target.dependencies.find(isRootfs);
  const source = own === undefined ? target : targets.get(own);
  return source?.kind === "rule" ? source.at : target.at;
}

/** Tells of what programs of `rootfs` lack, at the line that says what it is made from. */
export function warnOf(
  { context }: Pick<BuildingCommand, "context">,
  at: Span | undefined,
  messages: readonly string[],
): void {
  const code = "missing-library";
  const help = "copy them in, or link the program statically";
  for (const message of messages) {
    const where = at === undefined ? {} : { at };
    tellMistake({ severity: "warning", code, message, help, ...where }, context);
  }
}
