// Builds Dockerfiles by the engine's own actions, and by buildah, and lists what comes of it.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { treeOfMount } from "../../src/action/image-root.ts";
import type { CommandAction } from "../../src/action/action.ts";
import type { ImageBuilder } from "../../src/action/image-build.ts";
import { parseYielded } from "../../src/action/yielded.ts";
import { dockerfilePrograms } from "../../src/dockerfile/programs.ts";
import { type DockerfileRequest, dockerfileAction } from "../../src/dockerfile/request.ts";
import { openArchive } from "../../src/format/archive-bytes.ts";
import type { TreeNode } from "../../src/format/file-tree.ts";
import { treeOfTar } from "../../src/format/tar-tree.ts";
import { parseLabel } from "../../src/label/label.ts";
import type { ProgramContext } from "../../src/rule/program.ts";
import { builderLine } from "../../src/sandbox/image-builder.ts";
import { imageLine } from "../../src/sandbox/image-run.ts";
import { makeSmallBase } from "./base-image.ts";

const owner = parseLabel("//app:rootfs", "") ?? failed("no label");
const out = ".kraft/out/app/rootfs";

function failed(message: string): never {
  throw new Error(message);
}

/** A place with a build context and base images; `close` removes it. */
export function openCases(makeContext: (directory: string) => void) {
  const made = mkdtempSync(join(tmpdir(), "kraft-dockerfile-"));
  // Buildah makes a name of an image from it, which must be in lower case.
  const root = made.toLowerCase();
  renameSync(made, root);
  chmodSync(root, 0o755);
  const context = join(root, "context");
  mkdirSync(context);
  makeContext(context);
  makeSmallBase(join(root, "base"));
  return {
    root,
    /** The tree of `dockerfile`, a line for each entry. */
    embedded: (name: string, dockerfile: string, options: CaseOptions = {}) =>
      buildEmbedded({ root, name, dockerfile, options }),
    buildah: (name: string, dockerfile: string) => buildWithBuildah(root, name, dockerfile),
    /** What the image of the case `name`, built by the engine's actions, says of itself. */
    configOf: (name: string): unknown =>
      JSON.parse(readFileSync(join(root, out, name, "image.json"), "utf8")),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What a case has besides its Dockerfile. */
export interface CaseOptions {
  /** Lines of .dockerignore. */
  readonly ignored?: readonly string[];
  readonly secrets?: Readonly<Record<string, string>>;
  /** What builds it; absent: the engine. */
  readonly builder?: ImageBuilder;
  /** The address of BuildKit. */
  readonly buildkit?: string;
  /** What cache mounts hold; absent: only what the same case put there. */
  readonly caches?: string;
  /** PATH of what is run; absent: the machine's. */
  readonly path?: string;
}

interface Case {
  readonly root: string;
  readonly name: string;
  readonly dockerfile: string;
  readonly options: CaseOptions;
}

async function buildEmbedded({ root, name, dockerfile, options }: Case): Promise<string[]> {
  const place = `${out}/${name}`;
  mkdirSync(join(root, place, "stages"), { recursive: true });
  const files = { dockerfile: `${place}/Dockerfile`, ignoreFile: `${place}/ignored` };
  writeFileSync(join(root, files.dockerfile), dockerfile);
  if (options.ignored) writeFileSync(join(root, files.ignoreFile), options.ignored.join("\n"));
  const platform = { os: "linux", architecture: "amd64", variant: "" };
  const request: DockerfileRequest = {
    ruleSet: "unikraft",
    path: "Dockerfile",
    dockerfile: files.dockerfile,
    ...(options.ignored && { ignoreFile: files.ignoreFile }),
    context: "context",
    choice: { buildArgs: {}, platform, buildPlatform: platform },
    images: Object.fromEntries(basesIn(root).map((one) => [`localhost/${one}`, one])),
    actions: `${place}/actions.json`,
    work: `${place}/stages`,
    tree: `${place}/rootfs.tar`,
    config: `${place}/image.json`,
    mtime: 0,
    ...(options.builder && {
      executor: { kind: "builder", builder: options.builder, isForRunsOnly: false },
    }),
  };
  await carryOut([{ ...dockerfileAction(request), owner }], root, {
    caches: join(root, "caches", name),
    ...options,
  });
  return listed(join(root, request.tree));
}

type Carried = Exclude<ReturnType<typeof parseYielded>, { readonly problem: string }>;

async function carryOut(actions: Carried, root: string, options: CaseOptions): Promise<void> {
  for (const action of actions) {
    for (const path of action.outputs) mkdirSync(dirname(join(root, path)), { recursive: true });
    if (action.kind === "write") writeFileSync(join(root, action.outputs[0]), action.text);
    else if (action.kind === "command") runCommand(action, root, options);
    else if (action.kind === "program") await runProgram(action.program, action.args, root);
    else failed(`no ${action.kind} here`);
    if (action.yields === undefined) continue;
    const yielded = parseYielded(readFileSync(join(root, action.yields), "utf8"), owner);
    if ("problem" in yielded) failed(yielded.problem);
    await carryOut(yielded, root, options);
  }
}

async function runProgram(name: string, args: readonly string[], root: string): Promise<void> {
  const program = dockerfilePrograms.find((one) => `unikraft/${one.name}` === name);
  const context: ProgramContext = {
    root,
    resolve: (path) => join(root, path),
    print: () => undefined,
    unpack: () => failed("nothing is unpacked"),
    decompress: () => failed("nothing is decompressed"),
    copyTree: () => failed("no directory is copied"),
    signal: new AbortController().signal,
  };
  await (program ?? failed(`no program ${name}`)).run(args, context);
}

const usualPath = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function runCommand(action: CommandAction, root: string, options: CaseOptions): void {
  const { build } = action;
  const line =
    build === undefined
      ? imageLineOf(action, root, options)
      : builderLine(
          { build, output: action.outputs[0], sourceDateEpoch: 0 },
          {
            buildkit: options.buildkit ?? "",
            ca: undefined,
            certificate: undefined,
            key: undefined,
            storage: join(root, "images"),
            secrets: secretFiles(root, options),
            sshAgent: undefined,
            env: {},
          },
        );
  if (typeof line === "string") throw new Error(line);
  const [program, ...args] = line;
  const env = { PATH: options.path ?? usualPath, HOME: root };
  const ran = spawnSync(program, args, { cwd: root, env, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${action.argv.join(" ")}: ${ran.stderr}${ran.stdout}`);
}

function secretFiles(root: string, { secrets = {} }: CaseOptions): Map<string, string> {
  return new Map(
    Object.entries(secrets).map(([id, text]) => {
      const file = join(root, `secret-${id}`);
      writeFileSync(file, text);
      return [id, file] as const;
    }),
  );
}

function imageLineOf(
  action: CommandAction,
  root: string,
  options: CaseOptions,
): ReturnType<typeof imageLine> {
  const image = action.root ?? failed("a command without a root");
  const layers = [
    ...image.layers,
    ...image.mounts.flatMap((mount) => treeOfMount(mount)?.layers ?? []),
  ];
  const names = layers.map((path) => {
    const hash = createHash("sha256")
      .update(readFileSync(join(root, path)))
      .digest("hex");
    return [path, hash.slice(0, 20)] as const;
  });
  return imageLine(
    {
      root: image,
      argv: action.argv,
      env: action.env,
      network: action.network === true,
      output: action.outputs[0],
      layerNames: new Map(names),
    },
    {
      layers: join(root, "layers"),
      caches: options.caches ?? join(root, "caches"),
      secrets: secretFiles(root, options),
      sshAgent: undefined,
    },
  );
}

function storageOf(root: string): string[] {
  const places = ["--root", join(root, "storage"), "--runroot", join(root, "run")];
  const storage = ["--storage-driver", "vfs", ...places];
  if (existsSync(join(root, "storage"))) return storage;
  for (const base of basesIn(root)) {
    const pull = ["pull", `oci:${join(root, base)}`];
    const id = execFileSync("buildah", [...storage, ...pull], { encoding: "utf8", stdio: "pipe" });
    execFileSync("buildah", [...storage, "tag", id.trim(), `localhost/${base}`]);
  }
  return storage;
}

/** The layouts of images that Dockerfiles find as `localhost/NAME`. */
function basesIn(root: string): string[] {
  return ["base", "debian"].filter((name) => existsSync(join(root, name)));
}

function buildWithBuildah(root: string, name: string, dockerfile: string): string[] {
  const storage = storageOf(root);
  const file = join(root, `${name}.Dockerfile`);
  const tar = join(root, `${name}.tar`);
  writeFileSync(file, dockerfile);
  const words = ["build", "--isolation", "chroot", "--layers=false", "--pull-never"];
  const output = ["--output", `type=tar,dest=${tar}`, "-f", file, join(root, "context")];
  execFileSync("buildah", [...storage, ...words, ...output], {
    stdio: "pipe",
  });
  const lines = listed(tar);
  rmSync(tar);
  return lines;
}

/** A line for each entry of the tar `file`: path, type, mode, owner, and what it holds. */
export function listed(file: string): string[] {
  const archive = openArchive(file, file);
  try {
    const tree = treeOfTar(archive);
    const first = new Map<TreeNode, string>();
    return [...tree.walk()].map(({ path, node }) => {
      const name = path.toString("latin1");
      const link = first.get(node);
      first.set(node, name);
      const xattrs = [...(node.xattrs ?? [])].map(
        ([key, value]) => `${key}=${Buffer.from(value).toString("hex")}`,
      );
      const mode = node.kind === "symlink" ? "" : ` ${node.mode.toString(8).padStart(4, "0")}`;
      const facts = `${name} ${node.kind}${mode} ${node.uid}:${node.gid}`;
      return [facts, link === undefined ? contentOf(node) : `is ${link}`, ...xattrs]
        .filter((part) => part !== "")
        .join(" ");
    });
  } finally {
    archive.close();
  }
}

function contentOf(node: TreeNode): string {
  if (node.kind === "symlink") return `-> ${Buffer.from(node.target).toString()}`;
  if (node.kind === "device") return `${node.major},${node.minor}`;
  if (node.kind !== "file") return "";
  const bytes = Buffer.concat([...node.content.read()]);
  const isShort = bytes.length < 40 && !bytes.includes(0);
  return isShort
    ? JSON.stringify(bytes.toString())
    : createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
