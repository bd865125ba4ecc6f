import fc from "fast-check";

const segment = fc
  .string({ unit: fc.constantFrom(...Array.from("abz09._+-~ é@=,")), minLength: 1, maxLength: 6 })
  .filter((text) => ![".", "..", "..."].includes(text));

const path = fc.array(segment, { maxLength: 4 }).map((segments) => segments.join("/"));

/** The parts of any label. */
export const labelParts = fc.record({
  repository: fc.constantFrom("", "", "unikraft", "lib-lwip", "unikraft.org"),
  packagePath: path,
  name: path,
});

export const packagePaths = path;

/** A target's name, and none that stands for several targets. */
export const targetNames = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join("/"))
  .filter((name) => name !== "all" && name !== "all-targets");
