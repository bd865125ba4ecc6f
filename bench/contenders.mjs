// Who is compared: the engine as bundled, and whichever of its peers the machine has.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Bundles the engine into `directory`, so that what is measured is what users get. */
export function bundleEngine(directory) {
  const script = fileURLToPath(new URL("../scripts/build.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "--no-types", "--out", directory], { stdio: "inherit" });
  // As it is installed: else Node looks into each file first to find out what it is.
  writeFileSync(join(directory, "package.json"), '{"type":"module"}\n');
  return join(directory, "main.js");
}

/** The version of each peer; undefined for one that is missing. */
export function findPeers() {
  return {
    make: firstLineOf("make", "--version")?.replace(/^GNU Make /, ""),
    ninja: firstLineOf("ninja", "--version"),
    ccache: firstLineOf("ccache", "--version")?.replace(/^ccache version /, ""),
  };
}

function firstLineOf(program, ...args) {
  try {
    return execFileSync(program, args, { encoding: "utf8" }).split("\n")[0];
  } catch {
    return undefined;
  }
}
