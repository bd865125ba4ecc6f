// What a rule set can say. Knows no YAML and no disk; rule sets bring their own readers.

import type { Action, ExecPath, WithoutOwner } from "../action/action.ts";
import type { ImageBuilder } from "../action/image-build.ts";
import type { RemoteSource } from "../action/remote-source.ts";
import type { Report, Source, Span } from "../diagnostic/diagnostic.ts";
import type { Label } from "../label/label.ts";
import type { Attributes, Values } from "./attribute.ts";
import type { Check } from "./check.ts";
import type { NamedComponent } from "./named-component.ts";
import type { OptionSupport } from "./option-support.ts";
import type { Program } from "./program.ts";
import type { PublishedComponent, WantedComponent } from "./published-component.ts";
import type { Template } from "./template.ts";

/** Rules that are loaded together, under one name, from `kraft.workspace.yaml`. */
export interface RuleSet {
  /** Of this interface. */
  readonly apiVersion: 1;
  readonly name: string;
  /**
   * Names of the build files it owns; a directory with one of them is a package. Of several in a
   * package, the one counts that is first here.
   */
  readonly buildFiles: readonly string[];
  /**
   * Whether a file of such a name is one, where others may be called so, too; absent: every one is.
   * A file that is none makes no package of its directory.
   */
  readonly isBuildFile?: (file: Source) => boolean;
  /** Reads one build file. Mistakes go to `context.report`; what could be read is returned. */
  readonly load: (file: Source, context: LoadContext) => readonly Declaration[];
  /** The components that a build file names; absent: this rule set knows of none. */
  readonly components?: (file: Source, context: LoadContext) => readonly NamedComponent[];
  readonly rules: readonly Rule[];
  /** Programs that its actions run inside the engine. */
  readonly programs?: readonly Program[];
  /** For the commands `config` and `menuconfig`; absent: its targets have no options. */
  readonly options?: OptionSupport;
  /** What is looked at whenever targets are planned; absent: nothing. */
  readonly checks?: readonly Check[];
  /** Packages to begin with; absent: none. */
  readonly templates?: readonly Template[];
}

/** What `load` may ask. Everything asked is remembered, so that a change loads the file again. */
export interface LoadContext {
  /** The package of the build file, as in labels. */
  readonly packagePath: string;
  /** What the workspace is called; a package at its root is called so too. */
  readonly workspaceName: string;
  /** As Unikraft names it: `x86_64` or `arm64`. */
  readonly hostArchitecture: string;
  /** How the workspace wants its root file systems. */
  readonly rootfs: RootfsSettings;
  /** How it wants the layers of images; absent: not compressed. */
  readonly compressLayers?: "none" | "gzip" | "zstd";
  readonly report: Report;
  /** What stands at `path`, relative to the package (it may leave it) or absolute. */
  readonly kindOf: (path: string) => "file" | "directory" | undefined;
  /** The names in the directory at `path`, sorted; empty when there is none. */
  readonly list: (path: string) => readonly string[];
  /** The text of the file at `path`; undefined when there is none. */
  readonly read: (path: string) => Source | undefined;
  /** What the workspace says of Dockerfiles; absent: nothing. */
  readonly dockerfiles?: DockerfileSettings;
  /** Where the workspace says that the component `name` is: a directory, or undefined. */
  readonly componentOf: (name: string) => string | undefined;
  /**
   * The absolute directory with the files of `source`, which the build file goes on from. Undefined
   * when it is not here: then a build brings it, and loads again.
   */
  readonly fetched: (source: RemoteSource) => string | undefined;
  /** What a component is that is only named; undefined when no manifest is known that could tell. */
  readonly publishedOf: (wanted: WantedComponent) => PublishedComponent | undefined;
  /** Where the workspace has `source` in itself: an absolute directory, or undefined. */
  readonly vendoredAt: (source: RemoteSource) => string | undefined;
  /** The label that the workspace says stands for the image `reference`; undefined: none. */
  readonly providedBy: (reference: string) => string | undefined;
  /** Where images are that are named without a registry: a host. */
  readonly registry: string;
}

/** How Dockerfiles are built, whoever names them. */
export interface DockerfileSettings {
  /** Absolute directories with OCI layouts, by the name of the image. */
  readonly images: Readonly<Record<string, string>>;
  /** Values of ARG. */
  readonly args: Readonly<Record<string, string>>;
  /** A stage; undefined: the last. */
  readonly target: string | undefined;
  /** What carries them out; absent: the engine. */
  readonly executor?: DockerfileExecutor;
}

/** What carries out Dockerfiles. */
export type DockerfileExecutor =
  /** The engine; `obstacle`: why it can run no RUN here, absent: it can. */
  | { readonly kind: "embedded"; readonly obstacle?: string }
  | {
      readonly kind: "builder";
      readonly builder: ImageBuilder;
      /** Whether the engine carries out those without a RUN. */
      readonly isForRunsOnly: boolean;
    };

/** The settings for root file systems. */
export interface RootfsSettings {
  readonly compress: "none" | "gzip" | "zstd";
  /** False: all files are root's. */
  readonly keepFileOwners: boolean;
}

/** One target, as a build file states it. */
export interface Declaration {
  /** The part of the label behind the colon. */
  readonly name: string;
  /** The name of a {@link Rule} of any loaded rule set. */
  readonly rule: string;
  /** Where the target is stated. */
  readonly at: Span;
  /** Unread values by attribute name, each with its place. */
  readonly attributes: Readonly<Record<string, DeclaredAttribute>>;
  /** True for the target that `//package` names. */
  readonly isDefault?: boolean;
  /** False for a target that `:all` and `...` pass over, as it is there for others' sake. */
  readonly inWildcards?: boolean;
}

/** An attribute, as a build file states it. */
export interface DeclaredAttribute {
  readonly value: unknown;
  readonly at: Span;
  /** Where each item of a list is, so that a label among them is pointed at; may be left out. */
  readonly itemsAt?: readonly Span[];
}

/** One kind of target: what may be written about it, and how it is built. */
export interface Rule<A extends Attributes = Attributes> {
  readonly name: string;
  /** One line for `kraft-graph info rules`. */
  readonly description: string;
  readonly attributes: A;
  /**
   * The targets that one statement of it stands for, of whatever rules: `stated` itself is among them,
   * or is not one. Called while build files are loaded; absent: a statement is a target.
   */
  readonly expand?: (stated: Declaration, context: LoadContext) => readonly Declaration[];
  /** The result of one target. Pure: reads no file, no clock, no environment. */
  analyze(context: RuleContext<Values<A>>): TargetResult;
}

/** What a rule sees of its target. */
export interface RuleContext<V> {
  readonly label: Label;
  readonly attributes: V;
  /** Where the target is stated. */
  readonly at: Span;
  /** Seconds since 1970 that outputs give as their time: SOURCE_DATE_EPOCH, or 0. */
  readonly sourceDateEpoch: number;
  /** A mistake that only analysis can see. */
  readonly report: Report;
  /** The result of the target `label`, which must stand in a label attribute of this one. */
  readonly dependency: (label: Label) => TargetResult;
  /** The path of the output `name` of this target. */
  readonly output: (name: string) => ExecPath;
  /** The path of `path`, given from the package's directory. */
  readonly source: (path: string) => ExecPath;
  /** The path under which actions see the component `name`. */
  readonly component: (name: string, source: ComponentOrigin) => ExecPath;
  /** Adds an action to the graph. */
  readonly action: (action: WithoutOwner<Action>) => void;
}

/**
 * Where a component comes from: a directory (absolute, or relative to the package), or an action
 * that has the component's path as its output, told apart from others by `identity`.
 */
export type ComponentOrigin =
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "action"; readonly identity: string };

/** What a target gives to those that depend on it. */
export interface TargetResult {
  /** What `build` leaves in `.kraft/out`, and what an `exec` that names the target reads. */
  readonly outputs: readonly ExecPath[];
  /** Facts for other rules; make and read them with {@link provider}. */
  readonly providers?: Readonly<Record<string, unknown>>;
  /**
   * The names under which other tools look for outputs, relative to the package: with
   * `--kraft-layout`, `build` links them there.
   */
  readonly layout?: Readonly<Record<string, ExecPath>>;
  /**
   * Outputs that are made only for who asks for them by the name of their group, in place of the
   * others. Called while targets are analyzed, at most once: what it takes may be added as actions.
   */
  readonly groups?: Readonly<Record<string, () => readonly ExecPath[]>>;
  /** How to boot it; absent: it cannot be run. */
  readonly machine?: MachineSpec;
}

/** A machine to boot: what `run` hands to the virtual machine monitor. */
export interface MachineSpec {
  /** As Unikraft names it: `qemu`, `fc`, `xen`, …; of Solo5, its ABI: `hvt`, `spt`, `virtio`, … */
  readonly platform: string;
  /** As Unikraft names it: `x86_64`, `arm64`, … */
  readonly architecture: string;
  readonly kernel: ExecPath;
  /** An empty file is none: what a kernel brings along shows when it is here. */
  readonly initrd?: ExecPath;
  /** The file system that the initrd is, such as `erofs`; absent: it is an archive. */
  readonly initrdFormat?: string;
  /** The resolved `.config`, which tells how the kernel mounts its initrd. */
  readonly config?: ExecPath;
  /** Name of the kernel, as Firecracker puts it first on the command line. */
  readonly name: string;
  /** Arguments of the application. */
  readonly args: readonly string[];
  /** What says of itself how it is started, the most telling one first; absent: nothing. */
  readonly images?: readonly MachineImage[];
  /** `K=V` for the application. */
  readonly env: readonly string[];
  /** What urunc calls guests of its kind, such as `hermit`; absent: Unikraft's, or Solo5's. */
  readonly guest?: string;
  /** Images of disks, by the device that each is for; the guest gets a copy. Absent: none. */
  readonly disks?: Readonly<Record<string, ExecPath>>;
  /** What boots it; absent: what the engine has for its platform. */
  readonly monitor?: MonitorSpec;
}

/** How to boot what the engine itself has no monitor for. */
export interface MonitorSpec {
  /** Its name, for the user's PATH; absent: the kernel is a program itself, as a process. */
  readonly program?: string;
  /**
   * Its words. In them `{kernel}` and `{initrd}` are the absolute paths of these files, and
   * `{memoryMiB}` is how much memory the guest is to have; the word `{args}` is all the arguments of
   * the application. Variables for the application are the monitor's own.
   */
  readonly args: readonly string[];
  /** How to come by the program; absent: there is nothing to say. */
  readonly help?: string;
}

/** An image that the kernel of a machine, or its root file system, was made from. */
export interface MachineImage {
  /** Its config: an `ImageConfig` as JSON. */
  readonly config: ExecPath;
  /** Whether its arguments, if it has any, count before those of the machine. */
  readonly givesArgs: boolean;
}

/** `rule` itself; here only so that `analyze` is typed by `attributes`. */
export function defineRule<const A extends Attributes>(rule: Rule<A>): Rule {
  return rule as unknown as Rule;
}

/** A kind of fact about a target, under a name of its own. */
export interface Provider<T> {
  /** `value`, ready to be spread into `TargetResult.providers`. */
  readonly give: (value: T) => Readonly<Record<string, unknown>>;
  /** What `result` says; undefined when it does not give this fact. */
  readonly of: (result: TargetResult) => T | undefined;
}

/** The provider named `name`: rules that give and read a fact share one of these. */
export function provider<T>(name: string): Provider<T> {
  return {
    give: (value) => ({ [name]: value }),
    of: (result) => result.providers?.[name] as T | undefined,
  };
}
