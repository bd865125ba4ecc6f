import {
  type Declaration,
  type DeclaredAttribute,
  type LoadContext,
  type Source,
  type Span,
  ignorePatterns,
  readIgnoreFile,
  uruncProblemsOf,
} from "../../src/index.ts";
import { type Architecture, architectureNames, architectureOf } from "./architecture.ts";
import { type Bunnyfile, readBunnyfile } from "./bunnyfile/bunnyfile.ts";
import { type Include, relativePath } from "./bunnyfile/include.ts";
import type { Origin } from "./bunnyfile/origin.ts";
import { type ImagePlan, imagePlanOf } from "./image-plan.ts";

/** All that the rules of a bunnyfile's targets need to know. */
export interface BunnySpec {
  readonly bunnyfile: Bunnyfile;
  readonly plan: ImagePlan;
  /** Absent: not stated, so that it is the kernel's, else the host's. */
  readonly architecture?: Architecture;
  readonly hostArchitecture: Architecture;
  /** What the image is called. */
  readonly name: string;
  /** The patterns of `.dockerignore`, for what is included; none where there is no such file. */
  readonly ignored: readonly string[];
}

/** The targets of a package with a bunnyfile: the image, its kernel, its root file system. */
export function loadBunnyfile(file: Source, context: LoadContext): readonly Declaration[] {
  const bunnyfile = readBunnyfile(file, context.report);
  if (bunnyfile === undefined) return [];
  const plan = imagePlanOf(bunnyfile);
  reportUrunc(bunnyfile, plan, context);
  reportMissing(bunnyfile, context);
  const ignored = ignoredBy(file, context);
  reportIgnored(bunnyfile, ignored, context);
  const architecture = statedArchitecture(bunnyfile, context);
  const { packagePath, workspaceName, hostArchitecture } = context;
  const spec: BunnySpec = {
    bunnyfile,
    plan,
    ...(architecture && { architecture }),
    hostArchitecture: architectureOf(hostArchitecture) ?? { image: "amd64", machine: "x86_64" },
    name: packagePath.split("/").at(-1) || workspaceName,
    ignored,
  };
  return declarationsOf(spec, file);
}

function declarationsOf(spec: BunnySpec, file: Source): readonly Declaration[] {
  const { kernel, rootfs } = spec.bunnyfile;
  const at = { source: file, start: 0, end: 0 };
  const rootfsLabels = rootfs === undefined ? undefined : labelsIn(rootfs, at);
  const shared = { spec: { value: spec, at } };
  return [
    {
      name: "kernel",
      rule: "bunny_kernel",
      at: kernel.at,
      attributes: { ...shared, ...labelAttribute("from", kernel.from, kernel.path, kernel.at) },
    },
    ...(rootfs === undefined || rootfsLabels === undefined
      ? []
      : [
          {
            name: "rootfs",
            rule: "bunny_rootfs",
            at: rootfs.at,
            attributes: { ...shared, srcs: rootfsLabels },
          },
        ]),
    {
      name: "image",
      rule: "bunny_image",
      at,
      isDefault: true,
      attributes: {
        ...shared,
        kernel: { value: ":kernel", at: kernel.at },
        ...(spec.plan.copiesRootfs && rootfs && { rootfs: { value: ":rootfs", at: rootfs.at } }),
        ...((spec.plan.base === "files" || rootfs?.kind === "image") &&
          rootfsLabels && { srcs: rootfsLabels }),
      },
    },
  ];
}

/** What a root file system is made of, as labels. */
function labelsIn(rootfs: NonNullable<Bunnyfile["rootfs"]>, at: Span): DeclaredAttribute {
  const parts: readonly Pick<Include, "from" | "source" | "at">[] =
    rootfs.kind === "file"
      ? [{ from: rootfs.from, source: relativePath(rootfs.path ?? ""), at: rootfs.at }]
      : rootfs.includes;
  const found = parts.flatMap(({ from, source, at: place }) => {
    const label = labelTextOf(from, source);
    return label === undefined ? [] : [{ label, place }];
  });
  return {
    value: found.map(({ label }) => label),
    at: found[0]?.place ?? at,
    itemsAt: found.map(({ place }) => place),
  };
}

function labelAttribute(
  name: string,
  from: Origin,
  path: { readonly text: string } | undefined,
  at: Span,
): Readonly<Record<string, DeclaredAttribute>> {
  const label = labelTextOf(from, relativePath(path?.text ?? ""));
  return label === undefined ? {} : { [name]: { value: label, at } };
}

/**
 * The label of `source`; undefined for the whole package, for what is in an image, and for files
 * that are called as targets are: their label means the target.
 */
function labelTextOf(from: Origin, source: string): string | undefined {
  if (from.kind === "target") return from.label;
  if (from.kind === "image" || source === "" || targetNames.has(source)) return undefined;
  return `:${source}`;
}

/** Of the targets that a bunnyfile has. */
const targetNames: ReadonlySet<string> = new Set(["kernel", "rootfs", "image"]);

function statedArchitecture(
  { architecture }: Bunnyfile,
  { report }: LoadContext,
): Architecture | undefined {
  if (architecture === undefined || architecture.text === "") return undefined;
  const known = architectureOf(architecture.text);
  if (known !== undefined) return known;
  report({
    severity: "error",
    code: "bad-attribute",
    message: `there is no architecture "${architecture.text}"`,
    at: architecture.at,
    help: `write one of ${architectureNames.join(", ")}`,
  });
  return undefined;
}

/** Of files without a label, whether they are there; of others, the graph tells. */
function reportMissing(
  { kernel, rootfs }: Bunnyfile,
  { packagePath, kindOf, report }: LoadContext,
): void {
  const file = rootfs?.kind === "file" ? [{ ...rootfs, source: rootfs.path ?? "" }] : [];
  const includes = rootfs === undefined || rootfs.kind === "file" ? [] : rootfs.includes;
  const parts: readonly Pick<Include, "from" | "source" | "at">[] = [
    { from: kernel.from, source: kernel.path?.text ?? "", at: kernel.at },
    ...file,
    ...includes,
  ];
  for (const { from, source, at } of parts) {
    const path = relativePath(source);
    if (from.kind !== "local" || !targetNames.has(path) || kindOf(path) !== undefined) continue;
    const message = `package //${packagePath} has no file "${path}"`;
    report({ severity: "error", code: "missing-file", message, at });
  }
}

/** As for Dockerfiles, a file of the bunnyfile's own name goes before that of the directory. */
function ignoredBy({ path }: Source, { read }: LoadContext): readonly string[] {
  const file = read(`${path.split("/").at(-1) ?? path}.dockerignore`) ?? read(".dockerignore");
  return file === undefined ? [] : readIgnoreFile(file.text);
}

/** Includes of which nothing is left. */
function reportIgnored(
  { rootfs }: Bunnyfile,
  patterns: readonly string[],
  { report }: LoadContext,
): void {
  const { matches, hasExceptions } = ignorePatterns(patterns);
  if (hasExceptions || rootfs === undefined || rootfs.kind === "file") return;
  for (const { from, source, at } of rootfs.includes) {
    if (from.kind !== "local" || source === "" || !matches(source)) continue;
    const message = `"${source}" is left out by .dockerignore`;
    report({ severity: "error", code: "missing-file", message, at });
  }
}

/** What urunc would refuse, at the line that brings it about. */
function reportUrunc(bunnyfile: Bunnyfile, { facts }: ImagePlan, { report }: LoadContext): void {
  const { framework, frameworkVersion, monitor, kernel, rootfs } = bunnyfile;
  const rootfsAt = rootfs?.at ?? framework.at;
  const places: Readonly<Record<string, Span>> = {
    unikernelType: framework.at,
    hypervisor: monitor.at,
    binary: kernel.at,
    unikernelVersion: frameworkVersion?.at ?? framework.at,
  };
  for (const { severity, key, message, help } of uruncProblemsOf(facts)) {
    const at = places[key] ?? rootfsAt;
    report({ severity, code: "not-for-urunc", message, at, ...(help && { help }) });
  }
}
