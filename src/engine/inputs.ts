// What stands at each path that actions read: files of the user, and outputs of other actions.

import { readFileSync, realpathSync, statSync } from "node:fs";

import type { Action, ExecPath } from "../action/action.ts";
import type { Directory } from "../action/reapi-directory.ts";
import type { Node, TreeNode } from "../action/result.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { kernelTickMs } from "../base/file-clock.ts";
import { pathBelow } from "../base/path-below.ts";
import type { Digest } from "../digest/digest.ts";
import type { StagedInput } from "../sandbox/staged-input.ts";
import type { Cas } from "../store/cas.ts";
import type { FileState, StatCache } from "../store/stat-cache.ts";
import { readTree } from "../store/tree.ts";
import { directoriesOf } from "../store/tree-message.ts";
import type { Follower } from "../watch/follower.ts";
import { linksStay, isClosedListing, isClosedTree } from "./closed-tree.ts";
import { type Hidden, hiddenBy } from "./hidden.ts";
import { KnownSources } from "./known-sources.ts";
import { Listings, type Span } from "./listings.ts";
import { LostOutput } from "./lost-output.ts";
import type { Noted } from "./memo.ts";
import { LaterBlob, LaterDirectory } from "./staged-later.ts";
import type { Touched } from "./touched.ts";
import { entryIn } from "./tree-entry.ts";
import { WatchedPaths } from "./watched-paths.ts";

/** An input of an action, as it is now. */
export interface Input {
  readonly path: ExecPath;
  readonly node: Node;
  /** How the sandbox gets it. */
  readonly staged: StagedInput;
  /** True when it is the user's, and may change while an action runs. */
  readonly isSource: boolean;
}

/** An input that is not there, or cannot be used. The action fails with its message. */
export class InputProblem extends Error {
  override readonly name = "InputProblem";
}

/** Where inputs come from. */
export interface InputSources {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Absolute directories outside the workspace, by the path under which actions see them. */
  readonly components: ReadonlyMap<ExecPath, string>;
  readonly cas: Cas;
  readonly statCache: StatCache;
  /** A directory with what is in the tree, made when missing; undefined when a blob is gone. */
  readonly directoryOf: (tree: TreeNode) => string | undefined;
  /** Hears of each path before it is looked at. */
  readonly follower?: Follower | undefined;
}

/** Finds what stands at paths; each file is looked at once in a build. */
export class Inputs {
  readonly #sources: InputSources;
  /** Of actions that are done. */
  readonly #outputs = new Map<ExecPath, Node>();
  /** Whether all of them are below the root of outputs, as those of real rule sets are. */
  #areBelowRoot = true;
  /** Those that came since somebody asked. */
  readonly #fresh = new Set<ExecPath>();
  readonly #known = new KnownSources();
  readonly #watched: WatchedPaths;
  readonly #listings: Listings;
  readonly #directories = new Map<Digest, ReadonlyMap<Digest, Directory>>();
  /** Of sources, by digest, whether a link in one leads out of it. */
  readonly #areClosed = new Map<Digest, boolean>();

  constructor(sources: InputSources) {
    this.#sources = sources;
    this.#watched = new WatchedPaths(sources.follower);
    this.#listings = new Listings(this.#watched);
  }

  /** Takes in what an action has left. */
  addOutputs(outputs: ReadonlyMap<ExecPath, Node>): void {
    for (const [path, node] of outputs) {
      this.#areBelowRoot &&= path.startsWith(`${outputRoot}/`);
      this.#outputs.set(path, node);
      this.#fresh.add(path);
    }
  }

  /** The inputs of `action`. Throws an InputProblem, a LostOutput or a StoreError. */
  of(action: Action): Input[] {
    return [...new Set(action.inputs)].map((path) => this.#inputAt(path, action));
  }

  /** One of the inputs of `action`. Throws as `of` does. */
  at(path: ExecPath, action: Action): Input {
    return this.#inputAt(path, action);
  }

  /** Paths of outputs that were added since this was last asked. */
  takeFresh(): ReadonlySet<ExecPath> {
    const fresh = new Set(this.#fresh);
    this.#fresh.clear();
    return fresh;
  }

  /** Forgets what is as quickly found out again: 100,000 files take 100 MB. */
  release(): void {
    this.#known.release();
    this.#watched.release();
  }

  /** Forgets what stands at these paths and in directories that hold them, as it changed. */
  forget(touched: Touched): void {
    this.#known.forget(touched);
    this.#listings.forget(touched.entries);
  }

  /** The output at `path`, which may be inside one that is a directory; undefined when none is. */
  outputAt(path: ExecPath): Node | undefined {
    // Most are sources, and each of them would be looked for at every directory that holds it.
    if (this.#areBelowRoot && !path.startsWith(`${outputRoot}/`)) return undefined;
    const exact = this.#outputs.get(path);
    if (exact !== undefined) return exact;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = this.#outputs.get(path.slice(0, end));
      if (above?.kind === "tree")
        return entryIn(above, path.slice(end + 1).split("/"), this.openTree(above));
    }
    return undefined;
  }

  /** Every directory of `tree`, by digest. Throws a LostOutput. */
  readonly openTree = (tree: TreeNode): ReadonlyMap<Digest, Directory> => {
    const known = this.#directories.get(tree.tree);
    if (known !== undefined) return known;
    const directories = directoriesOf(tree, this.#sources.cas);
    if (directories === undefined) throw new LostOutput(this.#pathOf(tree));
    this.#directories.set(tree.tree, directories);
    return directories;
  };

  /** Whether no link in `tree` leads to where its digest does not tell what is there. */
  isClosed(tree: TreeNode): boolean {
    // Nobody opens a source only for that: it takes as long as walking over it.
    const known = this.#areClosed.get(tree.tree);
    if (known !== undefined) return known;
    const isClosed =
      linksStay(this.#sources.cas.read(tree.tree)) || isClosedTree(tree.root, this.openTree(tree));
    this.#areClosed.set(tree.tree, isClosed);
    return isClosed;
  }

  /** Whether the file at `path` is an output by itself, and not one of many in a directory. */
  isGenerated(path: ExecPath): boolean {
    return this.#outputs.get(path)?.kind === "file";
  }

  /** The file or link at `path`, whoever made it; absolute: of the machine. Undefined: none. */
  nodeAt(path: ExecPath): Node | undefined {
    const output = path.startsWith("/") ? undefined : this.outputAt(path);
    if (output !== undefined || path.startsWith(`${outputRoot}/`)) return output;
    const file = this.diskPathOf(path);
    this.#watched.addPath(file);
    const state = this.#sources.statCache.fileAt(file) ?? this.#behindLink(file);
    if (state === undefined || state.changing) return undefined;
    return { kind: "file", digest: state.digest, executable: state.executable };
  }

  /** The stat cache follows no link. Asked last, as resolving a path stats all that is above it. */
  #behindLink(file: string): FileState | undefined {
    const target = realPathOf(file);
    return target === undefined ? undefined : this.#sources.statCache.fileAt(target);
  }

  /** Whether a file of the user or the machine was touched after `sinceMs`, since 1970. */
  changedSince(path: ExecPath, sinceMs: number): boolean {
    if (!path.startsWith("/") && this.outputAt(path) !== undefined) return false;
    const stats = statSync(this.diskPathOf(path), { throwIfNoEntry: false });
    // File systems stamp with a clock that ticks more coarsely than that of the process.
    return stats === undefined || Math.max(stats.mtimeMs, stats.ctimeMs) > sinceMs - kernelTickMs;
  }

  /** Whether a file or a link stands at `path`, which may be absolute. */
  isFile(path: ExecPath): boolean {
    const output = path.startsWith("/") ? undefined : this.outputAt(path);
    if (output !== undefined || path.startsWith(`${outputRoot}/`)) {
      return output !== undefined && output.kind !== "tree";
    }
    return this.#listings.hasFile(this.diskPathOf(path));
  }

  /** A moment, for `wereListingsCurrent`. */
  moment(): number {
    return this.#listings.moment();
  }

  /** Whether directories that `isFile` looked into were so in all of `span`; looks again if not. */
  wereListingsCurrent(span: Span): boolean {
    return this.#listings.wereCurrent(span);
  }

  /** What is in the file at `path`; undefined when it cannot be read. It may have changed since. */
  bytesAt(path: ExecPath): Buffer | undefined {
    const output = path.startsWith("/") ? undefined : this.outputAt(path);
    if (output !== undefined) {
      return output.kind === "file" ? this.#sources.cas.read(output.digest) : undefined;
    }
    try {
      return readFileSync(this.diskPathOf(path));
    } catch {
      return undefined;
    }
  }

  /** Absolute paths of all that was read of the user's: files, and directories that were listed. */
  watched(): Iterable<string> {
    return this.#watched.all();
  }

  /**
   * Whether every source is still what actions were given; `files`: a directory is, as long as
   * one stands there, since nothing in it was touched. A file that `noted` tells of is not looked at again.
   */
  areCurrent(which: "all" | "files", noted: Noted = () => undefined): boolean {
    for (const { input, action } of this.#known.all()) {
      if (this.#isKnownBy(input, noted)) continue;
      const isUntouched = which === "files" && input.node.kind === "tree";
      const isCurrent = isUntouched
        ? statSync(this.diskPathOf(input.path), { throwIfNoEntry: false })?.isDirectory() === true
        : this.#isCurrent(input, action);
      if (!isCurrent) return false;
    }
    return true;
  }

  /** Whether a source among `inputs` is no longer what the action was given. */
  changedSource(inputs: readonly Input[], action: Action): ExecPath | undefined {
    const sources = inputs.filter(({ isSource }) => isSource);
    return sources.find((input) => !this.#isCurrent(input, action))?.path;
  }

  #isKnownBy({ path, node }: Input, noted: Noted): boolean {
    if (node.kind !== "file") return false;
    const file = this.diskPathOf(path);
    const stamp = noted(file);
    return stamp !== undefined && this.#sources.statCache.isKnownBy(file, node, stamp);
  }

  #isCurrent({ path, node }: Input, action: Action): boolean {
    try {
      const now = this.#readSource(path, action);
      return now !== undefined && isSameNode(now.node, node);
    } catch (error) {
      if (error instanceof InputProblem) return false; // It is being written to right now.
      throw error;
    }
  }

  #inputAt(path: ExecPath, action: Action): Input {
    const output = this.outputAt(path);
    if (output !== undefined) {
      return { path, node: output, staged: this.#staged(path, output), isSource: false };
    }
    this.#refuseEscape(path, action);
    const known = this.#known.of(path, action);
    if (known !== undefined) return known;
    // What lies there is of some earlier build.
    const isOutput = path.startsWith(`${outputRoot}/`);
    const input = isOutput ? undefined : this.#readSource(path, action);
    if (input === undefined) throw new InputProblem(`there is no ${path}`);
    this.#known.add(input, action);
    return input;
  }

  /** Throws an InputProblem where a link on the way to `path` leads out of where it has to stay. */
  #refuseEscape(path: ExecPath, { within = {} }: Action): void {
    const directory = within[path];
    if (directory === undefined) return;
    const top = realPathOf(this.diskPathOf(directory));
    const real = realPathOf(this.diskPathOf(path));
    // One that is not there is told by whoever looks for it.
    if (top === undefined || real === undefined) return;
    if (real === top || real.startsWith(`${top === "/" ? "" : top}/`)) return;
    throw new InputProblem(`a symbolic link leads from ${path} to ${real}, out of ${directory}`);
  }

  /** Whose output `tree` is, or is below. */
  #pathOf(tree: TreeNode): ExecPath {
    const all = [...this.#outputs];
    const found = all.find(([, node]) => node.kind === "tree" && node.tree === tree.tree);
    return found?.[0] ?? tree.root;
  }

  #staged(path: ExecPath, node: Node): StagedInput {
    if (node.kind === "symlink") return { kind: "symlink", path, target: node.target };
    if (node.kind === "file") {
      return new LaterBlob(path, () => this.#sources.cas.pathOf(node));
    }
    return new LaterDirectory(path, () => this.#sources.directoryOf(node));
  }

  #readSource(path: ExecPath, action: Action): Input | undefined {
    const file = this.diskPathOf(path);
    this.#watched.addPath(file);
    const state = this.#sources.statCache.expectedAt(file);
    if (state !== undefined) {
      if (state.changing) throw new InputProblem(`${path} is being written to all the while`);
      const { digest, executable, mode } = state;
      const hasMode = action.modesOf?.includes(path) === true;
      const node = { kind: "file", digest, executable, ...(hasMode && { mode }) } as const;
      return { path, node, staged: { kind: "source", path, file }, isSource: true };
    }
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory()) return this.#readDirectory(path, file, action);
    // A link to a file is the file, as the action sees no link either.
    if (found?.isFile()) return this.#readLinked(path, file, action);
    return undefined;
  }

  #readLinked(path: ExecPath, link: string, action: Action): Input | undefined {
    const target = statSync(link, { throwIfNoEntry: false }) && realpathSync(link);
    const state = target === undefined ? undefined : this.#sources.statCache.fileAt(target);
    if (state === undefined || target === undefined) return undefined;
    const { digest, executable, mode } = state;
    const hasMode = action.modesOf?.includes(path) === true;
    const node = { kind: "file", digest, executable, ...(hasMode && { mode }) } as const;
    return { path, node, staged: { kind: "source", path, file: target }, isSource: true };
  }

  #readDirectory(path: ExecPath, directory: string, action: Action): Input {
    const hidden: Hidden = hiddenBy(action.without?.[path] ?? []);
    const modes = action.modesOf?.includes(path) === true;
    const { cas, statCache } = this.#sources;
    this.#watched.addEntries(directory);
    const { node, bytes, changing, files } = readTree(directory, {
      ignore: (below, isDirectory) => {
        if (hidden.ignore(below, isDirectory)) return true;
        if (isDirectory) this.#watched.addEntries(`${directory}/${below}`);
        return false;
      },
      modes,
      fileAt: (file) => {
        this.#watched.addPath(file);
        return statCache.expectedAt(file);
      },
    });
    if (changing[0] !== undefined) {
      throw new InputProblem(`${path}/${changing[0]} is being written to all the while`);
    }
    // No stat cache was asked for these.
    for (const [below, { kind }] of files)
      if (kind === "symlink") this.#watched.addPath(`${directory}/${below}`);
    cas.put(bytes);
    this.#areClosed.set(node.tree, isClosedListing(files));
    const staged = { kind: "directory", path, directory, hidden: hidden.paths } as const;
    return { path, node, staged, isSource: true };
  }

  /** Where `path` is on the disk: in the workspace, in a component outside it, or as it says. */
  diskPathOf(path: ExecPath): string {
    if (path.startsWith("/")) return path;
    const { workspaceRoot, components } = this.#sources;
    let end = components.size === 0 ? 0 : path.length;
    for (; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const directory = components.get(path.slice(0, end));
      if (directory !== undefined) return pathBelow(directory, path.slice(end + 1));
    }
    return pathBelow(workspaceRoot, path);
  }
}

function isSameNode(a: Node, b: Node): boolean {
  if (a.kind !== "file" || b.kind !== "file") return JSON.stringify(a) === JSON.stringify(b);
  return a.digest === b.digest && a.executable === b.executable && a.mode === b.mode;
}

function realPathOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
