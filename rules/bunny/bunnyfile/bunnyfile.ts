// Bunnyfiles as data. Knows their format, and no image.
//
// Source: bunny 0.0.5, hops/package.go, hops/validate.go, README.

import {
  type Entry,
  type MapValue,
  type Report,
  type Source,
  type Span,
  parseDocument,
} from "../../../src/index.ts";
import { readEnvironment } from "./environment.ts";
import { type Origin, originOf } from "./origin.ts";
import { type Placed, Reading } from "./reading.ts";
import { type BunnyRootfs, readRootfs } from "./rootfs.ts";
import { checkVersion } from "./version.ts";

/** What a bunnyfile says. */
export interface Bunnyfile {
  /** The guest, such as `unikraft`; bunny takes any text. */
  readonly framework: Placed;
  /** Of the framework. */
  readonly frameworkVersion?: Placed;
  readonly monitor: Placed;
  /** As it is written. */
  readonly architecture?: Placed;
  readonly kernel: BunnyKernel;
  readonly rootfs?: BunnyRootfs;
  /** Absent: those of the base. */
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** `K=V` each. */
  readonly env: readonly string[];
}

/** Where the kernel is. */
export interface BunnyKernel {
  readonly from: Origin;
  /** As it is written; absent where a target gives but one file. */
  readonly path?: Placed;
  readonly at: Span;
}

const keys = ["version", "platforms", "rootfs", "kernel", "cmd", "cmdline", "entrypoint", "envs"];

/** The bunnyfile in `source`; undefined when it was reported to be useless. */
export function readBunnyfile(source: Source, report: Report): Bunnyfile | undefined {
  let isSound = true;
  const reading = new Reading((diagnostic) => {
    if (diagnostic.severity === "error") isSound = false;
    report(diagnostic);
  });
  const at = { source, start: 0, end: 0 };
  const document = parseDocument(source, (diagnostic) => {
    if (diagnostic.severity === "error") isSound = false;
    report(diagnostic);
  });
  // Of a file that is no YAML, anything may be missing.
  if (!isSound) return undefined;
  if (document === undefined) {
    return reading.error({ code: "empty-file", message: "this bunnyfile says nothing", at });
  }
  if (document.kind !== "map") {
    const message = "a bunnyfile is a map, with `version`, `platforms` and `kernel`";
    return reading.error({ code: "wrong-type", message, at: document.at });
  }
  const bunnyfile = readFields(document, at, reading);
  return isSound ? bunnyfile : undefined;
}

function readFields(document: MapValue, at: Span, reading: Reading): Bunnyfile | undefined {
  const fields = reading.fieldsOf(document, "a bunnyfile", keys);
  const version = reading.needed(
    fields.get("version"),
    "version field is necessary",
    at,
    "write version: v0.1",
  );
  if (version !== undefined) checkVersion(version, reading);
  const platforms = readPlatforms(fields.get("platforms"), at, reading);
  const kernel = readKernel(fields.get("kernel"), at, reading);
  const rootfs = readRootfs(fields.get("rootfs"), platforms?.framework.text ?? "", reading);
  const cmd = readCommand(fields, reading);
  const entrypoint = reading.textsOf(fields.get("entrypoint"))?.map(({ text }) => text);
  const env = readEnvironment(fields.get("envs"), reading);
  if (platforms === undefined || kernel === undefined) return undefined;
  return {
    ...platforms,
    kernel,
    ...(rootfs && { rootfs }),
    ...(cmd && { cmd }),
    ...(entrypoint && { entrypoint }),
    env,
  };
}

type Platforms = Pick<Bunnyfile, "framework" | "frameworkVersion" | "monitor" | "architecture">;

function readPlatforms(
  entry: Entry | undefined,
  at: Span,
  reading: Reading,
): Platforms | undefined {
  if (entry === undefined) {
    const message = "platforms field is necessary";
    const help = "write platforms: {framework: unikraft, monitor: qemu}";
    return reading.error({ code: "missing-attribute", message, at, help });
  }
  const map = reading.mapOf(entry);
  if (map === undefined) return undefined;
  const fields = reading.fieldsOf(map, "`platforms`", [
    "framework",
    "version",
    "monitor",
    "architecture",
  ]);
  const missing = (key: string): string => `${key} field of platforms is necessary`;
  const framework = reading.needed(fields.get("framework"), missing("framework"), entry.keyAt);
  const monitor = reading.needed(fields.get("monitor"), missing("monitor"), entry.keyAt);
  const frameworkVersion = reading.saidText(fields.get("version"));
  const architecture = reading.saidText(fields.get("architecture"));
  if (framework === undefined || monitor === undefined) return undefined;
  return {
    framework,
    monitor,
    ...(frameworkVersion && { frameworkVersion }),
    ...(architecture && { architecture }),
  };
}

function readKernel(entry: Entry | undefined, at: Span, reading: Reading): BunnyKernel | undefined {
  if (entry === undefined) {
    const message = "kernel field is necessary";
    const help = "write kernel: {from: local, path: PATH}";
    return reading.error({ code: "missing-attribute", message, at, help });
  }
  const map = reading.mapOf(entry);
  if (map === undefined) return undefined;
  const fields = reading.fieldsOf(map, "`kernel`", ["from", "path"]);
  const help = "local, a label such as //apps/x:qemu-x86_64, or an image";
  const missing = (key: string): string => `${key} field of kernel is necessary`;
  const from = reading.needed(fields.get("from"), missing("from"), entry.keyAt, help);
  if (from === undefined) return undefined;
  const origin = originOf(from);
  const written = fields.get("path");
  if (origin.kind === "target") {
    const path = reading.saidText(written);
    return { from: origin, ...(path && { path }), at: from.at };
  }
  const path = reading.needed(written, missing("path"), entry.keyAt);
  return path && { from: origin, path, at: path.at };
}

/** `cmd`; or `cmdline`, which older versions had, and split at every space. */
function readCommand(
  fields: ReadonlyMap<string, Entry>,
  reading: Reading,
): readonly string[] | undefined {
  const cmd = reading.textsOf(fields.get("cmd"))?.map(({ text }) => text);
  const cmdline = reading.saidText(fields.get("cmdline"));
  if (cmdline === undefined) return cmd;
  if (cmd === undefined || cmd.length === 0) return cmdline.text.split(" ");
  const message = "`cmdline` has no effect, as there is a `cmd`";
  reading.warn({ code: "bad-attribute", message, at: cmdline.at });
  return cmd;
}
