// Kraftfiles that go on from another project's. Knows no rule.

import { posix } from "node:path";

import type { LoadContext } from "../../src/index.ts";
import type {
  Component,
  ComponentSource,
  KconfigSetting,
  Kraftfile,
  Rootfs,
  Runtime,
} from "./kraftfile/kraftfile.ts";
import { kraftfileNames, readKraftfile } from "./kraftfile/kraftfile.ts";

/**
 * What the project in `directory` states, in terms of the package of `context`, which `directory`
 * is relative to unless absolute; undefined, with a diagnostic, when there is none.
 */
export function readTemplateIn(
  directory: string,
  template: Component,
  context: LoadContext,
): Kraftfile | undefined {
  const { report, read, kindOf } = context;
  const paths = kraftfileNames.map((name) => posix.join(directory, name));
  const file = paths.find((path) => kindOf(path) === "file");
  const source = file === undefined ? undefined : read(file);
  if (source === undefined) {
    const message = `there is no Kraftfile in ${directory}, the template of this one`;
    report({ severity: "error", code: "missing-file", message, at: template.at });
    return undefined;
  }
  const inDirectory = { report, kindOf: (path: string) => kindOf(within(directory, path)) };
  const kraftfile = readKraftfile(source, inDirectory);
  if (kraftfile?.template !== undefined) {
    report({
      severity: "warning",
      code: "bad-attribute",
      message: "a template of a template has no effect",
      at: kraftfile.template.at,
      help: "copy what it says into this one",
    });
  }
  return kraftfile && movedTo(directory, kraftfile);
}

/**
 * `own` with all that it does not say itself as `template` says it: libraries, variables, labels
 * and options one by one, all else as a whole.
 *
 * Source: kraftkit.md §1.14 (merging documents), §3.4; other than there, the libraries of the
 * template are kept, and its targets do not replace those that the project states.
 */
export function mergedWith(template: Kraftfile, own: Kraftfile): Kraftfile {
  const libraries = new Map(template.libraries.map((one) => [one.name, one]));
  for (const one of own.libraries) libraries.set(one.name, one);
  const variables = new Map(template.env.map((one) => [one.name, one]));
  for (const one of own.env) variables.set(one.name, one);
  return {
    version: own.version,
    name: own.name ?? template.name,
    unikraft: coreOf(template, own),
    template: own.template,
    runtime: own.runtime ?? template.runtime,
    libraries: [...libraries.values()],
    targets: orElse(own.targets, template.targets),
    rootfs: own.rootfs ?? template.rootfs,
    roms: orElse(own.roms, template.roms),
    cmd: own.cmd ?? template.cmd,
    env: [...variables.values()],
    labels: { ...template.labels, ...own.labels },
    volumes: orElse(own.volumes, template.volumes),
    at: own.at,
  };
}

function orElse<T>(own: readonly T[], other: readonly T[]): readonly T[] {
  return own.length > 0 ? own : other;
}

/** The core, with the options of the template, then those that the project has for it. */
function coreOf(template: Kraftfile, own: Kraftfile): Component | undefined {
  const core = own.unikraft ?? template.unikraft;
  if (core === undefined) return undefined;
  return {
    ...core,
    source: own.unikraft?.source ?? template.unikraft?.source,
    version: own.unikraft?.version ?? template.unikraft?.version,
    kconfig: lastOfEach([
      ...(template.unikraft?.kconfig ?? []),
      ...(own.template?.kconfig ?? []),
      ...(own.unikraft?.kconfig ?? []),
    ]),
  };
}

function lastOfEach(settings: readonly KconfigSetting[]): readonly KconfigSetting[] {
  return [...new Map(settings.map((setting) => [setting.symbol, setting])).values()];
}

/** `kraftfile`, in which paths are relative to `directory`, for where `directory` is relative to. */
function movedTo(directory: string, kraftfile: Kraftfile): Kraftfile {
  const component = (one: Component): Component => ({
    ...one,
    source: one.source && movedSource(directory, one.source),
  });
  const { unikraft, libraries, rootfs, roms, runtime, volumes } = kraftfile;
  return {
    ...kraftfile,
    unikraft: unikraft && component(unikraft),
    libraries: libraries.map(component),
    runtime: runtime && movedRuntime(directory, runtime),
    rootfs: rootfs && movedRootfs(directory, rootfs),
    roms: roms.map((one) => movedRootfs(directory, one)),
    volumes: volumes.map((one) => ({ ...one, source: within(directory, one.source) })),
  };
}

function movedSource(directory: string, source: ComponentSource): ComponentSource {
  if (source.kind === "directory") return { ...source, path: within(directory, source.path) };
  if (source.kind === "git" || source.url.includes("://")) return source;
  return { ...source, url: within(directory, source.url) };
}

function movedRuntime(directory: string, runtime: Runtime): Runtime {
  return runtime.kind === "kernel"
    ? { ...runtime, path: within(directory, runtime.path) }
    : runtime;
}

function movedRootfs(directory: string, rootfs: Rootfs): Rootfs {
  return rootfs.type === "oci" ? rootfs : { ...rootfs, path: within(directory, rootfs.path) };
}

function within(directory: string, path: string): string {
  return posix.isAbsolute(path) ? path : posix.join(directory, path);
}
