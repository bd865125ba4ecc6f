// Copies of directories for programs of rule sets, on disk and straight into the store.

import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { TreeNode } from "../action/result.ts";
import { type IsEmpty, type ProgramContext, ProgramError } from "../rule/program.ts";
import type { Cas } from "../store/cas.ts";
import type { FileState } from "../store/stat-cache.ts";
import { StoreError, errorCode } from "../store/store-error.ts";
import { readTree } from "../store/tree.ts";

/** See `ProgramContext`. */
export function copyTree(from: string, into: string, isEmpty: IsEmpty): void {
  copyDirectory(from, into, isEmpty, "");
}

function copyDirectory(from: string, to: string, isEmpty: IsEmpty, prefix: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const file = join(from, entry.name);
    const copy = join(to, entry.name);
    const below = `${prefix}${entry.name}`;
    const target = entry.isSymbolicLink() ? readlinkSync(file) : "";
    if (target !== "" && !target.startsWith("/")) {
      symlinkSync(target, copy);
      continue;
    }
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) copyDirectory(file, copy, isEmpty, `${below}/`);
    else if (stats?.isFile() !== true) continue;
    else if (!isEmpty(below, stats.size)) copyFileSync(file, copy);
    else writeFileSync(copy, "", { mode: stats.mode & 0o777 });
  }
}

/** What a program with its input root in the absolute `root` copies: whole `outputs` go into the store. */
export function openCopies(root: string, outputs: readonly ExecPath[], cas: Cas): Copies {
  const stored = new Map<ExecPath, TreeNode>();
  return {
    stored,
    copyTree: (from, into, isEmpty) => {
      const output = outputs.find((path) => join(root, path) === into);
      try {
        if (output === undefined) copyTree(from, into, isEmpty);
        else stored.set(output, storeCopy(from, isEmpty, cas));
      } catch (cause) {
        // While it was copied, the user took something away.
        const path = absenceIn(cause);
        throw path === undefined ? cause : new ProgramError(`${relative(root, path)} is gone`);
      }
    },
  };
}

/** The file that was not there, if that is what `cause` says. */
function absenceIn(cause: unknown): string | undefined {
  const own = cause instanceof StoreError ? cause.cause : cause;
  const isAbsence = errorCode(own) === "ENOENT" && own instanceof Error && "path" in own;
  return isAbsence && typeof own.path === "string" ? own.path : undefined;
}

/** How a program copies, and what has come of it that is not on disk. */
export interface Copies extends Pick<ProgramContext, "copyTree"> {
  readonly stored: ReadonlyMap<ExecPath, TreeNode>;
}

/**
 * What `copyTree` would leave, in the store: writing a thousand files down, and collecting them, takes
 * more than twice as long. Throws a StoreError.
 */
export function storeCopy(from: string, isEmpty: IsEmpty, cas: Cas): TreeNode {
  const nothing = cas.put(Buffer.alloc(0));
  const top = normalize(from).replace(/\/$/, "");
  const fileAt = (file: string): FileState | undefined => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const { size, mode } = stats;
    const executable = (mode & 0o100) !== 0;
    const state = { mode: mode & 0o7777, executable, changing: false };
    if (!isEmpty(file.slice(top.length + 1), size)) {
      // Of what is executable there is a blob of its own, and it is made of a file.
      const isPlain = !executable && size < largeBytes;
      const digest = isPlain
        ? cas.put(readFileSync(file))
        : cas.importFile(realpathSync(file), { move: false }).digest;
      return { ...state, digest };
    }
    if (executable) importEmptyProgram(cas);
    return { ...state, digest: nothing };
  };
  const { node, bytes } = readTree(top, { modes: false, followsAbsolute: true, fileAt });
  cas.put(bytes);
  return node;
}

/** What is not to be in memory as a whole. */
const largeBytes = 1024 * 1024;

function importEmptyProgram(cas: Cas): void {
  const draft = cas.temporaryPath();
  mkdirSync(dirname(draft), { recursive: true });
  writeFileSync(draft, "", { mode: 0o755 });
  cas.importFile(draft, { move: true });
}
