import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { OptionChange } from "../rule/option-support.ts";
import { removeTree } from "../sandbox/remove-tree.ts";
import { runInTerminal } from "../sandbox/terminal-program.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { type OptionTarget, refuse } from "./option-target.ts";
import { answerTo, canAsk } from "./terminal-question.ts";

/** How to go about it. */
interface MenuOptions {
  readonly context: KraftContext;
  /** Whether to ask before the build file is written. */
  readonly asks: boolean;
  /** Whether what is new is to hold for this target alone. */
  readonly isForTarget: boolean;
}

/** Shows the menu of `made` in a directory of its own, and writes back what was changed. */
export async function changeByMenu(made: OptionTarget, options: MenuOptions): Promise<number> {
  const scratch = join(made.root, ".kraft/menu");
  mkdirSync(scratch, { recursive: true });
  const directory = mkdtempSync(join(scratch, "menu-"));
  try {
    return await changeIn(directory, made, options);
  } finally {
    removeTree(directory);
  }
}

async function changeIn(
  directory: string,
  made: OptionTarget,
  options: MenuOptions,
): Promise<number> {
  const { context } = options;
  const { menu } = made.support;
  cpSync(made.path, directory, { recursive: true });
  makeWritable(directory);
  const opened = menu.open(directory);
  if (opened.kind === "none") return refuse(context, "no-options", opened.message).exitCode;
  const { env } = context.host;
  const place = { directory, env };
  const prepared = await runInTerminal(["sh", "-ec", opened.prepare], {
    ...place,
    isInteractive: false,
  });
  if (prepared !== 0) return tellFailure("what the menu is to show cannot be made", context);
  const shown = await runInTerminal(["sh", "-ec", opened.show], { ...place, isInteractive: true });
  if (context.signal.aborted) return exitCodes.interrupted;
  if (shown !== 0) return tellFailure(`the menu ended with ${shown ?? "a signal"}`, context);
  const changes = menu.changes(directory);
  if (changes.length === 0) {
    context.stderr.write("nothing was changed\n");
    return exitCodes.ok;
  }
  for (const { before, after } of changes) context.stdout.write(`-${before}\n+${after}\n`);
  return writeBack(made, changes, options);
}

async function writeBack(
  { root, target, support }: OptionTarget,
  changes: readonly OptionChange[],
  { context, asks, isForTarget }: MenuOptions,
): Promise<number> {
  const { path } = target.at.source;
  if (asks && !(await isAgreed(`Write this to ${path}? [y/N] `, context))) {
    context.stderr.write(`${path} is as it was; --write writes without asking\n`);
    return exitCodes.ok;
  }
  const { source } = target.at;
  const text = await support.menu.write(source, changes, { target: target.at, isForTarget });
  const file = join(root, path);
  if (readFileSync(file, "utf8") !== source.text) {
    return tellFailure(`${path} was changed while the menu was open: it was not written`, context);
  }
  writeFileSync(file, text);
  context.stderr.write(`${path} is written\n`);
  return exitCodes.ok;
}

/** False, too, when there is nobody to ask. */
async function isAgreed(question: string, context: KraftContext): Promise<boolean> {
  return canAsk(context) && /^y(es)?$/i.test((await answerTo(question, context)) ?? "");
}

function tellFailure(message: string, { stderr }: Pick<KraftContext, "stderr">): number {
  stderr.write(`error: ${message}\n`);
  return exitCodes.failed;
}

/** What is laid out from a store is not to be written to; a copy is. */
function makeWritable(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
