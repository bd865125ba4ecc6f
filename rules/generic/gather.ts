import { type ExecPath, attribute, defineRule, optional } from "../../src/index.ts";

/** Files under one name: sources, outputs of targets, and what `glob` finds. */
export const filegroup = defineRule({
  name: "filegroup",
  description: "names a set of files",
  attributes: { srcs: optional(attribute.labels, []) },
  analyze: ({ attributes, dependency }) => ({
    outputs: unique(attributes.srcs.flatMap((label) => dependency(label).outputs)),
  }),
});

/** Another name for a target, which can be built, run and depended on through it. */
export const alias = defineRule({
  name: "alias",
  description: "gives a target another name",
  attributes: { actual: attribute.label },
  analyze: ({ attributes, dependency }) => dependency(attributes.actual),
});

/** Targets that are built together. */
export const group = defineRule({
  name: "group",
  description: "builds several targets together",
  attributes: { targets: attribute.labels },
  analyze: ({ attributes, dependency }) => ({
    outputs: unique(attributes.targets.flatMap((label) => dependency(label).outputs)),
  }),
});

/** `paths` without repeats: a file may be named by itself and by a glob. */
function unique(paths: readonly ExecPath[]): readonly ExecPath[] {
  return [...new Set(paths)];
}
