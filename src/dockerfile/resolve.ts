// Which stages the result needs, and which images those begin with. Knows no image.

import type { Report } from "../diagnostic/diagnostic.ts";
import { nearestName } from "../diagnostic/suggest.ts";
import { expandWord, ExpansionError } from "./expand.ts";
import type { Dockerfile, Instruction, Stage } from "./instruction.ts";
import { type ImagePlatform, imageKeyOf, parsePlatform, platformArguments } from "./platform.ts";
import type { TreeName } from "./step.ts";

/** What a Dockerfile is to be built as. */
export interface BuildChoice {
  /** A stage, by name or number; absent: the last. */
  readonly target?: string;
  /** Values of `ARG`. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: ImagePlatform;
  /** Of the machine that builds. */
  readonly buildPlatform: ImagePlatform;
}

/** A Dockerfile of which it is known what leads to what. */
export interface Resolved {
  readonly dockerfile: Dockerfile;
  readonly choice: BuildChoice;
  /** Arguments in front of the first stage, and those that every Dockerfile has. */
  readonly globals: ReadonlyMap<string, string>;
  /** For each stage of the file. */
  readonly bases: readonly ResolvedBase[];
  /** The numbers of the stages that are needed, each after those it needs; the last is the result. */
  readonly needed: readonly number[];
  /** The platforms of the images that are needed, by what a {@link TreeName} calls these. */
  readonly images: ReadonlyMap<string, ImagePlatform>;
}

/** What a stage begins with. */
export interface ResolvedBase {
  readonly tree: TreeName;
  readonly platform: ImagePlatform;
}

/** Undefined when a mistake was reported. */
export function resolveStages(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  report: Report,
): Resolved | undefined {
  let isGood = true;
  const tell: Report = (diagnostic) => {
    isGood = false;
    report(diagnostic);
  };
  const globals = globalsOf(dockerfile, choice, tell);
  const { stages } = dockerfile;
  const bases = stages.map((stage, number) => {
    return baseOf(stage, { stages, number, globals, choice, report: tell });
  });
  const target = targetOf(dockerfile, choice, tell);
  if (target === undefined || !isGood) return undefined;
  const needed: number[] = [];
  const images = new Map<string, ImagePlatform>();
  const visit = (number: number): void => {
    if (needed.includes(number)) return;
    const base = bases[number];
    const stage = stages[number];
    if (base === undefined || stage === undefined) return;
    const inner = stage.instructions.flatMap((one) => treesOf(one, stages, number));
    if (base.tree.kind === "image") images.set(base.tree.image, base.platform);
    // Source: BuildKit: what is copied from is for the platform of the result, whatever the stage is.
    for (const tree of inner) {
      if (tree.kind === "image") images.set(tree.image, choice.platform);
    }
    for (const tree of [base.tree, ...inner]) if (tree.kind === "stage") visit(tree.stage);
    needed.push(number);
  };
  visit(target);
  return isGood ? { dockerfile, choice, globals, bases, needed, images } : undefined;
}

/** The tree that `--from=name` means within the stage `number`. */
export function treeNamed(name: string, stages: readonly Stage[], number: number): TreeName {
  const wanted = name.toLowerCase();
  const before = stages.slice(0, number);
  const named = before.findLastIndex((stage) => stage.name === wanted);
  if (named !== -1) return { kind: "stage", stage: named };
  if (/^\d+$/.test(name) && Number(name) < number) return { kind: "stage", stage: Number(name) };
  return wanted === "scratch" ? { kind: "scratch" } : { kind: "image", image: name };
}

/** The trees that `instruction` reads besides that of its own stage. */
export function treesOf(
  instruction: Instruction,
  stages: readonly Stage[],
  number: number,
): TreeName[] {
  if (instruction.kind === "copy" && instruction.from !== undefined) {
    return [treeNamed(instruction.from, stages, number)];
  }
  if (instruction.kind !== "run") return [];
  const names = instruction.mounts.flatMap(({ options }) => options.get("from") ?? []);
  return names.map((name) => treeNamed(name, stages, number));
}

function globalsOf(
  dockerfile: Dockerfile,
  { buildArgs, platform, buildPlatform }: BuildChoice,
  report: Report,
): Map<string, string> {
  const globals = new Map<string, string>(
    Object.entries(platformArguments(platform, buildPlatform)),
  );
  for (const { name, value, escape, at } of dockerfile.arguments) {
    const given = buildArgs[name];
    try {
      const known = globals.get(name);
      const meant =
        given ??
        (value === undefined ? known : expandWord(value, (one) => globals.get(one), escape));
      if (meant !== undefined) globals.set(name, meant);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      report({
        severity: "error",
        code: "bad-dockerfile",
        message: `ARG ${name}: ${error.message}`,
        at,
      });
    }
  }
  return globals;
}

interface BaseContext {
  readonly stages: readonly Stage[];
  readonly number: number;
  readonly globals: ReadonlyMap<string, string>;
  readonly choice: BuildChoice;
  readonly report: Report;
}

function baseOf(stage: Stage, context: BaseContext): ResolvedBase {
  const { stages, number, globals, choice, report } = context;
  const { at, escape } = stage;
  const mistake = (message: string, help?: string): void => {
    report({ severity: "error", code: "bad-dockerfile", message, at, ...(help && { help }) });
  };
  const expanded = (word: string): string => {
    try {
      return expandWord(word, (name) => globals.get(name), escape);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      mistake(`FROM ${word}: ${error.message}`);
      return word;
    }
  };
  const base = expanded(stage.base);
  if (base === "") {
    const help = "set its variables by ARG in front of the first FROM";
    mistake(`FROM ${stage.base} names no image, as its variables are empty`, help);
  }
  const wanted = stage.platform === undefined ? "" : expanded(stage.platform);
  const platform = wanted === "" ? choice.platform : parsePlatform(wanted);
  if (platform === undefined) mistake(`${JSON.stringify(wanted)} is no platform`);
  const tree = treeNamed(base, stages, number);
  // A number means a stage only behind `--from`.
  const isNumber = tree.kind === "stage" && stages[tree.stage]?.name !== base.toLowerCase();
  const wantedFor = platform ?? choice.platform;
  if (tree.kind !== "image" && !isNumber) return { tree, platform: wantedFor };
  const image = imageKeyOf(base, wantedFor, choice.platform);
  return { tree: { kind: "image", image }, platform: wantedFor };
}

function targetOf(
  { stages }: Dockerfile,
  { target }: BuildChoice,
  report: Report,
): number | undefined {
  if (target === undefined) return stages.length - 1;
  const named = stages.findLastIndex(({ name }) => name === target.toLowerCase());
  if (named !== -1) return named;
  if (/^\d+$/.test(target) && Number(target) < stages.length) return Number(target);
  const names = stages.flatMap(({ name }) => name ?? []);
  const nearest = nearestName(target, names);
  report({
    severity: "error",
    code: "bad-dockerfile",
    message: `the Dockerfile has no stage ${target}`,
    ...(stages[0] !== undefined && { at: stages[0].at }),
    ...(nearest !== undefined && { help: `did you mean "${nearest}"?` }),
  });
  return undefined;
}
