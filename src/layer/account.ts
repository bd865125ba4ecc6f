// Users and groups of an image, by its own files.

import type { FileTree } from "../format/file-tree.ts";
import { FormatError } from "../format/format-error.ts";
import type { Owner } from "./layer-draft.ts";

/** Whether finding out about `text` takes the files of the image. */
export function namesAccount(text: string): boolean {
  return text !== "" && !/^\d*(?::\d*)?$/.test(text);
}

/**
 * The owner that `text` means: `user`, `user:group`, each a name or a number, or nothing, which is 0.
 * Without a colon the group is the user's own, or that of the same number. Throws a FormatError for a name that the image does not know.
 *
 * Source: Dockerfile reference, "COPY --chown"; BuildKit, where a user alone is its group too.
 */
export function ownerOf(text: string, tree: FileTree): Owner {
  const [user = "", group] = text.split(":");
  const uid = user === "" ? 0 : idOf(user, { tree, file: "etc/passwd", what: "user" });
  const gid =
    group === undefined
      ? groupOf(user, uid, tree)
      : group === ""
        ? 0
        : idOf(group, { tree, file: "etc/group", what: "group" });
  return { uid, gid };
}

interface Place {
  readonly tree: FileTree;
  readonly file: string;
  readonly what: string;
}

function idOf(name: string, { tree, file, what }: Place): number {
  if (/^\d+$/.test(name)) return Number(name);
  const line = linesOf(tree, file).find(([one]) => one === name);
  if (line?.[2] === undefined) throw new FormatError(`/${file}`, `knows no ${what} ${name}`);
  return Number(line[2]);
}

function groupOf(user: string, uid: number, tree: FileTree): number {
  const line = linesOf(tree, "etc/passwd").find(([name]) => name === user);
  return line?.[3] === undefined ? uid : Number(line[3]);
}

function linesOf(tree: FileTree, file: string): string[][] {
  const node = tree.follow(Buffer.from(file));
  if (node?.kind !== "file") return [];
  const text = Buffer.concat([...node.content.read()]).toString("latin1");
  return text.split("\n").map((line) => line.split(":"));
}
