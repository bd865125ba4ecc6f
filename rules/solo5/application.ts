import {
  type Declaration,
  type DeclaredAttribute,
  type LoadContext,
  attribute,
  defineRule,
  optional,
  parseLabel,
  partsOf,
} from "../../src/index.ts";
import { abiList, architecture, cflags, disks, withoutLabels } from "./flags.ts";
import { readManifest } from "./manifest/manifest.ts";
import type { Abi } from "./toolchain.ts";

const attributes = {
  srcs: withoutLabels(attribute.labels),
  includes: optional(attribute.strings, []),
  cflags,
  deps: optional(withoutLabels(attribute.labels), []),
  /** The devices, as JSON. */
  manifest: optional(withoutLabels(attribute.label), undefined),
  /** What it is linked for; where nothing is said, for what runs on any machine. */
  abis: optional(abiList, ["hvt", "spt"]),
  /** Absent: that of the host. */
  architecture: optional(architecture, undefined),
  ldflags: optional(attribute.strings, []),
  /** Arguments of the application. */
  args: optional(attribute.strings, []),
  disks: optional(withoutLabels(disks), {}),
  /** Filled in: the target of each ABI. */
  binaries: attribute.labels,
} as const;

/** A statement of `solo5`: an application, with a target for each thing that runs it. */
export const application = defineRule({
  name: "solo5",
  description: "an application in C on Solo5, linked for hvt, spt, virtio, muen or xen",
  attributes,
  expand: expandApplication,
  analyze: ({ attributes: { binaries }, dependency }) => {
    const results = binaries.map((label) => dependency(label));
    const bootable = runOrder.flatMap(
      (abi) => results.find(({ machine }) => machine?.platform === abi) ?? [],
    );
    const machine = bootable[0]?.machine;
    return { outputs: results.flatMap(({ outputs }) => outputs), ...(machine && { machine }) };
  },
});

/** Of several binaries, `run` takes the one that asks least of a machine: spt needs no KVM. */
const runOrder: readonly Abi[] = ["spt", "hvt", "virtio"];

function expandApplication(stated: Declaration, context: LoadContext): readonly Declaration[] {
  const { name, at, attributes: given } = stated;
  const of = given["architecture"] ?? { value: context.hostArchitecture, at };
  const manifest = given["manifest"] ?? { value: ":manifest.json", at };
  checkManifest(manifest, context);
  const pick = (names: readonly (keyof typeof attributes)[]) => readable(given, names, context);
  const objects: Declaration = {
    name: `${name}.objects`,
    rule: "solo5_objects",
    at,
    inWildcards: false,
    attributes: {
      ...pick(["srcs", "includes", "cflags", "deps"]),
      manifest,
      architecture: of,
    },
  };
  const binaries = abiList.read(given["abis"]?.value, "") ?? attributes.abis.fallback?.value ?? [];
  const places = given["abis"]?.itemsAt ?? [];
  const kernels = binaries.map((abi, i): Declaration => {
    const own = pick(["ldflags", "args", "disks"]);
    const platform = { value: abi, at: places[i] ?? at };
    const label = { value: `:${objects.name}`, at };
    return {
      name: `${name}.${abi}`,
      rule: "solo5_kernel",
      at: platform.at,
      attributes: { ...own, objects: label, platform, architecture: of },
    };
  });
  const others = isReadable("architecture", of, context) ? [objects, ...kernels] : [];
  const labels = others.length === 0 ? [] : kernels.map((one) => `:${one.name}`);
  return [{ ...stated, attributes: { ...given, binaries: { value: labels, at } } }, ...others];
}

/** Of `names`, what is given and can be read; the statement itself tells of the rest. */
function readable(
  given: Declaration["attributes"],
  names: readonly (keyof typeof attributes)[],
  context: LoadContext,
): Declaration["attributes"] {
  const found = names.flatMap((name) => {
    const value = given[name];
    return value !== undefined && isReadable(name, value, context) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(found);
}

function isReadable(
  name: keyof typeof attributes,
  { value }: DeclaredAttribute,
  { packagePath }: LoadContext,
): boolean {
  return attributes[name].read(value, packagePath) !== undefined;
}

/** Of a manifest that is there now, its mistakes; of others, they are told when it is made. */
function checkManifest({ value }: DeclaredAttribute, context: LoadContext): void {
  const label = typeof value === "string" ? parseLabel(value, context.packagePath) : undefined;
  if (label === undefined || partsOf(label).packagePath !== context.packagePath) return;
  const file = context.read(partsOf(label).name);
  if (file !== undefined) readManifest(file, context.report);
}
