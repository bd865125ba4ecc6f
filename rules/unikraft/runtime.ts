// Kernels that a Kraftfile starts from in place of building one: which package provides them.

import { posix } from "node:path";

import type { LoadContext } from "../../src/index.ts";
import { labelOf, parseLabel, partsOf } from "../../src/index.ts";
import { kraftfileNames, readKraftfile } from "./kraftfile/kraftfile.ts";
import type { PackageRuntime } from "./kraftfile/runtime.ts";
import { targetLabelsOf } from "./kraftfile/target-label.ts";
import type { KraftTarget } from "./kraftfile/target.ts";

/** A package of the workspace that stands for an image of a registry. */
export interface RuntimeProvider {
  /** As in labels. */
  readonly packagePath: string;
  /** Its images, in the order of its Kraftfile. */
  readonly images: readonly ProvidedImage[];
}

/** One image of a provider. */
export interface ProvidedImage extends Pick<KraftTarget, "platform" | "architecture"> {
  /** `//library/base:qemu-x86_64`. */
  readonly label: string;
}

/** Gives the targets of the Kraftfile of another package, with those of its template or runtime. */
export type TargetsIn = (
  file: NonNullable<ReturnType<typeof readKraftfile>>,
  context: LoadContext,
) => readonly KraftTarget[];

/**
 * The package that provides `runtime`: the one that `provides` in kraft.workspace.yaml names, else
 * `library/<name>/<version>` beside or above the package; for `latest` also `library/<name>`.
 * Undefined when there is none, so that it is to be had of its registry. `trail` has the packages
 * that lead here.
 */
export function providerOf(
  runtime: PackageRuntime,
  context: LoadContext,
  { trail, targetsIn }: { readonly trail: readonly string[]; readonly targetsIn: TargetsIn },
): RuntimeProvider | undefined {
  const stated = context.providedBy(runtime.reference);
  const label = stated === undefined ? undefined : parseLabel(stated);
  const { packagePath, name } =
    label === undefined
      ? { packagePath: libraryOf(runtime, context), name: undefined }
      : targetIn(label, stated ?? "");
  if (packagePath === undefined) return undefined;
  // Those who start from each other are told of by the graph; what starts from its own name does
  // so from what a registry has of it.
  if (trail.includes(packagePath)) return undefined;
  const targets = targetsOfPackage(packagePath, context, targetsIn);
  const names = targetLabelsOf(targets);
  const images = targets.map(({ platform, architecture }, i) => ({
    platform,
    architecture,
    label: labelOf({ packagePath, name: names[i] ?? "" }),
  }));
  const chosen = name === undefined ? images : images.filter(({ label: own }) => own === label);
  return { packagePath, images: chosen };
}

/** Of `provider`, the image for `target`; reported when it has none. */
export function imageFor(
  { platform, architecture, at }: KraftTarget,
  {
    provider: { images, packagePath },
    runtime: { reference },
  }: { readonly provider: RuntimeProvider; readonly runtime: PackageRuntime },
  { report }: Pick<LoadContext, "report">,
): ProvidedImage | undefined {
  const found = images.find(
    (image) => image.platform === platform && image.architecture === architecture,
  );
  if (found !== undefined) return found;
  const all = images.map((image) => `${image.platform}/${image.architecture}`).join(", ");
  const message = `the runtime ${reference} has no kernel for ${platform}/${architecture}`;
  const help = `//${packagePath}, which provides it, has ${all === "" ? "none" : all}`;
  report({ severity: "error", code: "unknown-target", message, at, help });
  return undefined;
}

/** `//library/base` is all of the package, and `//library/base:qemu-x86_64` the one target. */
function targetIn(label: NonNullable<ReturnType<typeof parseLabel>>, text: string) {
  const { packagePath, name } = partsOf(label);
  return { packagePath, name: text.includes(":") ? name : undefined };
}

/** The package of a catalog that the runtime is made in; undefined when there is none. */
function libraryOf({ reference }: PackageRuntime, context: LoadContext): string | undefined {
  const [, name, version = "latest"] =
    /^(?:unikraft\.org\/)?([a-z0-9][a-z0-9._-]*)(?::([\w.-]+))?$/.exec(reference) ?? [];
  if (name === undefined) return undefined;
  const places = [
    `library/${name}/${version}`,
    ...(version === "latest" ? [`library/${name}`] : []),
  ];
  for (const directory of upward(context.packagePath)) {
    for (const place of places) {
      const packagePath = posix.join(directory, place);
      if (packagePath !== context.packagePath && kraftfileIn(packagePath, context) !== undefined) {
        return packagePath;
      }
    }
  }
  return undefined;
}

/** `path` and all above it, up to the root of the workspace. */
function* upward(path: string): Generator<string> {
  for (let at = path; at !== ""; at = at.includes("/") ? posix.dirname(at) : "") yield at;
  yield "";
}

/** The path of the Kraftfile of another package, from this one. */
function kraftfileIn(packagePath: string, context: LoadContext): string | undefined {
  const directory = fromHere(packagePath, context);
  const paths = kraftfileNames.map((name) => posix.join(directory, name));
  return paths.find((path) => context.kindOf(path) === "file");
}

function fromHere(packagePath: string, { packagePath: own }: LoadContext): string {
  return posix.relative(`/${own}`, `/${packagePath}`) || ".";
}

/** The targets that the other package will have. Its mistakes are told where it is loaded itself. */
function targetsOfPackage(
  packagePath: string,
  context: LoadContext,
  targetsIn: TargetsIn,
): readonly KraftTarget[] {
  const path = kraftfileIn(packagePath, context);
  const source = path === undefined ? undefined : context.read(path);
  if (source === undefined) return [];
  const directory = fromHere(packagePath, context);
  const within = (to: string): string => (posix.isAbsolute(to) ? to : posix.join(directory, to));
  const there: LoadContext = {
    ...context,
    packagePath,
    report: () => undefined,
    kindOf: (to) => context.kindOf(within(to)),
    list: (to) => context.list(within(to)),
    read: (to) => context.read(within(to)),
  };
  const kraftfile = readKraftfile(source, there);
  return kraftfile === undefined ? [] : targetsIn(kraftfile, there);
}
