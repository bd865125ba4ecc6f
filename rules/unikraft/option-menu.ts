// The core's own menu, in a directory of its own: before it is shown, and after.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { OpenedMenu, OptionChange } from "../../src/index.ts";
import { seen } from "./expand/layout.ts";
import { diskWorld } from "./kconfig/disk-world.ts";
import { dotConfigLine, formatDotConfig } from "./kconfig/dot-config.ts";
import type { Evaluation } from "./kconfig/evaluate.ts";
import { readKconfig, resolveDefconfig } from "./kconfig/kconfig.ts";
import type { KconfigSymbol } from "./kconfig/symbol.ts";
import { menuFiles } from "./program/menu-tree.ts";
import { readEnvironment } from "./program/options.ts";

/** How to show the menu of the core in the directory at `path`. */
export function openMenu(path: string): OpenedMenu {
  if (!makefilesOf(join(path, seen.core)).some(hasMenuGoal)) {
    return { kind: "none", message: "this core has no menuconfig" };
  }
  const read = (name: string): string => readFileSync(join(path, name), "utf8");
  return { kind: "menu", prepare: read(menuFiles.prepare), show: read(menuFiles.show) };
}

/** What the user changed in the directory at `path`, once what follows by itself is left out. */
export function changedOptions(path: string): readonly OptionChange[] {
  const read = (name: string): string => readFileSync(join(path, name), "utf8");
  const environment = readEnvironment(read(menuFiles.environment), path);
  const world = diskWorld({ directory: join(path, seen.build), environment });
  const kconfig = readKconfig(join(path, seen.core, "Config.uk"), world);
  const request = read(menuFiles.defconfig);
  const before = resolveDefconfig(kconfig, request);
  const after = resolveDefconfig(kconfig, read(seen.config));
  const goal = formatDotConfig(kconfig.root, after);
  const candidates = [...kconfig.table.options.values()].filter((symbol) => {
    const { value, isWritten, visibility } = after.of(symbol);
    const old = before.of(symbol);
    return visibility > 0 && isWritten && !(old.isWritten && old.value === value);
  });
  const kept = necessary(candidates, (some) => {
    const text = [request, ...some.map((symbol) => dotConfigLine(symbol, after.of(symbol).value))];
    return formatDotConfig(kconfig.root, resolveDefconfig(kconfig, text.join("\n"))) === goal;
  });
  return kept.map((symbol) => changeOf(symbol, before, after));
}

/** Those of `candidates` without which `isEnough` would not be true; off before on, as choices go. */
function necessary(
  candidates: readonly KconfigSymbol[],
  isEnough: (some: readonly KconfigSymbol[]) => boolean,
): readonly KconfigSymbol[] {
  let kept = candidates;
  // Where even all of them are not enough, the order of wishes matters: keep what is sure.
  if (!isEnough(kept)) return kept;
  for (const candidate of candidates.toReversed()) {
    const fewer = kept.filter((one) => one !== candidate);
    if (isEnough(fewer)) kept = fewer;
  }
  return kept;
}

function changeOf(symbol: KconfigSymbol, before: Evaluation, after: Evaluation): OptionChange {
  const name = `CONFIG_${symbol.name}`;
  const old = before.of(symbol);
  const { value } = after.of(symbol);
  return {
    name,
    value,
    before: old.isWritten ? dotConfigLine(symbol, old.value) : `# ${name} is not there`,
    after: dotConfigLine(symbol, value),
  };
}

function makefilesOf(core: string): string[] {
  const directories = [core, join(core, "support/build"), join(core, "support/kconfig")];
  return directories.flatMap((directory) =>
    existsSync(directory)
      ? readdirSync(directory)
          .filter((name) => name.startsWith("Makefile"))
          .map((name) => join(directory, name))
      : [],
  );
}

/** Whether the makefile at `path` says how to make `menuconfig`. */
function hasMenuGoal(path: string): boolean {
  return /^(?:[\w-]+[ \t]+)*menuconfig\b[^=\n:]*:(?!=)/m.test(readFileSync(path, "utf8"));
}
