// What the commands `config` and `menuconfig` say of images.

import { type OptionAnswer, type OptionSupport, didYouMean } from "../../src/index.ts";
import type { OptionFacts } from "./kconfig/facts.ts";
import { changedOptions, openMenu } from "./option-menu.ts";

/** The options of images: those of Config.uk files. */
export const optionSupport: OptionSupport = {
  list: (facts, names) => {
    const options = optionsIn(facts);
    const unknown = names.find((name) => !options.has(fullName(name)));
    if (unknown !== undefined) return unknownOption(unknown, options);
    const chosen =
      names.length > 0 ? names.map((name) => options.get(fullName(name))) : options.values();
    const rows = [...chosen].flatMap((one) => {
      if (one === undefined || (one.line === undefined && names.length === 0)) return [];
      return [{ text: one.line ?? `# ${one.name} is not there`, origin: one.origin }];
    });
    const width = Math.min(48, Math.max(0, ...rows.map(({ text }) => text.length)));
    return lines(rows.map(({ text, origin }) => `${text.padEnd(width)}  # ${origin}`));
  },
  explain: (facts, name) => {
    const options = optionsIn(facts);
    const option = options.get(fullName(name));
    if (option === undefined) return unknownOption(name, options);
    return lines([option.name, ...option.about.map((line) => `  ${line}`.trimEnd())]);
  },
  compare: (facts, other) => {
    const mine = linesOf(optionsIn(facts).values());
    const isFacts = other.startsWith("{");
    const theirs = isFacts ? linesOf(optionsIn(other).values()) : dotConfigLines(other);
    const names = [...new Set([...mine.keys(), ...theirs.keys()])].sort();
    return lines(
      names.flatMap((name) => {
        const [a, b] = [mine.get(name), theirs.get(name)];
        // A defconfig says only what is not standard.
        if (a === b || (!isFacts && b === undefined) || isSameOff(a, b)) return [];
        return [...(a === undefined ? [] : [`-${a}`]), ...(b === undefined ? [] : [`+${b}`])];
      }),
    );
  },
  menu: {
    open: openMenu,
    changes: changedOptions,
    // Late, as it takes the YAML library along.
    write: async (...all) => (await import("./write-kconfig.ts")).writeKconfig(...all),
  },
};

function lines(all: readonly string[]): OptionAnswer {
  return { kind: "lines", lines: all };
}

function optionsIn(facts: string): Map<string, OptionFacts> {
  const { options } = JSON.parse(facts) as { readonly options: readonly OptionFacts[] };
  return new Map(options.map((one) => [one.name, one]));
}

function fullName(name: string): string {
  return name.startsWith("CONFIG_") ? name : `CONFIG_${name}`;
}

function unknownOption(name: string, options: ReadonlyMap<string, OptionFacts>): OptionAnswer {
  const full = fullName(name);
  const message = `no Config.uk file of this target declares ${full}`;
  return { kind: "refused", message, ...didYouMean(full, options.keys()) };
}

function linesOf(options: Iterable<OptionFacts>): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, line } of options) if (line !== undefined) found.set(name, line);
  return found;
}

/** The lines of a `.config` or defconfig, by option; the last one of an option counts. */
function dotConfigLines(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const name = /^(?:# )?(CONFIG_\w+)(?:=| is not set$)/.exec(line)?.[1];
    if (name !== undefined) found.set(name, line.replace(/^(CONFIG_\w+)=n$/, "# $1 is not set"));
  }
  return found;
}

/** An option that is not there is off. */
function isSameOff(a: string | undefined, b: string | undefined): boolean {
  return [a, b].every((line) => line === undefined || line.endsWith(" is not set"));
}
