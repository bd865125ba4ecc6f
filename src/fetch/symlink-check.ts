// Where symbolic links of a tree lead, as the kernel would follow them. Reads no disk.

/** Targets of links, by path from the top. */
export type Symlinks = ReadonlyMap<string, string>;

/** As Linux has it: more links on one way are a loop, which leads nowhere. */
const followLimit = 40;

/** The path of a link that leads above the directory `top`, or is absolute; undefined: there is none. */
export function checkSymlinks(symlinks: Symlinks, top: string): string | undefined {
  const floor = top === "" ? 0 : 1;
  for (const [path, target] of symlinks) {
    if (leadsOut(path, target, symlinks, floor)) return path;
  }
  return undefined;
}

function leadsOut(path: string, target: string, symlinks: Symlinks, floor: number): boolean {
  if (target.startsWith("/")) return true;
  const at = path.split("/").slice(0, -1);
  const left = target.split("/").reverse();
  let followed = 0;
  while (left.length > 0) {
    const name = left.pop();
    if (name === undefined || name === "" || name === ".") continue;
    if (name === "..") {
      if (at.length <= floor) return true;
      at.pop();
      continue;
    }
    at.push(name);
    const next = symlinks.get(at.join("/"));
    if (next === undefined) continue;
    if (next.startsWith("/")) return true;
    if (++followed > followLimit) return false;
    at.pop();
    left.push(...next.split("/").reverse());
  }
  return false;
}
