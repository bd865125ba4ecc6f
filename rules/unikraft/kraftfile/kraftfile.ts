// Kraftfiles as data, with the place of all that may have to be pointed at. Knows no rule, and
// looks at the disk only where a text may be a path or a version.

import {
  type Entry,
  type LoadContext,
  type MapValue,
  type Source,
  type Span,
  parseDocument,
  withBoundedReport,
  isNothing,
} from "../../../src/index.ts";
import { readCommand } from "./command.ts";
import { type Component, readComponent, readTemplate } from "./component.ts";
import { type Variable, readEnvironment, readLabels } from "./environment.ts";
import { interpolatedMap } from "./interpolation.ts";
import { readLibraries } from "./library.ts";
import { type ProjectName, readName } from "./project-name.ts";
import { type Reading, fieldsOf, readingOf } from "./reading.ts";
import { type Rootfs, readRoms, readRootfs } from "./rootfs.ts";
import { type Runtime, readRuntime } from "./runtime.ts";
import { type SpecVersion, specVersionOf } from "./spec-version.ts";
import { type KraftTarget, readTargets } from "./target.ts";
import { type Volume, readVolumes } from "./volume.ts";

export type { ComponentSource } from "./component-source.ts";
export type { Component } from "./component.ts";
export type { KconfigSetting } from "./kconfig.ts";
export { projectNameOf } from "./project-name.ts";
export type { Rootfs } from "./rootfs.ts";
export type { Runtime } from "./runtime.ts";
export type { KraftTarget } from "./target.ts";
export type { Volume } from "./volume.ts";

/** What a Kraftfile says. */
export interface Kraftfile {
  readonly version: SpecVersion;
  /** Absent: the name of the directory counts. */
  readonly name?: ProjectName | undefined;
  /** The core. */
  readonly unikraft?: Component | undefined;
  /** Another project, whose Kraftfile this one goes on from. */
  readonly template?: Component | undefined;
  readonly runtime?: Runtime | undefined;
  /** In the order of the file. */
  readonly libraries: readonly Component[];
  readonly targets: readonly KraftTarget[];
  readonly rootfs?: Rootfs | undefined;
  readonly roms: readonly Rootfs[];
  /** Arguments for the application; absent: nothing is said, which is not the same as none. */
  readonly cmd?: readonly string[] | undefined;
  readonly env: readonly Variable[];
  /** Where `env` is; absent: nowhere. */
  readonly envAt?: Span;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly Volume[];
  /** The beginning of the file. */
  readonly at: Span;
}

/** What a Kraftfile may be called, the first that is there being meant. Source: kraftkit.md §1.1. */
export const kraftfileNames: readonly string[] = [
  "kraft.yaml",
  "kraft.yml",
  "Kraftfile.yml",
  "Kraftfile.yaml",
  "Kraftfile",
];

/**
 * What `source` says, in any version of the form from 0.5 to 0.7. All mistakes are reported, and
 * what can be read beside them is given; undefined when there is nothing to read.
 */
export function readKraftfile(
  source: Source,
  { report, kindOf }: Pick<LoadContext, "report" | "kindOf">,
): Kraftfile | undefined {
  return withBoundedReport(report, (bounded) => {
    const document = parseDocument(source, bounded);
    const early = readingOf(false, { report: bounded, kindOf });
    if (document === undefined) {
      const at = { source, start: 0, end: 0 };
      const help = "begin it with `spec: v0.6`";
      return early.error({ code: "empty-file", message: "this Kraftfile is empty", at, help });
    }
    if (document.kind !== "map") {
      const message = "a Kraftfile must be a map, with `spec` and other keys";
      return early.error({ code: "wrong-type", message, at: document.at });
    }
    const version = specVersionOf(document, early);
    const reading = readingOf(version === "0.7", { report: bounded, kindOf });
    return kraftfileOf(document, version, reading);
  });
}

function kraftfileOf(document: MapValue, version: SpecVersion, reading: Reading): Kraftfile {
  const meant = reading.isV07 ? document : interpolatedMap(document, reading);
  const fields = fieldsOf(meant, vocabulary, reading);
  reportIdleKeys(document, fields, reading);
  const core = fields.get("unikraft");
  const env = fields.get("env");
  return {
    version,
    name: readName(fields.get("name"), reading),
    unikraft: core && readComponent(core, "unikraft", reading),
    template: readTemplate(fields.get("template"), reading),
    runtime: readRuntime(fields.get("runtime"), reading),
    libraries: readLibraries(fields.get("libraries"), reading),
    targets: readTargets(fields.get("targets"), reading),
    rootfs: readRootfs(fields.get("rootfs"), reading),
    roms: readRoms(fields.get("roms"), reading),
    cmd: readCommand(fields.get("cmd"), reading),
    env: readEnvironment(env, reading),
    ...(env && { envAt: env.keyAt }),
    labels: readLabels(fields.get("labels"), reading),
    volumes: readVolumes(fields.get("volumes"), reading),
    at: [...document.entries.values()][0]?.keyAt ?? document.at,
  };
}

const vocabulary = {
  owner: "a Kraftfile",
  keys: [
    "spec",
    "specification",
    "name",
    "outdir",
    "unikraft",
    "template",
    "runtime",
    "libraries",
    "targets",
    "rootfs",
    "roms",
    "cmd",
    "env",
    "labels",
    "volumes",
  ],
  retired: {
    architectures: "write `targets`, with items such as qemu/x86_64",
    platforms: "write `targets`, with items such as qemu/x86_64",
    args: "write `cmd`",
    run: "write `cmd` for the arguments, and `volumes`",
    initrd: "write `rootfs`",
    network: "networks are chosen when the image is run",
    networks: "networks are chosen when the image is run",
  },
};

function textBehind({ value }: Entry): string {
  return value.kind === "scalar" ? value.text : "";
}

/** Reports keys that are there and say nothing where that is hardly meant. */
function reportIdleKeys(
  document: MapValue,
  fields: ReadonlyMap<string, Entry>,
  { error, warn }: Reading,
): void {
  for (const key of ["name", "unikraft", "template", "runtime", "rootfs"]) {
    const entry = document.entries.get(key);
    if (entry === undefined || !isNothing(entry.value)) continue;
    const { at } = entry.value;
    // An alias that leads nowhere has a place without text, and has been reported.
    if (at.start < at.end && textBehind(entry) === "") continue;
    const help = "give it a value, or leave it out";
    error({ code: "wrong-type", message: `\`${key}\` says nothing`, at: entry.keyAt, help });
  }
  const outdir = fields.get("outdir");
  if (outdir === undefined) return;
  const message = "`outdir` has no effect";
  const help = "outputs are in .kraft/out, and `--kraft-layout` links them to their old places";
  warn({ code: "bad-attribute", message, at: outdir.keyAt, help });
}
