// Kernels and root file systems → layers of images that are compressed, by the tools of the machine.

import type { ExecPath, RuleContext } from "../../src/index.ts";
import { layerProgram, type LayerKind } from "./program/layer.ts";
import type { CompressedLayer, Compression } from "./program/package.ts";

/** What adds actions to a target. */
type Adding = Pick<RuleContext<never>, "action" | "output">;

/** Gives the layer of a file, made once however many images have it. */
export function layersBy(
  compression: Compression,
  context: Adding,
): (file: ExecPath, kind: LayerKind) => CompressedLayer {
  const known = new Map<ExecPath, CompressedLayer>();
  return (file, kind) => {
    const found =
      known.get(file) ?? layerOf({ file, kind, number: known.size }, compression, context);
    known.set(file, found);
    return found;
  };
}

function layerOf(
  { file, kind, number }: { file: ExecPath; kind: LayerKind; number: number },
  compression: Compression,
  { action, output }: Adding,
): CompressedLayer {
  const tar = output(`layers/${number}-${kind}.tar`);
  const { tool, options, ending } = tools[compression];
  const compressed = output(`layers/${number}-${kind}.tar.${ending}`);
  action({
    kind: "program",
    mnemonic: "Layer",
    program: `unikraft/${layerProgram.name}`,
    version: layerProgram.version,
    args: [tar, file, kind],
    inputs: [file],
    outputs: [tar],
  });
  action({
    kind: "command",
    mnemonic: "Compress",
    argv: ["sh", "-ec", `exec ${tool} ${options} < "$2" > "$1"`, "sh", compressed, tar],
    env: {},
    tools: [tool],
    inputs: [tar],
    outputs: [compressed],
  });
  return { tar, compressed };
}

/** On one thread, as with several the bytes depend on how many. */
const tools = {
  gzip: { tool: "gzip", options: "-n -6 -c", ending: "gz" },
  zstd: { tool: "zstd", options: "--single-thread -3 -q -c", ending: "zst" },
} as const;
