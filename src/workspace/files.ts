// The only reader of the disk while a workspace loads. Knows no format of any file.

import { posix } from "node:path";

import {
  type Consulted,
  contentDigestOf,
  type DiskAndClock,
  entriesDigestOf,
  signatureOf,
} from "./consulted.ts";
import type { DiskEntry } from "./disk.ts";

/** A file system that gives the same answer each time, and remembers what it was asked. */
export class FileView {
  readonly #from: DiskAndClock;
  readonly #consulted = new Map<string, Consulted>();
  readonly #kinds = new Map<string, "file" | "directory" | undefined>();
  readonly #entries = new Map<string, ReadonlyMap<string, DiskEntry>>();
  readonly #texts = new Map<string, string | undefined>();

  constructor(from: DiskAndClock) {
    this.#from = from;
  }

  /** What stands at the absolute path `path`, behind symbolic links. */
  kindOf(path: string): "file" | "directory" | undefined {
    const at = pathOf(path);
    const listed = this.#listedKind(at);
    if (listed !== "ask") return listed;
    if (!this.#kinds.has(at)) {
      const kind = this.#from.disk.stat(at)?.kind;
      this.#kinds.set(at, kind);
      this.#remember(at, kind, "");
    }
    return this.#kinds.get(at);
  }

  /** The names in the directory at `path`, sorted; empty when there is none. */
  list(path: string): readonly string[] {
    return [...this.entries(path).keys()];
  }

  /** The entries of the directory at `path` by name, sorted; empty when there is none. */
  entries(path: string): ReadonlyMap<string, DiskEntry> {
    const at = pathOf(path);
    const known = this.#entries.get(at);
    if (known !== undefined) return known;
    const found = this.#from.disk.stat(at);
    const entries = found?.kind === "directory" ? this.#from.disk.list(at) : undefined;
    const digest = found?.kind === "directory" ? entriesDigestOf(entries) : undefined;
    this.#consult(at, found, digest);
    const byName = new Map((entries ?? []).map((entry) => [entry.name, entry]));
    // Where there is no directory, none must be taken for an empty one by `kindOf`.
    if (entries !== undefined) this.#entries.set(at, byName);
    return byName;
  }

  /** The text of the file at `path`, as UTF-8; undefined when there is none that can be read. */
  read(path: string): string | undefined {
    const at = pathOf(path);
    if (this.#texts.has(at)) return this.#texts.get(at);
    const found = this.#from.disk.stat(at);
    const bytes = found?.kind === "file" ? this.#from.disk.read(at) : undefined;
    this.#consult(at, found, found?.kind === "file" ? contentDigestOf(bytes) : undefined);
    const text = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    this.#texts.set(at, text);
    return text;
  }

  /** Everything that was asked, by path: what the answers depended on. */
  consulted(): Consulted[] {
    return [...this.#consulted.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Gives back the memory of all answers: who asks from now on is told what is there then. */
  forget(): void {
    for (const known of [this.#consulted, this.#kinds, this.#entries, this.#texts]) known.clear();
  }

  /** Says nothing of a link, or below a directory that nobody has listed. */
  #listedKind(path: string): "file" | "directory" | undefined | "ask" {
    const slash = path.lastIndexOf("/");
    const siblings = this.#entries.get(slash === 0 ? "/" : path.slice(0, slash));
    if (siblings === undefined || path === "/") return "ask";
    const kind = siblings.get(path.slice(slash + 1))?.kind;
    return kind === "link" ? "ask" : kind === "other" ? undefined : kind;
  }

  #consult(
    path: string,
    found: ReturnType<DiskAndClock["disk"]["stat"]>,
    digest: string | undefined,
  ): void {
    if (found === undefined || digest === undefined) this.#remember(path, found?.kind, "");
    else this.#remember(path, found.kind, signatureOf(found, digest, this.#from.epochMs()));
  }

  #remember(path: string, kind: "file" | "directory" | undefined, signature: string): void {
    // A path that was listed, and then wrongly read, still depends on what the listing said.
    if (signature === "" && this.#consulted.has(path)) return;
    this.#consulted.set(path, { path, kind: kind ?? "absent", signature });
  }
}

function pathOf(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
