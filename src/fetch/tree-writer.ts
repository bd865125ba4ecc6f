// Writes what an archive holds below one new directory, and nowhere else. Knows no format.

import { closeSync, linkSync, mkdirSync, openSync, symlinkSync } from "node:fs";

import { writeAll } from "../store/whole-file.ts";
import { FetchError } from "./fetch-error.ts";
import type { Account } from "./limits.ts";
import { namesOf } from "./member-name.ts";
import { checkSymlinks, type Symlinks } from "./symlink-check.ts";

/** What stands at a path. */
type Kind = "directory" | "file" | "symlink";

/**
 * All that it writes it knows of: so no path is ever resolved through what an archive brought, and
 * a link cannot lead a later member elsewhere. Modes are what a tree's digest has: executable or not.
 */
export class TreeWriter {
  readonly #root: string;
  readonly #archive: string;
  readonly #account: Account;
  readonly #kinds = new Map<string, Kind>([["", "directory"]]);
  readonly #symlinks: Map<string, string> = new Map();
  #descriptor: number | undefined;

  /** `root` is an empty directory; `archive` is what messages call it. */
  constructor(root: string, archive: string, account: Account) {
    this.#root = root;
    this.#archive = archive;
    this.#account = account;
  }

  directory(name: string): void {
    const names = this.#begin(name);
    const path = names.join("/");
    if (this.#kinds.get(path) === "directory") return; // Tools name one before and after its files.
    this.#claim(names, "directory");
    mkdirSync(`${this.#root}/${path}`);
  }

  /** Begins a file; its bytes follow by `write`, and `endFile` is last. */
  beginFile(name: string, executable: boolean): void {
    const names = this.#begin(name);
    this.#claim(names, "file");
    const path = `${this.#root}/${names.join("/")}`;
    this.#descriptor = openSync(path, "wx", executable ? 0o755 : 0o644);
  }

  write(bytes: Uint8Array): void {
    this.#account.addBytes(bytes.byteLength);
    if (this.#descriptor === undefined) throw new Error("bug: no file is open");
    writeAll(this.#descriptor, bytes);
  }

  endFile(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  symlink(name: string, target: string): void {
    const names = this.#begin(name);
    this.#claim(names, "symlink");
    if (target === "" || target.includes("\0") || Buffer.byteLength(target) > 4_095) {
      throw this.#unsafe(`${quoted(name)} is a link to nothing that can be linked to`);
    }
    const path = names.join("/");
    symlinkSync(target, `${this.#root}/${path}`);
    this.#symlinks.set(path, target);
  }

  /** A second name of a file that came before. */
  hardlink(name: string, target: string): void {
    const names = this.#begin(name);
    const path = namesOf(target, this.#archive, this.#account.limits).join("/");
    if (this.#kinds.get(path) !== "file") {
      throw this.#unsafe(
        `${quoted(name)} is a link to ${quoted(target)}, no file that came before`,
      );
    }
    this.#claim(names, "file");
    linkSync(`${this.#root}/${path}`, `${this.#root}/${names.join("/")}`);
  }

  /**
   * Says that all members are there. Gives the path, below the root, of the directory that the tree
   * is in: "" for the root, or the only directory there when `single` and nothing is beside it.
   */
  finish(strip: "single" | "none"): string {
    const top = strip === "single" ? this.#singleTop() : "";
    const symlinks: Symlinks = this.#symlinks;
    const escaping = checkSymlinks(symlinks, top);
    if (escaping === undefined) return top;
    const target = this.#symlinks.get(escaping) ?? "";
    throw this.#unsafe(`${quoted(escaping)} points out of its folder, to ${quoted(target)}`);
  }

  /** The names of the path; directories above it are made, as some archives do not name them. */
  #begin(name: string): readonly string[] {
    this.#account.addEntry();
    const names = namesOf(name, this.#archive, this.#account.limits);
    for (let length = 1; length < names.length; length++) {
      const path = names.slice(0, length).join("/");
      const kind = this.#kinds.get(path);
      if (kind === "directory") continue;
      if (kind !== undefined) {
        throw this.#unsafe(`${quoted(name)} goes through ${quoted(path)}, which is no folder`);
      }
      this.#account.addEntry();
      this.#kinds.set(path, "directory");
      mkdirSync(`${this.#root}/${path}`);
    }
    return names;
  }

  #claim(names: readonly string[], kind: Kind): void {
    const path = names.join("/");
    if (this.#kinds.has(path)) throw this.#unsafe(`${quoted(path || ".")} is there twice`);
    this.#kinds.set(path, kind);
  }

  #singleTop(): string {
    const tops = [...this.#kinds.keys()].filter((path) => path !== "" && !path.includes("/"));
    const [only] = tops;
    return tops.length === 1 && only && this.#kinds.get(only) === "directory" ? only : "";
  }

  #unsafe(what: string): FetchError {
    return new FetchError("unsafe-archive", `${this.#archive}: ${what}`);
  }
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}
