// The options that say what is told of a build, and how. Knows no command.

import { Option } from "clipanion";

import { wordOption } from "./option-values.ts";

/** Fields for a command that builds; see `withReporting`. */
export const reportOptions = {
  profile: () =>
    Option.String("--profile", {
      description: "write what ran when to this file, for ui.perfetto.dev; NAME.gz is packed",
    }),
  isQuiet: () => Option.Boolean("-q,--quiet", false, { description: "tell only of what is wrong" }),
  isVerbose: () =>
    Option.Boolean("--verbose", false, {
      description: "a line for each action, also when its result was in a cache",
    }),
  subcommands: () =>
    Option.Boolean("-s,--subcommands", false, { description: "print the commands that run" }),
  color: () =>
    wordOption("--color", {
      values: colorChoices,
      description: "when to use colours: auto, always, never",
    }),
};

/** When to use colours; `auto`: on a terminal, unless NO_COLOR is set. */
export type ColorChoice = (typeof colorChoices)[number];

const colorChoices = ["auto", "always", "never"] as const;
