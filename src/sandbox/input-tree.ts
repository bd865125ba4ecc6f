// One input root on disk, and what is known to stand in it. Starts nothing.

import {
  type Dirent,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { pathBelow } from "../base/path-below.ts";
import { errorCode, writeError } from "../store/store-error.ts";
import { type PlaceOptions, placeFile } from "./place-file.ts";
import { removeTree } from "./remove-tree.ts";
import {
  MissingInputError,
  type StagedBlob,
  type StagedDirectory,
  type StagedInput,
} from "./staged-input.ts";

/** A directory tree that inputs are put into. */
export interface InputTree {
  /** Puts `input` at `path`, in place of what is there, unless it is there already. */
  place(path: ExecPath, input: StagedInput): void;
  /** Notes that `input` stands at `path` now. */
  placed(path: ExecPath, input: StagedInput): void;
  /** Puts `input` at `path` again, where something else may stand by now. */
  restore(path: ExecPath, input: StagedInput): void;
  /**
   * Renames the directory `path` to the absolute `destination`, where there is none, and forgets
   * it. False when something else is in it than `entries` says: directories and blobs.
   */
  moveOut(path: ExecPath, entries: DirectoryEntries, destination: string): boolean;
  /** Makes sure that nothing stands at `path`, and that its directory is there. */
  clear(path: ExecPath): void;
  makeDirectory(path: ExecPath): void;
  /** Directories that are not put into the tree but left to be mounted at their path. */
  mounts(): (readonly [path: ExecPath, directory: string])[];
  /** Whether no place for such a mount had to be made. */
  keepsMounts(): boolean;
  /** The directories that were made for inputs, outputs and mounts. */
  directories(): ExecPath[];
  /** Files of the user that became links to copies which other actions have, too. */
  shared(): readonly StagedBlob[];
  /** Removes what was there before and is not needed. */
  finish(): void;
}

/** The names in each of some directories, which are whole: one that is among them has its own. */
export type DirectoryEntries = ReadonlyMap<ExecPath, Iterable<string> & { readonly size: number }>;

/** What an input tree is like. */
export interface InputTreeOptions {
  /** No symbolic link may lead out of it. */
  readonly isClosed: boolean;
  /** Empty directories that are there, each with those above it; absent: none are. */
  readonly spare?: Iterable<ExecPath>;
  /**
   * The absolute directory whose files have their own paths as inputs. Given, a link to a whole
   * directory just below it stands for the files in there: an inode for each costs more than all
   * else that an input takes, and programs come to see more than is theirs.
   */
  readonly workspace?: string;
  /** See `PlaceOptions`. */
  readonly copies?: PlaceOptions["copies"];
}

/** The tree in the directory `root`, which is made when missing. */
export function openInputTree(root: string, options: InputTreeOptions): InputTree {
  const spare = new Set(options.spare);
  if (spare.size === 0) mkdirSync(root, { recursive: true });
  return new LinkTree(root, options, spare);
}

class LinkTree implements InputTree {
  readonly #root: string;
  readonly #isClosed: boolean;
  readonly #workspace: string | undefined;
  /** Directories of the tree itself, which inputs and outputs can be put into. */
  readonly #made = new Set<ExecPath>(["."]);
  readonly #placed = new Map<ExecPath, StagedInput>();
  /** Making and removing a directory costs as much as ten links, so old ones are used again. */
  readonly #spare: Set<ExecPath>;
  readonly #copies: PlaceOptions["copies"];
  readonly #shared: StagedBlob[] = [];
  #keepsMounts = true;
  /** Type and permission bits of the directories that it makes. */
  #mode: number | undefined;

  constructor(
    root: string,
    { isClosed, workspace, copies }: Omit<InputTreeOptions, "spare">,
    spare: Set<ExecPath>,
  ) {
    this.#root = root;
    this.#isClosed = isClosed;
    this.#workspace = workspace;
    this.#copies = copies;
    this.#spare = spare;
  }

  place(path: ExecPath, input: StagedInput): void {
    if (this.#standsInWhole(path, input)) return;
    this.#place(path, input);
  }

  placed(path: ExecPath, input: StagedInput): void {
    this.#placed.set(path, input);
  }

  restore(path: ExecPath, input: StagedInput): void {
    this.clear(path);
    this.#place(path, input);
  }

  #place(path: ExecPath, input: StagedInput): void {
    const old = this.#placed.get(path);
    if (old !== undefined && isSame(old, input)) return;
    const isOpened = input.kind === "directory" && (input.hidden?.length ?? 0) > 0;
    if (input.kind === "directory" && (isOpened || this.#made.has(path))) {
      return this.#open(path, input);
    }
    this.makeDirectory(dirname(path));
    if (old !== undefined || this.#made.has(path)) this.clear(path);
    this.#put(path, input);
    this.#placed.set(path, input);
  }

  moveOut(path: ExecPath, entries: DirectoryEntries, destination: string): boolean {
    const moved = new Set<ExecPath>();
    try {
      if (!this.#holdsOnly(path, entries, moved)) return false;
      renameSync(pathBelow(this.#root, path), destination);
    } catch {
      return false; // A program removed it, or another build has just made the other.
    }
    for (const paths of [this.#made, this.#placed]) for (const one of moved) paths.delete(one);
    return true;
  }

  /** Whether the directory `path` is as `entries` says; adds to `paths` all that is there. */
  #holdsOnly(path: ExecPath, entries: DirectoryEntries, paths: Set<ExecPath>): boolean {
    const names = entries.get(path);
    if (names === undefined) return false;
    const directory = pathBelow(this.#root, path);
    if (!this.#made.has(path) || !this.#isAsMade(directory)) return false;
    if (readdirSync(directory).length !== names.size) return false;
    paths.add(path);
    for (const name of names) {
      const below = `${path}/${name}`;
      const isBlob = this.#placed.get(below)?.kind === "blob";
      if (!isBlob && !this.#holdsOnly(below, entries, paths)) return false;
      paths.add(below);
    }
    return true;
  }

  /** Whether no program put something else in the place of `directory`, or changed its mode. */
  #isAsMade(directory: string): boolean {
    this.#mode ??= lstatSync(this.#root).mode;
    return lstatSync(directory).mode === this.#mode;
  }

  /** Whether `input` is below a directory of the workspace that is in the tree as a whole. */
  #standsInWhole(path: ExecPath, input: StagedInput): boolean {
    const file = ownFileOf(input);
    if (this.#workspace === undefined || file !== pathBelow(this.#workspace, path)) return false;
    const [top = "", ...below] = path.split("/");
    if (below.length === 0 || this.#made.has(top)) return false;
    const placed = this.#placed.get(top);
    const directory = pathBelow(this.#workspace, top);
    if (placed === undefined) this.#place(top, { kind: "directory", path: top, directory });
    return placed === undefined || (placed.kind === "directory" && placed.directory === directory);
  }

  clear(path: ExecPath): void {
    const above = dirname(path);
    const isNew = !this.#made.has(above) && this.#makeDirectory(above) === "new";
    // Nothing stands in a directory that there was not.
    if (!isNew) this.#remove(path);
    this.#placed.delete(path);
    if (!this.#made.delete(path)) return;
    for (const paths of [this.#made, this.#placed]) {
      for (const below of paths.keys()) if (below.startsWith(`${path}/`)) paths.delete(below);
    }
  }

  makeDirectory(path: ExecPath): void {
    this.#makeDirectory(path);
  }

  /** Says whether the directory is sure to be empty, as it is a new one. */
  #makeDirectory(path: ExecPath): "new" | "there" {
    if (this.#made.has(path)) return "there";
    this.#makeDirectory(dirname(path));
    const placed = this.#placed.get(path);
    // What stands here is the user's own directory, and nothing may be put into that one.
    if (placed?.kind === "directory") {
      this.#open(path, placed);
      return "there";
    }
    if (placed !== undefined) this.clear(path);
    const made = this.#mkdir(path);
    this.#made.add(path);
    return made;
  }

  mounts(): (readonly [path: ExecPath, directory: string])[] {
    if (!this.#isClosed) return [];
    return [...this.#placed].flatMap(([path, input]) =>
      input.kind === "directory" ? [[path, input.directory] as const] : [],
    );
  }

  keepsMounts(): boolean {
    return this.#keepsMounts;
  }

  directories(): ExecPath[] {
    const made = [...this.#made].filter((path) => path !== ".");
    return [...made, ...this.mounts().map(([path]) => path)];
  }

  shared(): readonly StagedBlob[] {
    return this.#shared;
  }

  finish(): void {
    // The longer ones first, as those below others are.
    const rest = [...this.#spare].sort((a, b) => b.length - a.length);
    for (const path of rest) rmdirSync(pathBelow(this.#root, path));
    this.#spare.clear();
  }

  /** Makes `path` a directory of the tree, with the entries of `input` but those that are there. */
  #open(path: ExecPath, input: StagedDirectory): void {
    if (!this.#made.has(path)) {
      // A spare one is empty, but for spare ones.
      if (this.#spare.has(path)) this.#makeDirectory(dirname(path));
      else this.clear(path);
      this.#mkdir(path);
      this.#made.add(path);
    }
    for (const entry of entriesOf(input)) {
      const at = path === "." ? entry.name : `${path}/${entry.name}`;
      const child = childOf(input, entry, at);
      const isMerged = child?.kind === "directory" && this.#made.has(at);
      if (child === undefined || (!isMerged && this.#isTaken(at))) continue;
      this.#place(at, child);
    }
  }

  #isTaken(path: ExecPath): boolean {
    return this.#placed.has(path) || this.#made.has(path);
  }

  #put(path: ExecPath, input: StagedInput): void {
    if (input.kind === "directory" && this.#isClosed) {
      if (this.#mkdir(path) === "new") this.#keepsMounts = false;
      return;
    }
    try {
      this.#placeFile(path, input);
    } catch (cause) {
      // Of an earlier action: a directory, or in a shared tree what it left.
      if (errorCode(cause) !== "EEXIST") throw cause;
      this.#remove(path);
      this.#placeFile(path, input);
    }
  }

  #placeFile(path: ExecPath, input: StagedInput): void {
    const options = { isClosed: this.#isClosed, copies: this.#copies };
    const file = placeFile(input, pathBelow(this.#root, path), options);
    if (file !== undefined) this.#shared.push({ kind: "blob", path, file });
  }

  #remove(path: ExecPath): void {
    removeTree(pathBelow(this.#root, path));
    for (const one of this.#spare) {
      if (one === path || one.startsWith(`${path}/`)) this.#spare.delete(one);
    }
  }

  #mkdir(path: ExecPath): "new" | "there" {
    if (this.#spare.delete(path)) return "there";
    const directory = pathBelow(this.#root, path);
    try {
      mkdirSync(directory);
      return "new";
    } catch (cause) {
      if (errorCode(cause) !== "EEXIST") throw writeError(cause, directory);
      // Behind a link there may be the user's own files, which must never be replaced.
      if (!lstatSync(directory).isDirectory()) throw new Error(`bug: ${directory} is in the way`);
      return "there";
    }
  }
}

/** The file or directory of the user that `input` is all of. */
function ownFileOf(input: StagedInput): string | undefined {
  if (input.kind === "source") return input.file;
  const isAll = input.kind === "directory" && (input.hidden?.length ?? 0) === 0;
  return isAll ? input.directory : undefined;
}

function isSame(a: StagedInput, b: StagedInput): boolean {
  if (a.kind === "symlink") return b.kind === "symlink" && a.target === b.target;
  if (a.kind === "directory") return b.kind === "directory" && a.directory === b.directory;
  return a.kind === b.kind && "file" in b && a.file === b.file;
}

function entriesOf(input: StagedDirectory): Dirent[] {
  try {
    return readdirSync(input.directory, { withFileTypes: true });
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") throw new MissingInputError(input.path, input.directory);
    throw writeError(cause, input.directory);
  }
}

/** The `entry` of the directory `input` as an input itself; undefined for what is not to be seen. */
function childOf(input: StagedDirectory, entry: Dirent, path: ExecPath): StagedInput | undefined {
  if (input.hidden?.includes(entry.name)) return undefined;
  const file = join(input.directory, entry.name);
  if (entry.isSymbolicLink()) return { kind: "symlink", path, target: readlinkSync(file) };
  if (entry.isFile()) return { kind: "source", path, file };
  if (!entry.isDirectory()) return undefined; // Copying a fifo would wait for ever.
  const prefix = `${entry.name}/`;
  const hidden = (input.hidden ?? [])
    .filter((one) => one.startsWith(prefix))
    .map((one) => one.slice(prefix.length));
  return { kind: "directory", path, directory: file, ...(hidden.length > 0 && { hidden }) };
}
