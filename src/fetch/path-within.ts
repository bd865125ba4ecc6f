import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Where `path` leads in the tree whose root is the absolute path `root`: links are followed as if
 * `root` were `/`, so that none leads out of it. Absolute, and of no link; undefined when nothing is
 * there, or links go round in circles.
 */
export function pathWithin(root: string, path: string): string | undefined {
  const left = path.split("/");
  const found: string[] = [];
  let links = 0;
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      found.pop();
      continue;
    }
    const here = join(root, ...found, name);
    const stat = lstatSync(here, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isSymbolicLink()) {
      found.push(name);
      continue;
    }
    // As many as Linux follows.
    if (++links > 40) return undefined;
    const target = readlinkSync(here);
    if (target.startsWith("/")) found.length = 0;
    left.unshift(...target.split("/"));
  }
  return join(root, ...found);
}
