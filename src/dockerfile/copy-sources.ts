// The sources of COPY and ADD → what a program reads, and what is fetched for it.

import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import { layersOf, type Making } from "./build-actions.ts";
import { contextInput } from "./context-input.ts";
import { gitignorePatterns } from "./gitignore-patterns.ts";
import { parentsInput, type ParentsSource, parentsSource } from "./parents.ts";
import type { CopySource, LayerPaths } from "./request.ts";
import type { FileSource, FilesStep } from "./step.ts";

/** Sources by their paths, and these paths. */
export interface CopySources {
  readonly sources: readonly CopySource[];
  readonly inputs: readonly ExecPath[];
  readonly without: Readonly<Record<ExecPath, readonly string[]>>;
  /** What is of the context, which no link leads out of. */
  readonly within: Readonly<Record<ExecPath, ExecPath>>;
}

/** The sources of `step`, whose layer is `output`; adds the actions that fetch them. */
export function copySourcesOf(step: FilesStep, output: LayerPaths, making: Making): CopySources {
  const inputs: ExecPath[] = [];
  const without = new Map<ExecPath, readonly string[]>();
  const sources = step.sources.map((source, i) => {
    const found = sourceOf(source, { step, fetched: `${output.layer}.source${i}` }, making);
    inputs.push(...found.inputs);
    for (const [path, patterns] of Object.entries(found.without)) {
      const before = without.get(path);
      const isSame = before === undefined || before.join("\n") === patterns.join("\n");
      without.set(path, isSame ? patterns : sharedPatterns(path, making));
    }
    return found.source;
  });
  const hidden = [...without].filter(([, patterns]) => patterns.length > 0);
  const within = [...without.keys()].map((path) => [path, making.request.context] as const);
  return {
    sources,
    inputs,
    without: Object.fromEntries(hidden),
    within: Object.fromEntries(within),
  };
}

/** Of two sources in the directory at `path`, each needs what it needs. */
function sharedPatterns(path: ExecPath, { request, ignored }: Making): string[] {
  return gitignorePatterns(ignored, posix.relative(request.context, path));
}

interface Found {
  readonly source: CopySource;
  readonly inputs: readonly ExecPath[];
  readonly without: CopySources["without"];
}

interface Place {
  readonly step: FilesStep;
  /** Where it goes, if it is fetched. */
  readonly fetched: ExecPath;
}

function sourceOf(source: FileSource, { step, fetched }: Place, making: Making): Found {
  const { request, ignored } = making;
  switch (source.kind) {
    case "context": {
      const { context, ignoreFile } = request;
      const { path, without } = source.keepsParents
        ? parentsInput(besides(source, step), context, ignored)
        : contextInput(source.path, context, ignored);
      const found = { ...source, context };
      return {
        source: ignoreFile === undefined ? found : { ...found, ignoreFile },
        inputs: ignoreFile === undefined ? [path] : [path, ignoreFile],
        without: { [path]: without },
      };
    }
    case "tree": {
      const layers = layersOf(source.tree, making).map(({ layer }) => layer);
      return { source: { kind: "tree", layers, path: source.path }, inputs: layers, without: {} };
    }
    case "text":
      return { source, inputs: [], without: {} };
    case "url": {
      const { url, checksum } = source;
      const checksums = checksum === undefined ? [] : [checksum];
      addFetch({ kind: "file", urls: [url], checksums }, fetched, making);
      const name = lastNameOf(url);
      return { source: { kind: "file", file: fetched, name }, inputs: [fetched], without: {} };
    }
    case "git": {
      const [url = "", fragment = ""] = source.url.split("#");
      const [reference = "", subdirectory = ""] = fragment.split(":");
      addFetch({ kind: "git", url, ...(reference !== "" && { reference }) }, fetched, making);
      const directory = subdirectory === "" ? fetched : `${fetched}/${subdirectory}`;
      const { keepsGitDirectory } = source;
      return {
        source: { kind: "directory", directory, keepsGitDirectory },
        inputs: [fetched],
        without: {},
      };
    }
  }
}

/** All sources of `step` that come with the directories below the same place as `source` does. */
function besides({ path }: { readonly path: string }, { sources }: FilesStep): ParentsSource[] {
  const { start } = parentsSource(path);
  return sources
    .flatMap((one) => (one.kind === "context" && one.keepsParents ? parentsSource(one.path) : []))
    .filter((one) => one.start === start);
}

type Fetched = Extract<Parameters<Making["add"]>[0], { readonly kind: "fetch" }>["source"];

function addFetch(source: Fetched, output: ExecPath, { add }: Making): void {
  add({
    kind: "fetch",
    mnemonic: "Fetch",
    source,
    inputs: [],
    outputs: [output],
    resources: { network: 1 },
  });
}

function lastNameOf(url: string): string {
  try {
    const name = new URL(url).pathname.split("/").at(-1) ?? "";
    return name === "" ? "__unnamed__" : decodeURIComponent(name);
  } catch {
    return "__unnamed__";
  }
}
