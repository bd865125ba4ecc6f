import {
  type ExecPath,
  type Label,
  type RuleContext,
  type TargetResult,
  type Values,
  attribute,
  defineRule,
  optional,
  provider,
  withHostArchitecture,
} from "../../src/index.ts";
import { compile, isCompiled } from "./compile.ts";
import { architecture, cflags } from "./flags.ts";
import { elftool } from "./toolchain.ts";

/** Objects to link, and where their headers are. */
export interface Objects {
  readonly objects: readonly ExecPath[];
  readonly includes: readonly ExecPath[];
  readonly architecture: string;
}

/** What `solo5_library` gives to applications. */
export const objectsOf = provider<Objects>("solo5.objects");

const attributes = {
  /** C files, `.S`, objects, archives; and headers, where they are not in the package. */
  srcs: attribute.labels,
  /** Directories of the package that have headers, in the order in which they are searched. */
  includes: optional(attribute.strings, []),
  cflags,
  /** Targets of `solo5_library`. */
  deps: optional(attribute.labels, []),
  /** Filled in with that of the host. */
  architecture,
} as const;

/** Objects that applications share. */
export const library = defineRule({
  name: "solo5_library",
  description: "compiles C files that Solo5 applications share",
  attributes,
  expand: withHostArchitecture,
  analyze: (context): TargetResult => {
    const { architecture: of, includes } = context.attributes;
    const { objects, found } = objectsFor(context);
    const own = includes.map((path) => context.source(path));
    const given = { objects, includes: [...own, ...found], architecture: of };
    return { outputs: objects, providers: objectsOf.give(given) };
  },
});

/** The objects of an application, which are the same whatever it is linked for. */
export const objects = defineRule({
  name: "solo5_objects",
  description: "compiles a Solo5 application, and its manifest",
  attributes: { ...attributes, manifest: attribute.label },
  analyze: (context): TargetResult => {
    const { manifest, architecture: of, cflags: flags } = context.attributes;
    const { objects: own } = objectsFor(context);
    const [json] = context.dependency(manifest).outputs;
    if (json === undefined) return { outputs: own };
    const source = manifestSource(json, context);
    const request = { architecture: of, sources: [source], includes: [], cflags: flags };
    // Last, as in the makefiles of Solo5's own tests: the order is part of the binary.
    const all = [...own, ...compile(request, context)];
    return {
      outputs: all,
      providers: objectsOf.give({ objects: all, includes: [], architecture: of }),
    };
  },
});

type Context = RuleContext<Values<typeof attributes>>;

function objectsFor(context: Context) {
  const { attributes: given, dependency, source, report, label, at } = context;
  const sources = given.srcs.flatMap((src) => dependency(src).outputs);
  if (!sources.some((path) => isCompiled(path) || /\.[oa]$/.test(path))) {
    const message = `${label} has nothing to compile: "srcs" has no .c and no .S`;
    report({ severity: "error", code: "bad-attribute", message, at });
  }
  const libraries = given.deps.flatMap((one) => libraryAt(one, context) ?? []);
  const found = [...new Set(libraries.flatMap(({ includes }) => includes))];
  const includes = [...given.includes.map((path) => source(path)), ...found];
  const { architecture: of, cflags: flags } = given;
  const own = compile({ architecture: of, sources, includes, cflags: flags }, context);
  const shared = libraries.flatMap(({ objects: theirs }) => theirs);
  return { objects: [...new Set([...own, ...shared])], found };
}

function libraryAt(label: Label, { dependency, attributes: given, report, at }: Context) {
  const found = objectsOf.of(dependency(label));
  const problem =
    found === undefined
      ? "is no solo5_library"
      : found.architecture !== given.architecture && `is for ${found.architecture}`;
  if (problem === false) return found;
  report({ severity: "error", code: "bad-attribute", message: `${label} ${problem}`, at });
  return undefined;
}

/** The C file that solo5-elftool makes of the manifest `json`. */
function manifestSource(json: ExecPath, { action, output }: Context): ExecPath {
  const [checked, source] = [output("manifest.json"), output("manifest.c")];
  action({
    kind: "program",
    mnemonic: "Solo5Manifest",
    program: "solo5/manifest",
    version: 1,
    args: [json, checked],
    inputs: [json],
    outputs: [checked],
  });
  action({
    kind: "command",
    mnemonic: "Solo5Elftool",
    argv: [elftool, "gen-manifest", checked, source],
    env: {},
    inputs: [checked],
    outputs: [source],
    tools: [elftool],
  });
  return source;
}
