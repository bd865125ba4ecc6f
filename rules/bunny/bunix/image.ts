import {
  type Label,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  renderSpan,
  uruncAnnotationsOf,
} from "../../../src/index.ts";
import type { Copy } from "../program/copy.ts";
import { type ArchiveRequest, archiveProgram } from "../program/archive.ts";
import type { BunixForm, BunixSpec } from "./load.ts";
import { foreignKey, strictUruncJson } from "./strict-json.ts";

/** The image of an args.nix: one layer with all its files and /urunc.json. */
export const bunixRule = defineRule({
  name: "bunix_image",
  description: "packs the files of an args.nix as an image for urunc",
  attributes: {
    spec: attribute.checked<BunixSpec>("an args.nix"),
    form: attribute.checked<BunixForm>("a form"),
    srcs: attribute.labels,
  },
  analyze: (context): TargetResult => {
    const { spec, form } = context.attributes;
    const foreign = form === "strict" ? foreignKey(spec.args.facts) : undefined;
    if (foreign !== undefined) {
      const message = `bunix itself takes no \`${foreign}\`, so that there is nothing to be as strict as`;
      const at = spec.args.factsAt[foreign] ?? context.at;
      context.report({ severity: "error", code: "bad-attribute", message, at });
      return { outputs: [] };
    }
    const copies = copiesOf(context);
    const output = context.output(form === "oci" ? "image" : "image.tar");
    const request = requestOf(spec, form, copies, context.sourceDateEpoch);
    context.action({
      kind: "program",
      mnemonic: "Package",
      program: `bunix/${archiveProgram.name}`,
      version: archiveProgram.version,
      args: [output, JSON.stringify(request)],
      inputs: [...new Set(copies.map(({ path }) => path))],
      outputs: [output],
      places: placesOf(spec),
    });
    return { outputs: [output] };
  },
});

/** Every file by its own name in the image; of a target with several outputs, none is meant. */
function copiesOf({
  attributes: { spec, srcs },
  dependency,
  report,
}: RuleContext<{ readonly spec: BunixSpec; readonly srcs: readonly Label[] }>): readonly Copy[] {
  return spec.args.files.flatMap(({ to, at }, i) => {
    const label = srcs[i];
    if (label === undefined) return [];
    const { outputs, machine } = dependency(label);
    const path = machine?.kernel ?? outputs[0];
    if (path === undefined || (machine === undefined && outputs.length > 1)) {
      const message = `${label} gives ${outputs.length} outputs, and one is to be put to ${to}`;
      report({ severity: "error", code: "bad-attribute", message, at });
      return [];
    }
    return [{ path, name: path.split("/").at(-1) ?? "", to, keepsModes: false }];
  });
}

/** What bunix puts into every image, whatever is to be run. */
const bunixCommand = ["unikernel"];

function requestOf(
  { args, facts, architecture }: BunixSpec,
  form: BunixForm,
  copies: readonly Copy[],
  sourceDateEpoch: number,
): ArchiveRequest {
  const shared = { form, name: args.name, tag: args.tag, copies, sourceDateEpoch };
  const base = { ...shared, architecture: architecture.image, facts: uruncAnnotationsOf(facts) };
  if (form === "strict") {
    return { ...base, uruncJson: strictUruncJson(args.facts), cmd: bunixCommand };
  }
  // Today's urunc takes the arguments of the container, and what is stated only as an annotation not.
  const cmd = (facts["cmdline"] ?? "").split(/\s+/).filter((word) => word !== "");
  return { ...base, cmd };
}

/** The values that decide about the kernel. */
function placesOf({ args: { factsAt, at } }: BunixSpec): Readonly<Record<string, string>> {
  const places = ["binary", "hypervisor"].map((key) => [key, renderSpan(factsAt[key] ?? at)]);
  return Object.fromEntries(places) as Record<string, string>;
}
