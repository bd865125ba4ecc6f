// A source that is compiled by the real engine with the real compiler. Knows no test.

import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import type { Action, CompileAction } from "../../src/action/action.ts";
import type { Node } from "../../src/action/result.ts";
import { describeCause } from "../../src/why/words.ts";
import { executionRig, outs, owner } from "./execution-rig.ts";

/** How a result was found, from the cheapest way to the dearest. */
export type How = "known" | "recalled" | "preprocessed" | "compiled" | "failed";

/** What differs from an action that compiles `app/main.c` with `one` and `two` to search. */
export interface CompileOptions {
  readonly source?: string;
  readonly flags?: readonly string[];
  readonly searchPath?: readonly string[];
  /** Run behind the preprocessor, in the root of its inputs. */
  readonly afterwards?: string;
  readonly more?: Partial<CompileAction>;
  /** Actions that make what it reads. */
  readonly others?: readonly Action[];
}

/** The header of options, where there is one. */
export const optionHeader = "one/config.h";

/** A workspace of `files`; a file that starts with `-> ` is a link. */
export function compileRig(files: Readonly<Record<string, string>>, options: CompileOptions = {}) {
  const present = new Map(Object.entries({ ...placeholders, ...files }));
  const here = rigOf(present, options);
  const write = (path: string, text: string): void => {
    present.set(path, text);
    put(here.root, here.write, path, text);
  };
  /** Builds here, and compares with what the same files give from nothing. */
  const build = async (): Promise<How> => {
    const { how, node } = await buildIn(here, options);
    const fresh = await buildIn(rigOf(present, options), options);
    expect(node, `${how} is not what these files give`).toEqual(fresh.node);
    return how;
  };
  return {
    root: here.root,
    write,
    remove: (path: string): void => {
      present.delete(path);
      rmSync(join(here.root, path));
    },
    build,
    /** Builds without looking whether it is right, and without time having passed. */
    buildAtOnce: async () => (await buildIn(here, options, { passedMs: 0 })).how,
    /** Builds, and runs what was known again; gives what is wrong with that. */
    verify: async () => (await buildIn(here, options, { verifyShare: 1 })).message,
    /** What was printed by the last build, for all to see. */
    /** Why the last build was not up to date. */
    reasons: async (more: Partial<CompileOptions> = {}) =>
      (await buildIn(here, { ...options, ...more })).reasons,
    printed: async () => (await buildIn(here, options)).printed,
  };
}

const placeholders = { "one/.keep": "", "two/.keep": "", "app/.keep": "" };

type Rig = ReturnType<typeof executionRig>;

function rigOf(files: ReadonlyMap<string, string>, { others = [] }: CompileOptions): Rig {
  const rig = executionRig();
  for (const [path, text] of files) put(rig.root, rig.write, path, text);
  for (const action of others) expect(action.kind).toBe("program");
  return rig;
}

function put(root: string, write: Rig["write"], path: string, text: string): void {
  rmSync(join(root, path), { force: true });
  if (!text.startsWith("-> ")) return write(path, text);
  write(join(path, "../.keep"), "");
  symlinkSync(text.slice(3), join(root, path));
}

async function buildIn(
  rig: Rig,
  options: CompileOptions,
  { passedMs = 5_000, verifyShare = 0 } = {},
): Promise<{
  how: How;
  node: Node | undefined;
  printed: string;
  message: string | undefined;
  reasons: readonly string[];
}> {
  // Files that were written just now may still change, as far as the engine can tell.
  rig.pass(passedMs);
  const action = compileAction(options);
  const [output] = action.outputs;
  const built = await rig.build([...(options.others ?? []), action], {
    wanted: [output],
    verifyShare,
  });
  const mine = built.events.filter((event) => "id" in event && event.id === output);
  const isStarted = mine.some(({ kind }) => kind === "action-started");
  const end = mine.find((event) => event.kind === "action-finished");
  const printed = mine.flatMap((event) => (event.kind === "action-printed" ? [event.text] : []));
  const hows = {
    upToDate: "known",
    localHit: isStarted ? "preprocessed" : "recalled",
    remoteHit: "recalled",
    executed: "compiled",
    failed: "failed",
    skipped: "failed",
  } as const;
  const how = end?.kind === "action-finished" ? hows[end.outcome] : "failed";
  const node = how === "failed" ? undefined : built.equipment.inputs.outputAt(output);
  const message = end?.kind === "action-finished" ? end.failure?.message : undefined;
  const causes = end?.kind === "action-finished" ? (end.causes ?? []) : [];
  return { how, node, printed: printed.join(""), message, reasons: causes.map(describeCause) };
}

/** As rules make them: outputs are seen below `build`, sources where they are. */
export function compileAction({
  source = "app/main.c",
  flags = [],
  searchPath = ["one", "two"],
  afterwards = "",
  more = {},
}: CompileOptions): CompileAction {
  const isAssembly = source.endsWith(".S");
  const [text, depfile, object] = [
    isAssembly ? "build/main.s" : "build/main.i",
    "build/main.d",
    "build/main.o",
  ];
  const dirs = searchPath.flatMap((path) => ["-I", path]);
  const preprocess = ["gcc", "-E", ...dirs, ...flags, source, "-fno-working-directory"];
  const script = `"$@" || exit; ${afterwards}`;
  const language = isAssembly ? "assembler" : "cpp-output";
  return {
    kind: "compile",
    mnemonic: "CC",
    owner,
    preprocess: ["sh", "-c", script, "cpp", ...preprocess, "-MD", "-MF", depfile, "-o", text],
    compile: ["gcc", "-c", "-x", language, text, "-o", object],
    text,
    depfile,
    searchPath,
    options: { header: optionHeader, prefix: "CONFIG_" },
    env: {},
    tools: ["gcc"],
    inputs: ["app", "one", "two"],
    outputs: [`${outs}/main.o`],
    mounts: { [outs]: "build" },
    ...more,
  };
}
