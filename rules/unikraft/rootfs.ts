import {
  type Label,
  type ExecPath,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  provider,
} from "../../src/index.ts";
import type { ProjectRootfs } from "./project.ts";
import { type RootfsRequest, rootfsProgram } from "./program/rootfs.ts";
import { buildDockerfile } from "./dockerfile.ts";
import { type RootfsSource, sourceOf } from "./rootfs-source.ts";

/** The root file system as machines get it. */
export const rootfsFile = provider<ExecPath>("unikraft.rootfs");
/** The same as it is in kernels that have it inside: not compressed. */
export const embeddedRootfs = provider<ExecPath>("unikraft.rootfs.embedded");
/** What the image says of itself that a root file system was made from, as JSON. */
export const imageConfigFile = provider<ExecPath>("unikraft.image-config");

export interface RootfsAttributes {
  readonly rootfs: ProjectRootfs;
  readonly architecture: string;
  /** The target that `rootfs` names in place of a path. */
  readonly source: Label | undefined;
}

/** A root file system as one file, from whatever the Kraftfile names. */
export const rootfsRule = defineRule({
  name: "unikraft_rootfs",
  description: "packs a root file system",
  attributes: {
    rootfs: attribute.checked<ProjectRootfs>("a root file system"),
    architecture: attribute.string,
    source: optional(attribute.label, undefined),
  },
  analyze: (context): TargetResult => {
    const { rootfs, architecture } = context.attributes;
    const source = sourceOf(context);
    if (source.kind === "unusable") {
      context.report({ severity: "error", at: rootfs.at, ...source.problem });
      return { outputs: [] };
    }
    const { format } = rootfs;
    const name = `initramfs-${architecture}.${format}`;
    const written = format === "squashfs" ? `initramfs-${architecture}.tar` : name;
    const packed = context.output(written);
    const config = pack(context, source, packed);
    const plain = format === "squashfs" ? squash(context, packed, name) : packed;
    const output = compressed(context, plain);
    return {
      outputs: [output],
      providers: {
        ...rootfsFile.give(output),
        ...embeddedRootfs.give(plain),
        ...(config !== undefined && imageConfigFile.give(config)),
      },
      layout: { [`.unikraft/build/${name}`]: output },
    };
  },
});

type Context = RuleContext<RootfsAttributes>;

/** Gives what the image says of itself that `output` is made from; undefined: it is from none. */
function pack(
  context: Context,
  source: Exclude<RootfsSource, { kind: "unusable" }>,
  output: ExecPath,
): ExecPath | undefined {
  if (source.kind === "usable") {
    const said = source.isImage ? context.output("image.json") : undefined;
    packSources(context, requestOf(context, { sources: source.sources, output, config: said }));
    return said;
  }
  const config = context.output("image.json");
  const { name, version } = rootfsProgram;
  const args = [JSON.stringify(requestOf(context, { sources: [], output }))];
  const packing = { mnemonic: "Rootfs", program: `unikraft/${name}`, version, args, output };
  // Once the Dockerfile, and what it begins with, are read, it is known which layers there are.
  const tree = context.output("rootfs.tar");
  buildDockerfile(source.dockerfile, { tree, packing, config }, context);
  return config;
}

function packSources(context: Context, request: RootfsRequest): void {
  const { output, config } = request;
  const inputs = request.sources.map(({ path }) => path);
  const { leftOut } = context.attributes.rootfs;
  const [first] = inputs;
  context.action({
    kind: "program",
    mnemonic: "Rootfs",
    program: `unikraft/${rootfsProgram.name}`,
    version: rootfsProgram.version,
    args: [JSON.stringify(request)],
    inputs,
    modesOf: inputs,
    ...(leftOut.length > 0 && first !== undefined && { without: { [first]: leftOut } }),
    outputs: config === undefined ? [output] : [output, config],
  });
}

function requestOf(
  { attributes, sourceDateEpoch }: Context,
  { sources, output, config }: Pick<RootfsRequest, "sources" | "output" | "config">,
): RootfsRequest {
  const { rootfs, architecture } = attributes;
  const format = rootfs.format === "squashfs" ? "tar" : rootfs.format;
  const owners = rootfs.keepFileOwners ? "kept" : "root";
  const { leftOut } = rootfs;
  return {
    sources,
    output,
    format,
    forSquashfs: rootfs.format === "squashfs",
    owners,
    mtime: sourceDateEpoch,
    architecture,
    leftOut,
    ...(rootfs.type === undefined ? {} : { type: rootfs.type }),
    ...(config === undefined ? {} : { config }),
  };
}

/** `tar` as SquashFS, which is always compressed, and so not written by a program of ours. */
function squash(context: Context, tar: ExecPath, name: string): ExecPath {
  const { output, action, sourceDateEpoch, attributes } = context;
  const image = output(name);
  const isKept = attributes.rootfs.keepFileOwners;
  // The root it gives to whoever runs it, unless all is root's; so that must be root.
  const program = isKept ? "unshare -r sqfstar -root-mode 755" : "sqfstar -root-mode 755 -all-root";
  const times = `-mkfs-time ${sourceDateEpoch} -all-time ${sourceDateEpoch}`;
  const line = `exec ${program} ${times} -quiet -no-progress -processors 1 "$1" < "$2" 2>&1`;
  action({
    kind: "command",
    mnemonic: "Squashfs",
    // With the variable, sqfstar refuses to be told the times.
    argv: ["sh", "-ec", `unset SOURCE_DATE_EPOCH; ${line}`, "sh", image, tar],
    env: {},
    tools: isKept ? ["sqfstar", "unshare"] : ["sqfstar"],
    inputs: [tar],
    outputs: [image],
  });
  return image;
}

/** `plain` as the workspace wants it. */
function compressed({ attributes, output, action }: Context, plain: ExecPath): ExecPath {
  const { compress } = attributes.rootfs;
  if (compress === "none") return plain;
  const tool = compress;
  const ending = compress === "gzip" ? "gz" : "zst";
  const packed = output(`${plain.slice(plain.lastIndexOf("/") + 1)}.${ending}`);
  const options = compress === "gzip" ? "-n -9 -c" : "-19 -q -c";
  action({
    kind: "command",
    mnemonic: "Compress",
    argv: ["sh", "-ec", `exec ${tool} ${options} < "$2" > "$1"`, "sh", packed, plain],
    env: {},
    tools: [tool],
    inputs: [plain],
    outputs: [packed],
  });
  return packed;
}
