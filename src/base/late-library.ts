// Libraries that few builds need, loaded when one does. Knows none of them.

import { createRequire } from "node:module";

/** Declared where each of these libraries is one file beside the engine, as `scripts/build.mjs` makes it. */
declare const KRAFT_GRAPH_IS_BUNDLE: boolean;

const load = createRequire(import.meta.url);

/**
 * Gives the library `name`, loaded when it is first asked for: to have it with all else takes 10 ms
 * of each build. It is for whoever cannot wait for an `import()`, and is to be in `scripts/build.mjs`.
 */
export function lateLibrary<Library>(name: string): () => Library {
  const file = typeof KRAFT_GRAPH_IS_BUNDLE === "undefined" ? name : `./${name}.cjs`;
  let library: Library | undefined;
  return () => (library ??= load(file) as Library);
}
