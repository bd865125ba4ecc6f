import type { LoadContext, RootfsSettings } from "../../src/index.ts";
import { isHere, remoteOf } from "./component.ts";
import { componentOf, type ProjectComponent, releaseOf } from "./project-component.ts";
import { dockerfileOf, type ProjectDockerfile } from "./dockerfile.ts";
import { providerOf, type RuntimeProvider } from "./runtime.ts";
import { mergedWith, readTemplateIn } from "./template.ts";
import type { Kraftfile, KraftTarget, Rootfs } from "./kraftfile/kraftfile.ts";

/** What a Kraftfile comes to, with all that had to be looked up on the disk. */
export interface Project {
  /** As the Kraftfile has it, else the name of the package's directory. */
  readonly name: string;
  /** With what its template says. */
  readonly kraftfile: Kraftfile;
  /** The application, which is a template's; absent: the package itself is it. */
  readonly app?: ProjectComponent;
  /** Absent: there is no kernel to build from source. */
  readonly core?: ProjectComponent;
  /** In the order in which the core must get them. */
  readonly libraries: readonly ProjectComponent[];
  readonly rootfs?: ProjectRootfs;
  /** The package that its runtime is built in; absent: there is none. */
  readonly provider?: RuntimeProvider;
  /** Where images are that are named without a registry: a host. */
  readonly registry: string;
  /** As Unikraft names it; kernels for other architectures need a cross compiler. */
  readonly hostArchitecture: string;
}

/** A root file system, with what was found at its path, and how the workspace wants it. */
export interface ProjectRootfs extends Rootfs, RootfsSettings {
  readonly found: "file" | "directory" | undefined;
  /** Whether that is the OCI layout of an image. */
  readonly isLayout: boolean;
  /** Absent: it is not made from a Dockerfile. */
  readonly built?: ProjectDockerfile;
  /** What of a directory its own list leaves out, in the syntax of .gitignore. */
  readonly leftOut: readonly string[];
}

/** One image: an entry of `targets`, or the prebuilt kernel that `runtime` names. */
export interface ImageSpec {
  readonly project: Project;
  readonly target: KraftTarget;
  /** The part of the label behind the colon, from which the other targets' names are made. */
  readonly targetName: string;
}

/** What `own` comes to in the package of `context`; `trail`: those that start from it. */
export function projectOf(
  own: Kraftfile,
  context: LoadContext,
  trail: readonly string[] = [],
): Project {
  const { kraftfile, app } = withTemplate(own, context);
  const folder = context.packagePath.split("/").at(-1);
  const { unikraft } = kraftfile;
  const core =
    unikraft && componentOf({ ...unikraft, name: "unikraft" }, { type: "core" }, context);
  const about = { type: "lib", core: releaseOf(core) } as const;
  const libraries = kraftfile.libraries.map((one) => componentOf(one, about, context));
  const { rootfs, runtime } = kraftfile;
  const provider =
    runtime?.kind === "package" && core === undefined
      ? providerOf(runtime, context, {
          trail: [...trail, context.packagePath],
          targetsIn: (file, there) =>
            targetsOf(projectOf(file, there, [...trail, context.packagePath])),
        })
      : undefined;
  checkKernel(kraftfile, context);
  return {
    name:
      kraftfile.name?.value ??
      (folder === undefined || folder === "" ? context.workspaceName : folder),
    kraftfile,
    libraries: inLinkOrder(libraries),
    hostArchitecture: context.hostArchitecture,
    registry: context.registry,
    ...(provider === undefined ? {} : { provider }),
    ...(app === undefined ? {} : { app }),
    ...(core === undefined ? {} : { core }),
    ...(rootfs === undefined ? {} : { rootfs: projectRootfs(rootfs, context) }),
  };
}

function projectRootfs(rootfs: Rootfs, context: LoadContext): ProjectRootfs {
  const found = isLabel(rootfs.path) ? undefined : context.kindOf(rootfs.path);
  const leftOut = found === "directory" ? leftOutOf(rootfs.path, context) : [];
  const isLayout = found === "directory" && context.kindOf(`${rootfs.path}/oci-layout`) === "file";
  const isTarget = isLabel(rootfs.path) && rootfs.type === undefined;
  const built = isTarget ? undefined : dockerfileOf(rootfs, found, context);
  return {
    ...rootfs,
    ...context.rootfs,
    found,
    isLayout,
    leftOut,
    ...(built !== undefined && { built }),
  };
}

/** The lines of the lists in `directory`, and the lists themselves, which nobody wants to boot. */
function leftOutOf(directory: string, { read }: LoadContext): string[] {
  const lists = [".dockerignore", ".kraftignore"].flatMap((name) => {
    const text = read(`${directory}/${name}`)?.text;
    return text === undefined ? [] : [...text.split(/\r?\n/).filter(isPattern), `/${name}`];
  });
  return lists;
}

function isPattern(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("#");
}

/** Whether `path` is no path but the label of a target. */
export function isLabel(path: string): boolean {
  return path.startsWith("//") || path.startsWith(":") || path.startsWith("@");
}

/**
 * The entries of `targets`. Without any, those of the package that provides the runtime; of any
 * other prebuilt kernel, one for the host.
 */
export function targetsOf({
  kraftfile,
  provider,
  hostArchitecture,
}: Project): readonly KraftTarget[] {
  const { targets, runtime, at } = kraftfile;
  if (targets.length > 0 || runtime === undefined) return targets;
  if (provider === undefined) {
    return [{ platform: "qemu", architecture: hostArchitecture, kconfig: [], at }];
  }
  const byName = new Map(
    provider.images.map(({ platform, architecture }) => [
      `${platform}/${architecture}`,
      { platform, architecture, kconfig: [], at: runtime.at },
    ]),
  );
  return [...byName.values()];
}

/** `own` with what its template says, and that template. */
function withTemplate(
  own: Kraftfile,
  context: LoadContext,
): { readonly kraftfile: Kraftfile; readonly app?: ProjectComponent } {
  if (own.template === undefined) return { kraftfile: own };
  const app = componentOf(own.template, { type: "app" }, context);
  const directory = directoryOf(app, context);
  if (directory === undefined) return { kraftfile: own };
  const template = readTemplateIn(directory, own.template, context);
  return template === undefined
    ? { kraftfile: own }
    : { kraftfile: mergedWith(template, own), app };
}

/** Where the Kraftfile of `template` is; undefined, with a diagnostic, when it is not here. */
function directoryOf(template: ProjectComponent, context: LoadContext): string | undefined {
  const { source, name, at } = template;
  if (source.kind === "directory") {
    return context.kindOf(source.path) === "directory" ? source.path : undefined;
  }
  if (isHere(source)) {
    const message = `the template ${name} is an archive of this machine, which is not unpacked yet`;
    const help = "unpack it, and name the directory";
    context.report({ severity: "error", code: "unsupported-source", message, at, help });
    return undefined;
  }
  const directory = context.fetched(remoteOf(source));
  if (directory !== undefined) return directory;
  const message = `the template ${name} is not here yet`;
  const help = '"kraft-graph pkg pull" brings it';
  context.report({ severity: "error", code: "not-cached", message, at, help });
  return undefined;
}

/** Reports a prebuilt kernel on the disk that is not there. */
function checkKernel({ runtime }: Kraftfile, { kindOf, report }: LoadContext): void {
  if (runtime?.kind !== "kernel" || kindOf(runtime.path) === "file") return;
  report({
    severity: "error",
    code: "missing-file",
    message: `there is no kernel at ${runtime.path}`,
    at: runtime.at,
    help: "paths are relative to the directory of the Kraftfile",
  });
}

/** Libraries that others take headers and symbols from, in the order in which they must come. */
const first = ["libcxxabi", "libcxx", "libunwind", "compiler-rt", "libgo"];
const cLibraries = ["musl", "newlib", "pthread-embedded"];

/**
 * `libraries` in the order that the core needs, as the order of the include paths and of the
 * symbols follows it: language runtimes, then the C library, then all others by name.
 *
 * Source: kraftkit.md §3.6.
 */
function inLinkOrder(libraries: readonly ProjectComponent[]): ProjectComponent[] {
  const hasMusl = libraries.some(({ name }) => name === "musl");
  const leading = [...first, ...(hasMusl ? ["musl"] : cLibraries.slice(1))];
  const rankOf = ({ name }: ProjectComponent): number => {
    const rank = leading.indexOf(name);
    return rank === -1 ? leading.length : rank;
  };
  return libraries.toSorted((a, b) => {
    const ranks = rankOf(a) - rankOf(b);
    return ranks !== 0 ? ranks : a.name < b.name ? -1 : 1;
  });
}
