// Lays out what the user asked for, below the workspace. Knows no action.

import { lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import type { Node } from "../action/result.ts";
import { type Label, partsOf } from "../label/label.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { TargetResult } from "../rule/rule.ts";
import { writeError } from "../store/store-error.ts";
import { makeDirectory } from "../store/temporary.ts";
import { keepBefore } from "./before.ts";
import type { Equipment } from "./equipment.ts";
import type { Inputs } from "./inputs.ts";
import { LostOutput } from "./lost-output.ts";
import { placeOutput } from "./outputs.ts";

/** Where and how to lay out. */
export interface PlaceRequest {
  /** Absolute. */
  readonly root: string;
  readonly equipment: Pick<Equipment, "inputs" | "store" | "sandbox">;
  /** Whether to link outputs under the names that other tools look for, too. */
  readonly withLayout: boolean;
  /** Whether all that was wanted was made; else what a failure took along is passed over. */
  readonly isWhole: boolean;
  /** Hears that what stands at an output's path is not what was made. */
  readonly layingOut?: (path: ExecPath) => void;
  /** What to lay out of it; absent: all of it. */
  readonly paths?: ReadonlySet<ExecPath> | undefined;
}

/**
 * Lays out the outputs that there are of `results`: below the workspace root, each at its path.
 * Gives the absolute paths of all that it laid out. Throws a StoreError or a LostOutput.
 */
export function placeAll(
  results: readonly (readonly [Label, TargetResult])[],
  { root, equipment, withLayout, isWhole, layingOut, paths }: PlaceRequest,
): string[] {
  const { inputs, store, sandbox } = equipment;
  const placed: string[] = [];
  const placement = { cas: store.cas, openTree: inputs.openTree };
  const layouts = withLayout ? results.map(([label, { layout = {} }]) => ({ label, layout })) : [];
  const all = paths ?? placedOf(results, { withLayout });
  moveDirectories(all, { root, sandbox });
  for (const path of all) {
    const node = inputs.outputAt(path);
    const absolute = posix.join(root, path);
    if (node === undefined) continue; // A source, or an output of what failed.
    const replace = (): void => {
      layingOut?.(path);
      keepBefore(root, path);
    };
    if (!placeOutput(node, absolute, { layingOut: replace, ...placement })) {
      if (isWhole) throw new LostOutput(path);
      continue;
    }
    placed.push(...pathsOf(node, absolute, inputs));
  }
  for (const { label, layout } of layouts) {
    const directory = posix.join(root, partsOf(label).packagePath);
    for (const [name, path] of Object.entries(layout)) {
      if (inputs.outputAt(path) === undefined) continue;
      link(posix.join(directory, name), posix.join(root, path));
      placed.push(posix.join(directory, name));
    }
  }
  return placed;
}

/**
 * Lays out the directories of `paths`, those that stand in the sandbox as they are to be with all that
 * is in them; `placeOutput` judges what comes of it.
 */
function moveDirectories(
  paths: ReadonlySet<ExecPath>,
  { root, sandbox }: { root: string; sandbox: Pick<Sandbox, "moveOut"> },
): void {
  const entries = new Map<ExecPath, Set<string>>();
  for (const path of paths) addEntry(path, entries);
  const move = (directory: ExecPath, isNew: boolean): void => {
    const destination = posix.join(root, directory);
    const isThere = !isNew && clearUnlessDirectory(destination, directory === outputRoot);
    if (!isThere && sandbox.moveOut(directory, entries, destination)) return;
    const all = [...(entries.get(directory) ?? [])].map((name) => `${directory}/${name}`);
    const directories = all.filter((path) => entries.has(path));
    if (!isThere && directories.length > 0) makeDirectory(destination);
    for (const below of directories) move(below, !isThere);
  };
  if (!entries.has(outputRoot)) return;
  makeDirectory(posix.join(root, posix.dirname(outputRoot)));
  move(outputRoot, false);
}

/**
 * Whether the directory `path` is there. Anything else is removed: it was an output once, and one that
 * is a symbolic link leads to files that nobody may write to. `mayBeLink`: whether it may lead to one.
 * Throws a StoreError.
 */
function clearUnlessDirectory(path: string, mayBeLink: boolean): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return found !== undefined;
  if (mayBeLink && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return true;
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw writeError(cause, path);
  }
  return false;
}

/** Adds `path` to the names in its directory, and so upwards. */
function addEntry(path: ExecPath, entries: Map<ExecPath, Set<string>>): void {
  const directory = posix.dirname(path);
  const known = entries.get(directory);
  if (known !== undefined) {
    known.add(posix.basename(path));
    return;
  }
  entries.set(directory, new Set([posix.basename(path)]));
  if (directory !== outputRoot && directory !== ".") addEntry(directory, entries);
}

/** The paths of what `placeAll` lays out. */
export function placedOf(
  results: readonly (readonly [Label, TargetResult])[],
  { withLayout }: Pick<PlaceRequest, "withLayout">,
): ReadonlySet<ExecPath> {
  const wanted = results.flatMap(([, result]) => wantedOf(result));
  if (!withLayout) return new Set(wanted);
  return new Set([...wanted, ...results.flatMap(([, { layout = {} }]) => Object.values(layout))]);
}

/** What a user gets who asks for a target: its outputs, and whatever else it takes to boot it. */
export function wantedOf({ outputs, machine }: TargetResult): ExecPath[] {
  if (machine === undefined) return [...outputs];
  const { kernel, initrd, config, images = [], disks = {} } = machine;
  const said = [...images.map((image) => image.config), ...Object.values(disks)];
  return [...outputs, kernel, ...said, ...[initrd, config].filter((path) => path !== undefined)];
}

/** Everything at and below `path`, where `node` was laid out. */
function pathsOf(node: Node, path: string, inputs: Inputs): string[] {
  if (node.kind !== "tree") return [path];
  const directories = inputs.openTree(node);
  const pending = [{ path, digest: node.root }];
  const paths: string[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const directory = directories.get(next.digest);
    paths.push(next.path);
    for (const { name } of [...(directory?.files ?? []), ...(directory?.symlinks ?? [])]) {
      paths.push(`${next.path}/${name}`);
    }
    for (const { name, digest } of directory?.directories ?? []) {
      pending.push({ path: `${next.path}/${name}`, digest });
    }
  }
  return paths;
}

/** Makes `path` a symbolic link to `target`, in place of whatever is there. */
function link(path: string, target: string): void {
  const text: ExecPath = posix.relative(posix.dirname(path), target);
  const found = lstatSync(path, { throwIfNoEntry: false });
  try {
    if (found?.isSymbolicLink() === true && readlinkSync(path) === text) return;
    rmSync(path, { recursive: true, force: true });
    mkdirSync(posix.dirname(path), { recursive: true });
    symlinkSync(text, path);
  } catch (cause) {
    throw writeError(cause, path);
  }
}
