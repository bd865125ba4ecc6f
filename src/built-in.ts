// The rule sets that come with the engine. Loads none of them.

import type { BuiltInRuleSets } from "./engine/repository.ts";

/** By name, each loaded when a package wants it. */
export const builtIn: BuiltInRuleSets = new Map([
  ["unikraft", async () => (await import("../rules/unikraft/unikraft.ts")).unikraft],
  ["generic", async () => (await import("../rules/generic/generic.ts")).generic],
  ["bunny", async () => (await import("../rules/bunny/bunny.ts")).bunny],
  ["mirage", async () => (await import("../rules/mirage/mirage.ts")).mirage],
  ["solo5", async () => (await import("../rules/solo5/solo5.ts")).solo5],
  ["bunix", async () => (await import("../rules/bunny/bunix.ts")).bunix],
]);
