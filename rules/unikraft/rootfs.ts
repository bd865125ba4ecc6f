import {
  type ExecPath,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  provider,
} from "../../src/index.ts";
import { buildDockerfile, type ProjectDockerfile } from "./dockerfile.ts";
import type { ProjectRootfs } from "./project.ts";
import { rootfsProgram } from "./program/rootfs.ts";

/** The archive of a root file system. */
export const rootfsFile = provider<ExecPath>("unikraft.rootfs");

/** What the image says of itself that a root file system was made from, as JSON. */
export const imageConfigFile = provider<ExecPath>("unikraft.image-config");

/** A root file system as one archive, from a directory or an archive that is there already. */
export const rootfsRule = defineRule({
  name: "unikraft_rootfs",
  description: "packs a root file system",
  attributes: {
    rootfs: attribute.checked<ProjectRootfs>("a root file system"),
    architecture: attribute.string,
  },
  analyze: (context): TargetResult => {
    const { rootfs, architecture } = context.attributes;
    if (rootfs.built !== undefined && rootfs.format === "cpio") {
      return rootfsOfDockerfile(rootfs, rootfs.built, context);
    }
    const kind = kindOf(rootfs);
    if (kind.kind === "unusable") {
      context.report({ severity: "error", at: rootfs.at, ...kind.problem });
      return { outputs: [] };
    }
    const source = context.component("rootfs", { kind: "directory", directory: rootfs.path });
    const name = `initramfs-${architecture}.cpio`;
    const output = context.output(name);
    context.action(packAction(kind.kind, { source, output }, context));
    return {
      outputs: [output],
      providers: rootfsFile.give(output),
      layout: { [`.unikraft/build/${name}`]: output },
    };
  },
});

type RootfsContext = RuleContext<{ readonly architecture: string }>;

function packAction(
  kind: string,
  { source, output }: { readonly source: ExecPath; readonly output: ExecPath },
  { sourceDateEpoch }: Pick<RootfsContext, "sourceDateEpoch">,
): Parameters<RootfsContext["action"]>[0] {
  return {
    kind: "program",
    mnemonic: "Rootfs",
    program: `unikraft/${rootfsProgram.name}`,
    version: rootfsProgram.version,
    args: [kind, source, output, String(sourceDateEpoch), "cpio"],
    inputs: [source],
    modesOf: [source],
    outputs: [output],
  };
}

/** Built by actions that are listed once the Dockerfile, and what it begins with, are read. */
function rootfsOfDockerfile(
  rootfs: ProjectRootfs,
  dockerfile: ProjectDockerfile,
  context: RootfsContext,
): TargetResult {
  const { architecture } = context.attributes;
  if (!dockerfile.isFound) {
    const message = `there is no Dockerfile at ${dockerfile.path}`;
    const help = "paths are relative to the directory of the Kraftfile";
    context.report({ severity: "error", code: "missing-file", message, help, at: rootfs.at });
    return { outputs: [] };
  }
  const built = buildDockerfile(dockerfile, context);
  const name = `initramfs-${architecture}.cpio`;
  const output = context.output(name);
  context.action(packAction("tar", { source: built.tree, output }, context));
  return {
    outputs: [output],
    providers: { ...rootfsFile.give(output), ...imageConfigFile.give(built.config) },
    layout: { [`.unikraft/build/${name}`]: output },
  };
}

type Kind =
  | { readonly kind: "directory" | "cpio" }
  | {
      readonly kind: "unusable";
      readonly problem: {
        readonly code: "missing-file" | "unsupported-source";
        readonly message: string;
        readonly help?: string;
      };
    };

/** What the source is, by what the Kraftfile says, and by what was found. */
function kindOf({ path, type, format, found }: ProjectRootfs): Kind {
  const unusable = (message: string, help?: string): Kind => ({
    kind: "unusable",
    problem: { code: "unsupported-source", message, ...(help === undefined ? {} : { help }) },
  });
  if (format !== "cpio") return unusable(`root file systems cannot be packed as ${format} yet`);
  if (type === "oci" || type === "tarball" || type === "erofs") {
    return unusable(`root file systems of type ${type} cannot be read yet`);
  }
  if (found === undefined) {
    const message = `there is no root file system at ${path}`;
    const help = "paths are relative to the directory of the Kraftfile";
    return { kind: "unusable", problem: { code: "missing-file", message, help } };
  }
  return { kind: found === "directory" ? "directory" : "cpio" };
}
