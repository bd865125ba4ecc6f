import {
  type Declaration,
  type DockerfileSettings,
  type LoadContext,
  type Source,
  type Span,
  parseDockerfile,
  renderSpan,
  uruncKeyProblemsOf,
  uruncPrefix,
  uruncProblemsOf,
} from "../../../src/index.ts";
import { mountRootfsOf, translationMessage } from "../device-block.ts";
import { defaultsFor } from "./defaults.ts";
import { type StatedLabels, factsIn, labelsOf } from "./labels.ts";

/** All that the rule of a Containerfile needs to know. */
export interface ContainerfileSpec {
  /** The file, relative to the workspace. */
  readonly path: string;
  /** Its name in the package. */
  readonly name: string;
  /** What says which files of the package are no part of the context; absent: nothing does. */
  readonly ignoreFile?: string;
  /** As Unikraft names it. */
  readonly hostArchitecture: string;
  readonly settings: DockerfileSettings;
  /** Where urunc's labels stand as people find them, by keys without prefix. */
  readonly places: Readonly<Record<string, string>>;
  /** What was told about them, as an image that is built is looked at again. */
  readonly told: readonly string[];
}

/** Whether a file is for bunny, by the line that tells BuildKit so. */
export function hasBunnySyntax({ text }: Source): boolean {
  return /^#\s*syntax\s*=\s*\S*\bbunny\b/i.test(text.replace(/^\uFEFF/, ""));
}

/** Whether a file is a Containerfile, and no bunnyfile. Source: bunny, hops/parse_file.go. */
export function isContainerfile({ text }: Source): boolean {
  const line = text.split("\n").find((one) => !/^\s*(#|$)/.test(one.replace(/^\uFEFF/, "")));
  return line !== undefined && /^\s*(FROM|ARG)\s/i.test(line);
}

/** The targets of a package with a Containerfile for bunny: the image, its kernel, its files. */
export function loadContainerfile(file: Source, context: LoadContext): readonly Declaration[] {
  const dockerfile = parseDockerfile(file, context.report);
  if (dockerfile === undefined) return [];
  const settings = context.dockerfiles ?? { images: {}, args: {}, target: undefined };
  const stated = labelsOf(dockerfile, settings.target);
  const facts = factsIn(stated.labels);
  const defaults = defaultsFor(facts, stated.labels);
  const told = reportUrunc({ ...facts, ...defaults.facts }, stated, context);
  const name = file.path.split("/").at(-1) ?? file.path;
  const ignoreFiles = [`${name}.dockerignore`, ".dockerignore"];
  const ignoreFile = ignoreFiles.find((one) => context.kindOf(one) === "file");
  const at = stated.at ?? { source: file, start: 0, end: 0 };
  const spec: ContainerfileSpec = {
    path: file.path,
    name,
    hostArchitecture: context.hostArchitecture,
    settings,
    places: placesOf(stated, at),
    told,
    ...(ignoreFile !== undefined && { ignoreFile }),
  };
  const attributes = { spec: { value: spec, at } };
  const built = { built: { value: ":rootfs", at } };
  // Of what is there for the image's sake alone, nothing is made that nobody asks for.
  const part = { at, inWildcards: false };
  return [
    { name: "rootfs", rule: "bunny_containerfile_rootfs", ...part, attributes },
    {
      name: "kernel",
      rule: "bunny_containerfile_kernel",
      ...part,
      attributes: { ...attributes, ...built },
    },
    {
      name: "image",
      rule: "bunny_containerfile",
      at,
      isDefault: true,
      attributes: { ...attributes, ...built },
    },
  ];
}

/** Of what the file does not say, the stage that makes the image. */
function placesOf({ labels, placeOf }: StatedLabels, at: Span): Readonly<Record<string, string>> {
  const keys = [...Object.keys(factsIn(labels)), "unikernelType", "hypervisor", "binary"];
  return Object.fromEntries(
    keys.map((key) => [key, renderSpan(placeOf(uruncPrefix + key) ?? at)] as const),
  );
}

/**
 * Tells what urunc would refuse, at the line of the label, and gives the messages. What is only
 * known to a build is left out.
 */
function reportUrunc(
  facts: Readonly<Record<string, string>>,
  { unknown, placeOf, hasBase, labels }: StatedLabels,
  { report }: LoadContext,
): readonly string[] {
  const isKnown = (key: string): boolean => !unknown.has(uruncPrefix + key);
  const useDMBlock = labels[`${uruncPrefix}useDMBlock`] ?? "";
  const mountRootfs = mountRootfsOf(useDMBlock);
  if (mountRootfs !== undefined && labels[`${uruncPrefix}mountRootfs`] === undefined) {
    const at = placeOf(`${uruncPrefix}useDMBlock`);
    const message = translationMessage(useDMBlock, mountRootfs);
    const help = `write ${uruncPrefix}mountRootfs=${mountRootfs}`;
    report({ severity: "warning", code: "not-for-urunc", message, ...(at && { at }), help });
  }
  // Another image may have said the rest.
  const mayLack = hasBase && labels[`${uruncPrefix}unikernelType`] === undefined;
  const isWhole = !mayLack && ["unikernelType", "hypervisor"].every(isKnown);
  const found = isWhole ? uruncProblemsOf(facts) : uruncKeyProblemsOf(facts);
  const problems = found.filter(({ key }) => isKnown(key));
  for (const { severity, key, message, help } of problems) {
    const at = placeOf(uruncPrefix + key) ?? placeOf(`${uruncPrefix}unikernelType`);
    report({ severity, code: "not-for-urunc", message, ...(at && { at }), ...(help && { help }) });
  }
  return problems.map(({ message }) => message);
}
