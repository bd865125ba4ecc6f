// Which modules of the engine are loaded together, and so go into one file of the bundle.

import { resolve } from "node:path";

/**
 * For each file by its name, the modules that it is there for, with all that they import: Node takes
 * half a millisecond for each file that it loads, and a build would load 140 of them. An earlier
 * one keeps what a later one needs, too; but what both `options` and `build` need is in `start`, as
 * most have only one of them. What is in none is split by who imports it.
 */
const roots = {
  // For --version, which is to take no longer than Node itself. main.ts waits for the others at its top
  // level, so none of them may be where it is.
  main: ["src/built-in.ts", "src/cli/context.ts"],
  // For a build with the usual options, in which nothing changed.
  start: ["src/cli/cli.ts", "src/engine/build.ts", "src/report/event-file.ts"],
  // For commands with other options.
  options: ["src/cli/build-command.ts", "src/cli/run-with-options.ts"],
  // For any other build.
  build: ["src/engine/fresh-build.ts", "rules/generic/generic.ts"],
  // For one with unikernels in it.
  unikernels: [
    "rules/unikraft/unikraft.ts",
    "rules/bunny/bunny.ts",
    "rules/bunny/bunix.ts",
    "rules/mirage/mirage.ts",
    "rules/solo5/solo5.ts",
  ],
};

/**
 * The groups, as rolldown takes them.
 * @returns {import("rolldown").CodeSplittingGroup[]}
 */
export function chunkGroups() {
  /** @type {Map<string, string> | undefined} */
  let chunks;
  return Object.keys(roots).map((chunk, at, { length }) => ({
    debugName: chunk,
    name: (module, context) => {
      chunks ??= chunksOf((one) => context.getModuleInfo(one));
      return chunks.get(module) === chunk ? chunk : null;
    },
    priority: length - at,
  }));
}

function chunksOf(infoOf) {
  const chunks = new Map();
  for (const [chunk, paths] of Object.entries(roots)) {
    const left = paths.map((path) => resolve(path));
    for (let module = left.pop(); module !== undefined; module = left.pop()) {
      const known = chunks.get(module);
      const isForBoth = known === "options" && chunk === "build";
      if (known !== undefined && !isForBoth) continue;
      const info = infoOf(module);
      if (info === null) throw new Error(`${module} is no module of the bundle`);
      chunks.set(module, isForBoth ? "start" : chunk);
      left.push(...info.importedIds);
    }
  }
  return chunks;
}
