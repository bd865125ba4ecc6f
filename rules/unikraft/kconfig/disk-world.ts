// Config.uk files on the disk, and commands by sh.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";

import type { KconfigWorld } from "./parse.ts";

/** Where conf would be started, and with what. */
export interface ConfPlace {
  /** Absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The disk as conf sees it when it is started at `place`. */
export function diskWorld({ directory, environment }: ConfPlace): KconfigWorld {
  const absolute = (path: string): string => posix.resolve(directory, path);
  const sourceTree = environment["srctree"];
  const read = (path: string): string | undefined => readFile(absolute(path));
  return {
    read: (path) =>
      read(path) ?? (sourceTree === undefined ? undefined : read(posix.join(sourceTree, path))),
    glob: (pattern) => {
      if (pattern === "") return [];
      if (!/[*?[]/.test(pattern)) return existsSync(absolute(pattern)) ? [pattern] : [];
      return expandPattern(pattern, absolute);
    },
    shell: (command) => {
      const { stdout } = spawnSync("sh", ["-c", command], {
        cwd: directory,
        env: { ...environment },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      return stdout ?? "";
    },
    environment: (name) => environment[name],
  };
}

function readFile(path: string): string | undefined {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? readFileSync(path, "utf8") : undefined;
}

/** The paths that `pattern` stands for, a part at a time, sorted. */
function expandPattern(pattern: string, absolute: (path: string) => string): string[] {
  const [first = "", ...parts] = pattern.split("/");
  let found = first === "" ? ["/"] : matching(".", first, absolute).map((name) => name);
  for (const part of parts) {
    found = found.flatMap((directory) =>
      matching(directory, part, absolute).map((name) => posix.join(directory, name)),
    );
  }
  return found.sort();
}

function matching(
  directory: string,
  part: string,
  absolute: (path: string) => string,
): readonly string[] {
  if (!/[*?[]/.test(part)) return existsSync(posix.join(absolute(directory), part)) ? [part] : [];
  const isDirectory = statSync(absolute(directory), { throwIfNoEntry: false })?.isDirectory();
  if (isDirectory !== true) return [];
  const source = part
    .replaceAll(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
    .replaceAll("[!", "[^");
  const matches = new RegExp(`^${source}$`, "s");
  const showsHidden = part.startsWith(".");
  return readdirSync(absolute(directory)).filter(
    (name) => matches.test(name) && (showsHidden || !name.startsWith(".")),
  );
}
