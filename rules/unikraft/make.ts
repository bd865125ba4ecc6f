import type { ExecPath, RuleContext } from "../../src/index.ts";
import { componentPath } from "./component.ts";
import { fixedRoot } from "./expand/layout.ts";
import type { ImageSpec } from "./project.ts";

/** What make works on, as paths in the input root. */
export interface MakePlaces {
  readonly app: ExecPath;
  readonly core: ExecPath;
  readonly libraries: readonly ExecPath[];
}

/** What finding the parts of an image takes. */
export type PlaceContext = Pick<RuleContext<unknown>, "component" | "action" | "report" | "source">;

/** Where the parts of `image` are; undefined, with a diagnostic, when one cannot be had. */
export function placesOf({ project }: ImageSpec, context: PlaceContext): MakePlaces | undefined {
  if (project.core === undefined) return undefined;
  const core = componentPath(project.core, context);
  const libraries = project.libraries.map((library) => componentPath(library, context));
  const app = project.app === undefined ? context.source(".") : componentPath(project.app, context);
  if (core === undefined || !libraries.every((path) => path !== undefined)) return undefined;
  return { app, core, libraries };
}

/** How the core's make is called: a line of shell, to be run in the input root. */
export interface MakeCall {
  readonly image: ImageSpec;
  readonly places: MakePlaces;
  /** Where make writes; only what is copied out of it becomes an output. */
  readonly scratch: ExecPath;
  /** The file of options, which make may rewrite. */
  readonly config: ExecPath;
  /** Seconds since 1970: the image says that it was built then. */
  readonly sourceDateEpoch: number;
  /** The goal, and further variables, as shell words. */
  readonly goal: string;
  /** Absent: that of the image. */
  readonly name?: string;
  /** Whether it may compile for another architecture than the host's; absent: yes. */
  readonly crossCompiles?: boolean;
  /**
   * Whether it works at once, in `scratch`, which is there. Absent: it asks the machine for all that
   * it needs, and then starts itself again in there. Source: Unikraft, Makefile (`sub-make`).
   */
  readonly startsOnce?: boolean;
}

/**
 * The call, with `$root` standing for the input root. Paths must be absolute for the core, and are
 * made so by the shell, as no key may hold one. Source: kraftkit.md §3.6.
 */
export function makeLine({
  image,
  places,
  scratch,
  config,
  sourceDateEpoch,
  goal,
  name = imageNameOf(image),
  crossCompiles = true,
  startsOnce = false,
}: MakeCall): string {
  const { app, core, libraries } = places;
  const { target, project } = image;
  const absolute = (path: ExecPath): string => `"$root"/${quote(path)}`;
  const { hostArchitecture } = project;
  const cross = crossCompiles ? crossPrefixOf(target.architecture, hostArchitecture) : "";
  const once = `-C ${absolute(scratch)} -f ${absolute(core)}/Makefile CONFIG_UK_BASE=${absolute(core)} sub_make_exec=1`;
  return [
    `make --no-print-directory -s ${startsOnce ? once : `-C ${absolute(core)}`}`,
    `A=${absolute(app)}`,
    `O=${absolute(scratch)}`,
    `L=${libraries.map(absolute).join(":")}`,
    `N=${quote(name)}`,
    `C=${absolute(config)}`,
    `HOSTUTC=${quote(new Date(sourceDateEpoch * 1000).toISOString().replace(".000Z", "+00:00"))}`,
    ...(cross === "" ? [] : [`CROSS_COMPILE=${cross}`]),
    goal,
  ].join(" ");
}

/**
 * Lines of shell that leave, in the file `script`, what makes sed put the fixed root for wherever
 * the parts of an image really are: a sandbox may show them as links, behind which make looks.
 */
export function canonicalPaths({ core, app, libraries }: MakePlaces, script: string): string {
  const places = [core, ...libraries, app].map(quote).join(" ");
  return [
    `for place in ${places}; do`,
    '  real=$(cd "$place" && pwd -P)',
    // Not where a longer name only begins so.
    `  for end in / '"' ' ' : '$'; do`,
    `    shown=$end; [ "$end" != '$' ] || shown=`,
    `    printf 's|%s%s|${fixedRoot}/%s%s|g\\n' "$real" "$end" "$place" "$shown"`,
    "  done",
    `done > ${script}`,
    `printf 's|%s/|${fixedRoot}/|g\\n' "$root" >> ${script}`,
  ].join("\n");
}

/** What the kernel's file is called before `_<plat>-<arch>`. Source: kraftkit.md §1.6. */
export function imageNameOf({ project, target }: ImageSpec): string {
  return target.name ?? project.name;
}

/** `<name>_<plat>-<arch>`. */
export function kernelFileName(image: ImageSpec): string {
  return `${imageNameOf(image)}_${image.target.platform}-${image.target.architecture}`;
}

/**
 * What an action sees of the app, the core and the libraries: sources of the app, but neither the
 * file system that goes beside the kernel, nor what only says what is to be built.
 */
export function hiddenFrom(
  { project }: ImageSpec,
  { app, core, libraries }: MakePlaces,
): Readonly<Record<ExecPath, readonly string[]>> {
  const ownRootfs = project.app === undefined ? project.rootfs : undefined;
  const rootfs = ownRootfs?.path.replace(/^\.\//, "").replace(/\/$/, "");
  const isInside = rootfs !== undefined && !rootfs.startsWith("..") && !rootfs.startsWith("/");
  const inApp = [core, ...libraries]
    .filter((path) => app === "." || path.startsWith(`${app}/`))
    .map((path) => (app === "." ? `/${path}` : path.slice(app.length)));
  return {
    [app]: [
      "/Kraftfile*",
      "/kraft.yaml",
      "/kraft.yml",
      "/kraft.*.yaml",
      "/Dockerfile*",
      "/.config*",
      ...(isInside && rootfs !== "" && rootfs !== "." ? [`/${rootfs}`] : []),
      ...inApp,
    ],
  };
}

/** The tools that every call of make may use; those with `?` only for some cores and targets. */
export function toolsOf({ target, project }: ImageSpec): readonly string[] {
  const cross = crossPrefixOf(target.architecture, project.hostArchitecture);
  const compilers = ["gcc", "ld", "objcopy", "strip", "nm"].map((name) => `${cross}${name}`);
  const host = cross === "" ? [] : ["gcc"];
  const always = ["sh", "make", "sed", "awk", ...host, ...compilers];
  return [...always, "flex?", "bison?", "python3?", "m4?", "bc?", "perl?", `${cross}g++?`];
}

/** Before the names of the tools; empty when the host's own will do. */
function crossPrefixOf(architecture: string, hostArchitecture: string): string {
  if (architecture === hostArchitecture) return "";
  if (architecture === "arm64") return "aarch64-linux-gnu-";
  if (architecture === "arm") return "arm-linux-gnueabihf-";
  return `${architecture}-linux-gnu-`;
}

/** `text` as one word of the shell. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_./:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
