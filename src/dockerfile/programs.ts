// The programs that Dockerfiles are carried out by, for rule sets to have among theirs. Nothing of
// them is loaded before it runs.

import type { Program } from "../rule/program.ts";

/** Rule sets that name these programs in a {@link DockerfileRequest} must have them. */
export const dockerfilePrograms: readonly Program[] = [
  {
    name: "dockerfile",
    version: 2,
    run: async (args, context) => (await import("./plan-program.ts")).planDockerfile(args, context),
  },
  {
    name: "image-open",
    version: 2,
    run: async (args, context) => (await import("./image-program.ts")).openImage(args, context),
  },
  {
    name: "image-choose",
    version: 1,
    run: async (args, context) =>
      (await import("./take-image-program.ts")).chooseImage(args, context),
  },
  {
    name: "image-take",
    version: 1,
    run: async (args, context) =>
      (await import("./take-image-program.ts")).takeImage(args, context),
  },
  {
    name: "context-pack",
    version: 1,
    run: async (args, context) => (await import("./context-program.ts")).packContext(args, context),
  },
  {
    name: "layer-copy",
    version: 3,
    run: async (args, context) => (await import("./copy-program.ts")).copyLayer(args, context),
  },
  {
    name: "layer-names",
    version: 2,
    run: async (args, context) => (await import("./layer-programs.ts")).tellNames(args, context),
  },
  {
    name: "layer-flatten",
    version: 1,
    run: async (args, context) => (await import("./layer-programs.ts")).flatten(args, context),
  },
];
