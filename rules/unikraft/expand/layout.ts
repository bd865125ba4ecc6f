// Where an expanded build sees things, the same for every image, package and machine.

import type { ExecPath } from "../../../src/index.ts";

/** Where make is given the parts of an image, below the fixed root. */
export const seen = {
  core: "core",
  app: "app",
  build: "build",
  config: "build/.config",
  tools: "build/kconfig",
  rootfs: "rootfs",
} as const;

/** Where the library `name` is seen. */
export function seenLibrary(name: string): ExecPath {
  return `libs/${name}`;
}

/** The root that make is told of, which stands in options and in what is compiled. */
export const fixedRoot = "/kraft";

/** `text` with paths below the fixed root made relative to it, where they are whole arguments. */
export function relativeWord(word: string): string {
  if (/^-[DU]/.test(word)) return word;
  return word.replaceAll(/(^-I|^-isystem|^-L|^|[=,:])\/kraft\//g, "$1");
}

/** Paths below the fixed root in `text`, relative to it. */
export function pathsIn(text: string): ExecPath[] {
  const found = text.matchAll(/(?<![\w.-])\/kraft\/([\w.+@/-]*[\w+@-])/g);
  return [...new Set([...found].map(([, path = ""]) => path.replaceAll(/\/+/g, "/")))];
}
