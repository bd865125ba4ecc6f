// Where the files of the graph are on this machine, generated ones among them.

import { join } from "node:path";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import type { Node } from "../action/result.ts";
import { componentRoot } from "../analysis/exec-path.ts";
import type { Label } from "../label/label.ts";
import type { Cas } from "../store/cas.ts";
import { directoriesOf } from "../store/tree-message.ts";
import type { ActionGraph } from "./action-graph.ts";
import { placeOutput } from "./outputs.ts";
import type { Records } from "./records.ts";
import type { TreeDirectories } from "./tree-directories.ts";

/** What finding files takes. */
export interface RealFilesParts {
  /** Absolute. */
  readonly root: string;
  /** Absolute directories outside of the workspace, by where actions see them. */
  readonly components: ReadonlyMap<ExecPath, string>;
  readonly graph: Pick<ActionGraph, "makerOf">;
  readonly records: Records;
  readonly cas: Cas;
  readonly trees: TreeDirectories;
}

/** Files as the last build left them. */
export class RealFiles {
  readonly #parts: RealFilesParts;
  readonly #missing = new Set<Label>();
  readonly #known = new Map<ExecPath, string>();
  readonly #placed = new Set<ExecPath>();

  constructor(parts: RealFilesParts) {
    this.#parts = parts;
  }

  /** Targets of which something is asked for that is gone, or has not been built. */
  get missing(): readonly Label[] {
    return [...this.#missing].sort();
  }

  /** The file or directory behind `path`: absolute, or relative to the workspace root. */
  readonly fileAt = (path: ExecPath): string => {
    let file = this.#known.get(path);
    if (file === undefined) this.#known.set(path, (file = this.#find(path)));
    return file;
  };

  /** Sees to it that the output that `path` is, or is in, stands in the workspace. */
  place(path: ExecPath): void {
    const { graph, root, cas } = this.#parts;
    const maker = graph.makerOf(path);
    if (maker === undefined || path.startsWith(`${componentRoot}/`)) return;
    const [output, node] = this.#outputAt(maker, path);
    if (this.#placed.has(output)) return;
    this.#placed.add(output);
    const openTree = (tree: Extract<Node, { kind: "tree" }>) =>
      directoriesOf(tree, cas) ?? new Map<never, never>();
    const isThere = node !== undefined && placeOutput(node, join(root, output), { cas, openTree });
    if (!isThere) this.#missing.add(maker.owner);
  }

  #find(path: ExecPath): string {
    const { components, graph, trees } = this.#parts;
    for (const [seen, directory] of components) {
      if (path === seen || path.startsWith(`${seen}/`)) return directory + path.slice(seen.length);
    }
    const maker = path.startsWith(`${componentRoot}/`) ? graph.makerOf(path) : undefined;
    if (maker === undefined) return path;
    const [output, node] = this.#outputAt(maker, path);
    const directory = node?.kind === "tree" ? trees.directoryOf(node) : undefined;
    if (directory === undefined) this.#missing.add(maker.owner);
    return directory === undefined ? path : directory + path.slice(output.length);
  }

  /** The output of `maker` that is `path`, or holds it, as it was when it was last made. */
  #outputAt(maker: Action, path: ExecPath): readonly [ExecPath, Node | undefined] {
    const outputs = this.#parts.records.of(actionId(maker))?.outputs ?? [];
    const isAbove = (output: ExecPath) => path === output || path.startsWith(`${output}/`);
    const found = outputs.find(([output]) => isAbove(output));
    return found ?? [maker.outputs.find(isAbove) ?? path, undefined];
  }
}
