// RUN → the command that makes a layer, and the program that tells the names in it.

import { type ImageMount, treeOfMount } from "../action/image-root.ts";
import { copyAction, layersOf, type Making } from "./build-actions.ts";
import { copySourcesOf } from "./copy-sources.ts";
import type { LayerPaths } from "./request.ts";
import type { RunMount, RunStep } from "./step.ts";

/** Adds what `step` runs. */
export function runAction(
  step: RunStep,
  {
    output,
    layers,
    making,
  }: {
    readonly output: LayerPaths;
    readonly layers: readonly LayerPaths[];
    readonly making: Making;
  },
): void {
  const mounts = step.mounts.map((mount, i) => mountOf(mount, `${output.layer}.mount${i}`, making));
  const own = layers.map(({ layer }) => layer);
  const mounted = mounts.flatMap((mount) => treeOfMount(mount)?.layers ?? []);
  const { argv, env, user, directory, isPrivileged, network, text: subject } = step;
  making.add({
    kind: "command",
    mnemonic: "Run",
    subject,
    argv,
    env,
    tools: [],
    inputs: [...new Set([...own, ...mounted])],
    outputs: [output.layer],
    root: { layers: own, user, directory, isPrivileged, mounts },
    ...(network !== "none" && { network: true }),
  });
  making.add({
    kind: "program",
    mnemonic: "Names",
    subject,
    program: `${making.request.ruleSet}/layer-names`,
    version: 2,
    args: [output.layer, output.names],
    inputs: [output.layer],
    outputs: [output.names],
  });
}

function mountOf(mount: RunMount, name: string, making: Making): ImageMount {
  if (mount.kind === "cache") {
    const { base, ...own } = mount;
    if (base === undefined) return own;
    const layers = layersOf(base.tree, making).map(({ layer }) => layer);
    return { base: { layers, source: base.source }, ...own };
  }
  if (mount.kind !== "bind") return mount;
  const { target, tree, source, isWritable } = mount;
  if (tree.kind !== "context") {
    const layers = layersOf(tree, making).map(({ layer }) => layer);
    return { kind: "bind", target, layers, source, isWritable };
  }
  // Files of the user would be links there, and could be written to.
  const output = { layer: name, names: `${name}.names` };
  const step = {
    kind: "files",
    text: `the build context at ${target}`,
    unpacks: false,
    sources: [{ kind: "context", path: source }],
    destination: source,
    excluded: [],
    keepsParents: false,
    isLinked: true,
  } as const;
  const { sources, ...read } = copySourcesOf(step, output, making);
  const { kind, unpacks, destination, excluded, keepsParents } = step;
  const change = { kind, unpacks, sources, destination, excluded, keepsParents } as const;
  const about = { subject: step.text, ...read };
  making.add(copyAction({ output, change, below: [], owner: "" }, about, making));
  return { kind: "bind", target, layers: [output.layer], source, isWritable };
}
