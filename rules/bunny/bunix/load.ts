import {
  type Declaration,
  type LoadContext,
  type Source,
  uruncProblemsOf,
} from "../../../src/index.ts";
import { type Architecture, architectureOf } from "../architecture.ts";
import { relativePath } from "../bunnyfile/include.ts";
import { mountRootfsOf, translationMessage } from "../device-block.ts";
import { type ArgsFile, readArgsFile } from "./args-file.ts";

/** All that the rule of an args.nix needs to know. */
export interface BunixSpec {
  readonly args: ArgsFile;
  /** What urunc is told: as it is written, but in the words of today's urunc. */
  readonly facts: Readonly<Record<string, string>>;
  readonly architecture: Architecture;
}

/** What comes of an args.nix: an OCI layout, an archive for Docker, and that with bunix's own bytes. */
export type BunixForm = "oci" | "docker" | "strict";

const forms: readonly { readonly name: string; readonly form: BunixForm }[] = [
  { name: "bunix", form: "oci" },
  { name: "bunix.docker", form: "docker" },
  { name: "bunix.strict", form: "strict" },
];

/** Whether `file` is for bunix, and not just called so. */
export function isArgsFile({ text }: Source): boolean {
  return /\b(annotations|unikernelType|hypervisor)\b/.test(text);
}

/** The targets of a package with an args.nix. */
export function loadArgsFile(file: Source, context: LoadContext): readonly Declaration[] {
  const args = readArgsFile(file, context.report);
  if (args === undefined) return [];
  const facts = translated(args, context);
  reportUrunc(args, facts, context);
  const architecture = architectureOf(context.hostArchitecture);
  const spec: BunixSpec = {
    args,
    facts,
    architecture: architecture ?? { image: "amd64", machine: "x86_64" },
  };
  const files = args.files.map(({ from, at }) => ({ label: labelTextOf(from), at }));
  const srcs = {
    value: files.map(({ label }) => label),
    at: files[0]?.at ?? args.at,
    itemsAt: files.map(({ at }) => at),
  };
  return forms.map(({ name, form }) => ({
    name,
    rule: "bunix_image",
    at: args.at,
    isDefault: form === "oci",
    inWildcards: form !== "strict",
    attributes: {
      spec: { value: spec, at: args.at },
      form: { value: form, at: args.at },
      srcs,
    },
  }));
}

function labelTextOf(from: string): string {
  return /^(\/\/|:|@)/.test(from) ? from : `:${relativePath(from)}`;
}

/** Older runtimes had `useDMBlock` where today's have `mountRootfs`; both are told. */
function translated({ facts, factsAt }: ArgsFile, { report }: LoadContext): BunixSpec["facts"] {
  const given = Object.fromEntries(
    Object.entries(facts).filter(([key, value]) => value !== "" || key === "cmdline"),
  );
  const { useDMBlock = "" } = facts;
  const mountRootfs = mountRootfsOf(useDMBlock);
  if (given["mountRootfs"] !== undefined || mountRootfs === undefined) return given;
  const at = factsAt["useDMBlock"];
  const message = translationMessage(useDMBlock, mountRootfs);
  const help = `write mountRootfs = "${mountRootfs}";`;
  report({ severity: "warning", code: "not-for-urunc", message, ...(at && { at }), help });
  return { ...given, mountRootfs };
}

function reportUrunc(
  { factsAt, files, at: start }: ArgsFile,
  facts: BunixSpec["facts"],
  { report }: LoadContext,
): void {
  for (const { severity, key, message, help } of uruncProblemsOf(facts)) {
    const at = factsAt[key] ?? start;
    report({ severity, code: "not-for-urunc", message, at, ...(help && { help }) });
  }
  for (const key of ["binary", "initrd", "block"]) {
    const path = facts[key];
    if (path === undefined || path === "" || isPacked(path, files)) continue;
    const message = `none of the files is put to ${path}, where urunc is to find it`;
    report({ severity: "error", code: "not-for-urunc", message, at: factsAt[key] ?? start });
  }
}

function isPacked(path: string, files: ArgsFile["files"]): boolean {
  const wanted = relativePath(path);
  return files.some(({ to }) => {
    const place = relativePath(to);
    return place === wanted || wanted.startsWith(`${place}/`) || to.endsWith("/");
  });
}
