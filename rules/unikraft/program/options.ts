// All there is to tell about the options of an image. Knows no YAML.

import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";

import { type Program, ProgramError } from "../../../src/index.ts";
import { fixedRoot, seen } from "../expand/layout.ts";
import { diskWorld } from "../kconfig/disk-world.ts";
import { factsOf, type OptionFacts } from "../kconfig/facts.ts";
import type { Wish, Wording } from "../kconfig/in-words.ts";
import { readKconfig, resolveDefconfig } from "../kconfig/kconfig.ts";
import { KconfigError } from "../kconfig/kconfig-error.ts";
import type { KconfigSymbol, Place } from "../kconfig/symbol.ts";
import type { RequestedSetting } from "../settings.ts";

/** What the program is asked. */
export interface OptionsRequest {
  readonly settings: readonly RequestedSetting[];
  /** How users know the directories that are seen as the keys. */
  readonly places: Readonly<Record<string, string>>;
}

/**
 * Reads the Config.uk files as conf does and tells of each option where its value comes from.
 * Arguments: the output, the environment of conf (`NAME=VALUE`, each ended by a zero byte, with
 * the fixed root for the input root), the defconfig, the `.config` that conf made, the request.
 */
export const options: Program = {
  name: "options",
  version: 1,
  run: async ([output, environmentFile, request, answer, words], { root, resolve, print }) => {
    if (
      output === undefined ||
      environmentFile === undefined ||
      request === undefined ||
      answer === undefined ||
      words === undefined
    ) {
      throw new ProgramError("arguments are missing");
    }
    const { settings, places } = JSON.parse(words) as OptionsRequest;
    const environment = readEnvironment(readFileSync(resolve(environmentFile), "utf8"), root);
    mkdirSync(resolve(seen.tools), { recursive: true });
    const defconfig = readFileSync(resolve(request), "utf8").replaceAll(
      `"${fixedRoot}/`,
      `"${root}/`,
    );
    try {
      const kconfig = readKconfig(
        resolve(`${seen.core}/Config.uk`),
        diskWorld({ directory: resolve(seen.build), environment }),
      );
      const values = resolveDefconfig(kconfig, defconfig);
      const wishes = wishesIn(settings, defconfig);
      // Scripts of the core resolve links, of which a sandbox is made.
      const real = Object.keys(places).map((at) => [realpathSync(resolve(at)), at] as const);
      const inRoot = (text: string): string =>
        real.reduce((all, [from, at]) => all.replaceAll(`${from}/`, `${root}/${at}/`), text);
      const wording: Wording = {
        values,
        placeOf: ({ file, line }) => placeText({ file: inRoot(file), line }, root, places),
        wishOf: ({ name }: KconfigSymbol) => wishes.get(`CONFIG_${name}`),
      };
      const text = JSON.stringify(factsOf(kconfig.root, wording), undefined, 1);
      const facts = JSON.parse(
        inRoot(text).replaceAll(`${root}/`, `${fixedRoot}/`),
      ) as OptionFacts[];
      const checked = withAnswer(facts, readFileSync(resolve(answer), "utf8"), print);
      writeFileSync(resolve(output), JSON.stringify({ options: checked }, undefined, 1));
    } catch (error) {
      if (!(error instanceof KconfigError)) throw error;
      throw new ProgramError(error.message.replaceAll(`${root}/`, ""));
    }
  },
};

/** `facts` with the lines of `answer`, which is what counts: where they differ, it is told. */
function withAnswer(
  facts: readonly OptionFacts[],
  answer: string,
  print: (line: string) => void,
): readonly OptionFacts[] {
  const lines = new Map<string, string>();
  for (const line of answer.split("\n")) {
    const name = /^(?:# )?(CONFIG_\w+)(?:=| is not set$)/.exec(line)?.[1];
    if (name !== undefined) lines.set(name, line);
  }
  return facts.map(({ line: ours, ...fact }) => {
    const line = lines.get(fact.name);
    if (line === ours) return { ...fact, ...(line !== undefined && { line }) };
    print(
      `the core has \`${line ?? "nothing"}\` for ${fact.name}, by a rule that is not understood`,
    );
    const origin = "the core's own conf";
    return { ...fact, origin, ...(line !== undefined && { line }) };
  });
}

/** The variables that conf would have, were it started in `root`. */
export function readEnvironment(text: string, root: string): Record<string, string> {
  const pairs = text.split("\0").filter((line) => line.includes("="));
  return Object.fromEntries(
    pairs.map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1).replaceAll(fixedRoot, root)];
    }),
  );
}

/** Who asked for what. What is in the defconfig and was asked for by nobody, a library brought. */
function wishesIn(settings: readonly RequestedSetting[], defconfig: string): Map<string, Wish> {
  const wishes = new Map<string, Wish>();
  for (const line of defconfig.split("\n")) {
    const name = /^CONFIG_\w+(?==y$)/.exec(line)?.[0];
    if (name !== undefined) wishes.set(name, { value: "y", origin: "a library" });
  }
  for (const { symbol, value, by, place } of settings) {
    const origin = place ?? (by === "target" ? "the platform or target" : "a library");
    wishes.set(symbol, { value, origin });
  }
  return wishes;
}

function placeText({ file, line }: Place, root: string, places: OptionsRequest["places"]): string {
  const path = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  const at = Object.keys(places).find((one) => path.startsWith(`${one}/`));
  const known = at === undefined ? path : `${places[at] ?? ""}${path.slice(at.length)}`;
  return `${known.replace(/^\.\//, "")}:${line}`;
}
