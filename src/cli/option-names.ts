// What options a command has, as clipanion knows them. Knows no option by name.

import type { Cli } from "clipanion";

import type { KraftContext } from "./context.ts";

/** The options of one command. */
export interface OptionNames {
  /** Every name of every option, such as `-j` and `--jobs`. */
  readonly all: readonly string[];
  /** Those of options that take a value. */
  readonly withValue: ReadonlySet<string>;
}

/** The options of the commands that `cli` has. */
export function optionNamesOf(cli: Cli<KraftContext>): OptionNames {
  const options = cli.definitions({ colored: false }).flatMap((command) => command.options);
  const namesIn = (definition: string): string[] => definition.split(" ", 1)[0]?.split(",") ?? [];
  // Clipanion numbers the values of an option behind its names.
  const takesValue = options.filter(({ definition }) => definition.includes(" #0"));
  return {
    all: options.flatMap(({ definition }) => namesIn(definition)),
    withValue: new Set(takesValue.flatMap(({ definition }) => namesIn(definition))),
  };
}

/** `words` with `-j4` in two, as every user of make writes it and clipanion does not take it. */
export function withValuesApart(words: readonly string[], { withValue }: OptionNames): string[] {
  return words.flatMap((word) => {
    const name = word.slice(0, 2);
    const isJoined = word.length > 2 && !word.startsWith("--") && withValue.has(name);
    return isJoined ? [name, word.slice(2)] : [word];
  });
}
