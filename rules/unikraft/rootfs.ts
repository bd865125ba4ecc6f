import {
  type ExecPath,
  type TargetResult,
  attribute,
  defineRule,
  provider,
} from "../../src/index.ts";
import type { ProjectRootfs } from "./project.ts";
import { rootfsProgram } from "./program/rootfs.ts";

/** The archive of a root file system. */
export const rootfsFile = provider<ExecPath>("unikraft.rootfs");

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
    const kind = kindOf(rootfs);
    if (kind.kind === "unusable") {
      context.report({ severity: "error", at: rootfs.at, ...kind.problem });
      return { outputs: [] };
    }
    const source = context.component("rootfs", { kind: "directory", directory: rootfs.path });
    const name = `initramfs-${architecture}.cpio`;
    const output = context.output(name);
    context.action({
      kind: "program",
      mnemonic: "Rootfs",
      program: `unikraft/${rootfsProgram.name}`,
      version: rootfsProgram.version,
      args: [kind.kind, source, output, String(context.sourceDateEpoch), rootfs.format],
      inputs: [source],
      modesOf: [source],
      outputs: [output],
    });
    return {
      outputs: [output],
      providers: rootfsFile.give(output),
      layout: { [`.unikraft/build/${name}`]: output },
    };
  },
});

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
  if (type === "dockerfile" || (type === undefined && /dockerfile/i.test(path))) {
    return unusable(
      `the root file system ${path} is a Dockerfile, which cannot be built yet`,
      "export it to a directory, or to a CPIO archive, and name that",
    );
  }
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
