// Answers about root file systems. Knows no build.

import type { TreeEntry } from "../format/file-tree.ts";
import { readableName } from "../format/format-error.ts";
import { describeMissing, missingLibrariesOf } from "../format/missing-libraries.ts";
import { changesBetween, type TreeChange } from "../format/tree-diff.ts";
import type { BuildingCommand } from "./building-command.ts";
import { exitCodes } from "./context.ts";
import { refuse } from "./option-target.ts";
import { buildRootfs, placeOf, warnOf, withTree } from "./rootfs-target.ts";

/** How to answer: lines for people, or JSON. */
type Form = "text" | "json";

/** `rootfs ls`. */
export async function listRootfs(
  command: BuildingCommand,
  { pattern, paths, form }: { pattern: string; paths: readonly string[]; form: Form },
): Promise<number> {
  const built = await buildRootfs(command, pattern);
  if ("exitCode" in built) return built.exitCode;
  const answer = await withTree(command, { path: built.path, name: built.label }, (tree) => ({
    entries: [...tree.walk()].filter(isBelowOne(paths)).map(listed),
    missing: missingLibrariesOf(tree).map(describeMissing),
  }));
  if ("exitCode" in answer) return answer.exitCode;
  const { entries, missing } = answer;
  if (entries.length === 0 && paths.length > 0) {
    const message = `${built.label} has nothing at ${paths.join(", ")}`;
    return refuse(command.context, "no-rootfs", message).exitCode;
  }
  const { stdout } = command.context;
  if (form === "json") stdout.write(`${JSON.stringify(entries)}\n`);
  else stdout.write(entries.map((entry) => `${lineOf(entry)}\n`).join(""));
  if (missing.length > 0) warnOf(command, await placeOf(command, built.label), missing);
  return exitCodes.ok;
}

/** `rootfs cat`. */
export async function catRootfs(
  command: BuildingCommand,
  pattern: string,
  path: string,
): Promise<number> {
  const { stdout } = command.context;
  const built = await buildRootfs(command, pattern);
  if ("exitCode" in built) return built.exitCode;
  const answer = await withTree(command, { path: built.path, name: built.label }, (tree) => {
    const node = tree.follow(Buffer.from(path));
    if (node?.kind !== "file") return { found: node?.kind ?? "nothing" };
    for (const piece of node.content.read()) stdout.write(Buffer.from(piece));
    return { found: "file" };
  });
  if ("exitCode" in answer) return answer.exitCode;
  if (answer.found === "file") return exitCodes.ok;
  const message = `${built.label} has no file at ${path}, but ${answer.found}`;
  return refuse(command.context, "no-rootfs", message).exitCode;
}

/** `rootfs diff`. */
export async function diffRootfs(
  command: BuildingCommand,
  { pattern, other, form }: { pattern: string; other: string | undefined; form: Form },
): Promise<number> {
  const first = await buildRootfs(command, pattern);
  if ("exitCode" in first) return first.exitCode;
  const second = other === undefined ? first : await buildRootfs(command, other);
  if ("exitCode" in second) return second.exitCode;
  const { stdout, stderr } = command.context;
  const before = other === undefined ? first.before : first.path;
  if (before === undefined) {
    stderr.write(`${first.label} is as it was when it was first built here\n`);
  }
  const changes = before === undefined ? [] : await changesOf(command, before, second.path);
  if ("exitCode" in changes) return changes.exitCode;
  if (form === "json") stdout.write(`${JSON.stringify(changes)}\n`);
  else stdout.write(changes.map((change) => `${describeChange(change)}\n`).join(""));
  return exitCodes.ok;
}

async function changesOf(command: BuildingCommand, before: string, after: string) {
  // Both stay open until they are compared: that of the one is within that of the other.
  return withTree(command, { path: before, name: before }, async (old) =>
    withTree(command, { path: after, name: after }, (now) => changesBetween(old, now)),
  );
}

function isBelowOne(paths: readonly string[]): (entry: TreeEntry) => boolean {
  const wanted = paths.map((path) =>
    path
      .split("/")
      .filter((one) => one !== "" && one !== ".")
      .join("/"),
  );
  return ({ path }) => {
    const text = path.toString("utf8");
    return (
      wanted.length === 0 ||
      wanted.some((one) => one === "" || text === one || text.startsWith(`${one}/`))
    );
  };
}

function listed({ path, node }: TreeEntry) {
  return {
    path: readableName(path),
    kind: node.kind,
    mode: node.mode.toString(8).padStart(4, "0"),
    uid: node.uid,
    gid: node.gid,
    ...(node.kind === "file" && { sizeBytes: node.content.sizeBytes }),
    ...(node.kind === "symlink" && { target: readableName(node.target) }),
    ...(node.kind === "device" && { type: node.type, major: node.major, minor: node.minor }),
  };
}

/** As `ls -l` has it, but for times, which are all the same. */
function lineOf(entry: ReturnType<typeof listed>): string {
  const { path, kind, mode, uid, gid, sizeBytes, target } = entry;
  const letter = { file: "-", directory: "d", symlink: "l", device: "c", fifo: "p", socket: "s" }[
    kind
  ];
  const device = entry.major === undefined ? "" : `${entry.major},${entry.minor}`;
  const size = sizeBytes === undefined ? device : String(sizeBytes);
  const type = entry.type === "block" ? "b" : letter;
  const arrow = target === undefined ? "" : ` -> ${target}`;
  return `${type}${bitsOf(Number.parseInt(mode, 8))} ${`${uid}:${gid}`.padEnd(9)} ${size.padStart(10)} ${path}${arrow}`;
}

function bitsOf(mode: number): string {
  const letters = "rwxrwxrwx".split("").map((letter, i) => ((mode >> (8 - i)) & 1 ? letter : "-"));
  const special: readonly (readonly [bit: number, at: number, letter: string])[] = [
    [0o4000, 2, "s"],
    [0o2000, 5, "s"],
    [0o1000, 8, "t"],
  ];
  for (const [bit, at, letter] of special) {
    if ((mode & bit) !== 0) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  }
  return letters.join("");
}

function describeChange({ kind, path, oldBytes, newBytes, differs }: TreeChange): string {
  const mark = { added: "+", removed: "-", changed: "~" }[kind];
  const sizes = [oldBytes, newBytes].filter((one) => one !== undefined);
  const isGrown = kind === "changed" && oldBytes !== newBytes && sizes.length === 2;
  const size = isGrown
    ? ` ${oldBytes} -> ${newBytes} bytes`
    : sizes[0] === undefined
      ? ""
      : ` ${sizes[0]} bytes`;
  const what = differs.length === 0 ? "" : ` (${differs.join(", ")})`;
  return `${mark} ${path}${size}${what}`;
}
