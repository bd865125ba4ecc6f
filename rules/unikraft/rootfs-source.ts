// What a root file system is made from, by what the Kraftfile says and by what was found.

import { posix } from "node:path";

import {
  FormatError,
  type ExecPath,
  type RuleContext,
  formatReference,
  parseReference,
  partsOf,
} from "../../src/index.ts";
import type { ProjectDockerfile } from "./dockerfile.ts";
import type { RootfsRequest } from "./program/rootfs.ts";
import type { RootfsAttributes } from "./rootfs.ts";

/** Where actions find a root file system, or why there is none. */
export type RootfsSource =
  | {
      readonly kind: "usable";
      readonly sources: RootfsRequest["sources"];
      /** Whether it is an image, which says how it is started. */
      readonly isImage: boolean;
    }
  | { readonly kind: "dockerfile"; readonly dockerfile: ProjectDockerfile }
  | {
      readonly kind: "unusable";
      readonly problem: {
        readonly code: "missing-file" | "unsupported-source";
        readonly message: string;
        readonly help?: string;
      };
    };

/** The source of the root file system of `context`; an image of a registry gets its fetch action. */
export function sourceOf(context: RuleContext<RootfsAttributes>): RootfsSource {
  const { path, type, found, isLayout } = context.attributes.rootfs;
  if (context.attributes.source !== undefined) return ofTarget(context);
  const { built } = context.attributes.rootfs;
  if (built !== undefined) return ofDockerfile(built);
  if (found !== undefined) {
    const source = context.component("rootfs", { kind: "directory", directory: path });
    const sources = [{ path: source, at: "", isSealed: false }];
    return { kind: "usable", sources, isImage: isLayout };
  }
  if (type === "oci" || (type === undefined && isImageName(path))) return ofImage(context);
  const message = `there is no root file system at ${path}`;
  const help = "paths are relative to the directory of the Kraftfile";
  return { kind: "unusable", problem: { code: "missing-file", message, help } };
}

function unusable(message: string, help?: string): RootfsSource {
  const problem = { code: "unsupported-source", message, ...(help === undefined ? {} : { help }) };
  return { kind: "unusable", problem: problem as { code: "unsupported-source"; message: string } };
}

function ofDockerfile(dockerfile: ProjectDockerfile): RootfsSource {
  if (dockerfile.isFound) return { kind: "dockerfile", dockerfile };
  const message = `there is no Dockerfile at ${dockerfile.path}`;
  const help = "paths are relative to the directory of the Kraftfile";
  return { kind: "unusable", problem: { code: "missing-file", message, help } };
}

/** What nobody would write for a path: a name with a tag, a digest, or a registry. */
function isImageName(text: string): boolean {
  if (/^(\.{0,2}\/|~)/.test(text)) return false;
  return (
    /^(oci|docker):\/\//.test(text) ||
    /:[\w.-]+$|@sha256:/.test(text) ||
    /^[\w-]+(\.[\w-]+)+(:\d+)?\/./.test(text)
  );
}

/** An image, as a layout with it alone. */
function ofImage({ attributes, component, action }: RuleContext<RootfsAttributes>): RootfsSource {
  const { rootfs, architecture } = attributes;
  let reference: string;
  try {
    const parsed = parseReference(rootfs.path, "docker");
    const tag = parsed.digest === undefined ? (parsed.tag ?? "latest") : parsed.tag;
    reference = formatReference({ ...parsed, ...(tag !== undefined && { tag }) });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return unusable(`the root file system ${error.message}`);
  }
  const identity = `image ${reference} linux/${architecture}`;
  const path = component("rootfs", { kind: "action", identity });
  action({
    kind: "fetch",
    mnemonic: "Fetch",
    subject: reference,
    source: { kind: "image", reference, platform: { os: "linux", architecture } },
    inputs: [],
    outputs: [path],
    mounts: { [path]: "source" },
    resources: { network: 1 },
  });
  return { kind: "usable", sources: [{ path, at: "", isSealed: true }], isImage: true };
}

/** A target's only output is the root file system; several are laid down by their own paths. */
function ofTarget({ attributes, dependency }: RuleContext<RootfsAttributes>): RootfsSource {
  const { source, rootfs } = attributes;
  const outputs = source === undefined ? [] : dependency(source).outputs;
  const [only, ...others] = outputs;
  if (only === undefined) return unusable(`${rootfs.path} makes nothing to be a root file system`);
  if (others.length === 0) {
    const sources = [{ path: only, at: "", isSealed: isSealed(only) }];
    return { kind: "usable", sources, isImage: rootfs.type === "oci" };
  }
  const sources = outputs.map((path) => ({
    path,
    at: placeOf(path, source ?? ""),
    isSealed: isSealed(path),
  }));
  return { kind: "usable", sources, isImage: false };
}

/** Whether an action made it, which says nothing of modes and links. */
function isSealed(path: ExecPath): boolean {
  return path.startsWith(".kraft/");
}

/** The path of an output or of a source below its own package. */
function placeOf(path: ExecPath, label: string): string {
  const { packagePath, name } = partsOf(label as Parameters<typeof partsOf>[0]);
  const inPackage = [posix.join(".kraft/out", packagePath, name), packagePath].find(
    (directory) => directory !== "" && path.startsWith(`${directory}/`),
  );
  if (inPackage !== undefined) return path.slice(inPackage.length + 1);
  const output = /^\.kraft\/out\/(?:.*\/)?[^/]+\/([^/]+)$/.exec(path)?.[1];
  return output ?? path;
}
