import {
  type ExecPath,
  type Label,
  type RuleContext,
  type Span,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  parseLabel,
  partsOf,
  provider,
} from "../../src/index.ts";
import { blockFile } from "./block.ts";
import { type Include, relativePath } from "./bunnyfile/include.ts";
import type { BunnyRootfs } from "./bunnyfile/rootfs.ts";
import { inputsOf } from "./copy-inputs.ts";
import { specAttribute } from "./kernel.ts";
import type { BunnySpec } from "./load.ts";
import { outputCalled } from "./outputs.ts";
import type { Copy } from "./program/copy.ts";
import type { ImageFiles } from "./program/image-files.ts";
import { type RootfsRequest, rootfsProgram } from "./program/rootfs.ts";
import { extractedFile, fetchedImage } from "./remote-image.ts";

/** A root file system that is one file. */
export interface RootfsFile {
  readonly file: ExecPath;
  /** The image that it is a file of. */
  readonly image?: ImageFiles;
  /** Whether it is a file of the user, whose permissions the image keeps. */
  readonly isSource: boolean;
}

/** The root file system that a target gives to images. */
export const rootfsOf = provider<RootfsFile>("bunny.rootfs");

/** The root file system of a bunnyfile: a file that is there, or one that is packed. */
export const rootfsRule = defineRule({
  name: "bunny_rootfs",
  description: "the root file system of a bunnyfile",
  attributes: { spec: specAttribute, srcs: optional(attribute.labels, []) },
  analyze: (context): TargetResult => {
    const { rootfs } = context.attributes.spec.bunnyfile;
    if (rootfs === undefined) return { outputs: [] };
    if (rootfs.kind === "image") return wholeImage(rootfs, context);
    return rootfs.kind === "file" ? prebuilt(rootfs, context) : packed(rootfs, context);
  },
});

/** What is needed of a rule of bunny to look for files. */
export type Context = RuleContext<{
  readonly spec: BunnySpec;
  readonly srcs: readonly Label[];
}>;

function prebuilt(rootfs: Extract<BunnyRootfs, { kind: "file" }>, context: Context): TargetResult {
  const [label] = context.attributes.srcs;
  if (rootfs.from.kind === "image") {
    const image = imageOf(rootfs.from.reference, rootfs.at, context);
    if (image === undefined) return { outputs: [] };
    const file = extractedFile(
      image,
      { path: rootfs.path ?? "", at: rootfs.at },
      context.output("rootfs"),
      context,
    );
    return { outputs: [file], providers: rootfsOf.give({ file, image, isSource: false }) };
  }
  if (rootfs.from.kind === "local" || label === undefined) {
    const file = context.source(relativePath(rootfs.path ?? ""));
    return { outputs: [file], providers: rootfsOf.give({ file, isSource: true }) };
  }
  const { outputs } = context.dependency(label);
  const file = outputCalled(rootfs.path, outputs);
  if (file === undefined) {
    const message = `${label} gives ${outputs.length} outputs, and none is said to be the rootfs`;
    const help = "name one of them: path: NAME";
    context.report({ severity: "error", code: "bad-rootfs", message, at: rootfs.at, help });
    return { outputs: [] };
  }
  return { outputs: [file], providers: rootfsOf.give({ file, isSource: false }) };
}

function packed(
  { type, includes }: Extract<BunnyRootfs, { kind: "built" }>,
  context: Context,
): TargetResult {
  const copies = copiesOf(includes, context);
  if (type === "block") {
    const isOld = context.attributes.spec.bunnyfile.framework.text === "rumprun";
    const device = { type: isOld ? "ext2" : "ext4", copies, reads: inputsOf(copies) } as const;
    const file = blockFile(device, context);
    return { outputs: [file], providers: rootfsOf.give({ file, isSource: false }) };
  }
  const output = context.output(type === "raw" ? "rootfs.tar" : "rootfs.cpio");
  packAction({ type, output, copies }, context);
  return { outputs: [output], providers: rootfsOf.give({ file: output, isSource: false }) };
}

/** All files of an image with those that are added, as one tar. */
function wholeImage(
  { reference, includes, at }: Extract<BunnyRootfs, { kind: "image" }>,
  context: Context,
): TargetResult {
  const image = imageOf(reference, at, context);
  if (image === undefined) return { outputs: [] };
  const output = context.output("rootfs.tar");
  const all: Copy = { path: "/", image, name: "", to: "/", keepsModes: true };
  packAction({ type: "raw", output, copies: [all, ...copiesOf(includes, context)] }, context);
  return { outputs: [output] };
}

function packAction(
  { type, output, copies }: Pick<RootfsRequest, "type" | "copies"> & { output: ExecPath },
  context: Context,
): void {
  const request: RootfsRequest = { type, mtime: context.sourceDateEpoch, copies };
  context.action({
    kind: "program",
    mnemonic: "Rootfs",
    program: `bunny/${rootfsProgram.name}`,
    version: rootfsProgram.version,
    args: [output, JSON.stringify(request)],
    ...inputsOf(copies),
    outputs: [output],
  });
}

/** What `includes` copy; what cannot be had is reported, and left out. */
export function copiesOf(includes: readonly Include[], context: Context): readonly Copy[] {
  return includes.flatMap((include) => {
    const { from, source, destination: to } = include;
    const name = source.split("/").at(-1) ?? "";
    if (from.kind === "local") {
      const path = context.source(source === "" ? "." : source);
      const { ignored: patterns } = context.attributes.spec;
      const ignored = patterns.length > 0 && { ignored: { patterns, below: source } };
      return [{ path, name, to, keepsModes: true, ...ignored }];
    }
    if (from.kind === "target") return targetCopies(include, from.label, context);
    const image = imageOf(from.reference, include.at, context);
    if (image === undefined) return [];
    return [{ path: source === "" ? "/" : source, image, name, to, keepsModes: true }];
  });
}

/** Of a target's outputs, the one that is meant, or a part of the only one; all for `.`. */
function targetCopies(
  { source, destination: to, at }: Include,
  written: string,
  { label, dependency, report }: Pick<RuleContext<unknown>, "label" | "dependency" | "report">,
): readonly Copy[] {
  const from = parseLabel(written, partsOf(label).packagePath);
  const outputs = from === undefined ? [] : dependency(from).outputs;
  const nameOf = (path: string): string => path.split("/").at(-1) ?? "";
  if (source === "") {
    return outputs.map((path) => ({ path, name: nameOf(path), to, keepsModes: false }));
  }
  const whole = outputCalled(source, outputs);
  const [only, ...others] = outputs;
  const inside = others.length === 0 && only !== undefined ? `${only}/${source}` : undefined;
  const path = whole ?? inside;
  if (path !== undefined) return [{ path, name: nameOf(path), to, keepsModes: false }];
  const message = `${written} gives no file "${source}"`;
  report({ severity: "error", code: "bad-rootfs", message, at });
  return [];
}

/** Where actions find the image that the bunnyfile calls `reference`. */
export function imageOf(
  reference: string,
  at: Span,
  context: Pick<Context, "attributes" | "component" | "action" | "report">,
): ImageFiles | undefined {
  const { bunnyfile, architecture, hostArchitecture } = context.attributes.spec;
  const wanted = {
    monitor: bunnyfile.monitor.text,
    architecture: architecture ?? hostArchitecture,
  };
  return fetchedImage({ reference, ...wanted, at }, context);
}
