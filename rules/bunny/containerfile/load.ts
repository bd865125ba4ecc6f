import {
  type Declaration,
  type DockerfileSettings,
  type LoadContext,
  type Source,
  parseDockerfile,
  renderSpan,
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
  readonly hypervisor: string;
  /** Whether these may be needed, as far as can be told without building. */
  readonly mayNeedUrunit: boolean;
  /** What the image says of its kernel, as people find it in the file. */
  readonly places: Readonly<Record<string, string>>;
  /** The image of the kernel that may be needed. */
  readonly kernelImage?: string;
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

/** The target of a package with a Containerfile for bunny. */
export function loadContainerfile(file: Source, context: LoadContext): readonly Declaration[] {
  const dockerfile = parseDockerfile(file, context.report);
  if (dockerfile === undefined) return [];
  const stated = labelsOf(dockerfile);
  const facts = factsIn(stated.labels);
  const defaults = defaultsFor(facts, stated.labels);
  reportUrunc({ ...facts, ...defaults.facts }, stated, context);
  const name = file.path.split("/").at(-1) ?? file.path;
  const ignoreFiles = [`${name}.dockerignore`, ".dockerignore"];
  const ignoreFile = ignoreFiles.find((one) => context.kindOf(one) === "file");
  const at = dockerfile.stages.at(-1)?.at ?? { source: file, start: 0, end: 0 };
  const places = ["binary", "hypervisor"].map((key) => {
    return [key, renderSpan(stated.placeOf(uruncPrefix + key) ?? at)] as const;
  });
  const spec: ContainerfileSpec = {
    path: file.path,
    name,
    hostArchitecture: context.hostArchitecture,
    settings: context.dockerfiles ?? { images: {}, args: {}, target: undefined },
    hypervisor: facts["hypervisor"] ?? "qemu",
    mayNeedUrunit: defaults.needsUrunit,
    places: Object.fromEntries(places),
    ...(defaults.kernelImage !== undefined && { kernelImage: defaults.kernelImage }),
    ...(ignoreFile !== undefined && { ignoreFile }),
  };
  const attributes = { spec: { value: spec, at } };
  return [{ name: "image", rule: "bunny_containerfile", at, isDefault: true, attributes }];
}

/** What urunc would refuse, at the line of the label. What is only known to a build is left out. */
function reportUrunc(
  facts: Readonly<Record<string, string>>,
  { unknown, placeOf, hasBase, labels }: StatedLabels,
  { report }: LoadContext,
): void {
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
  if (hasBase && labels[`${uruncPrefix}unikernelType`] === undefined) return;
  if (!["unikernelType", "hypervisor"].every(isKnown)) return;
  for (const { severity, key, message, help } of uruncProblemsOf(facts)) {
    if (!isKnown(key)) continue;
    const at = placeOf(uruncPrefix + key) ?? placeOf(`${uruncPrefix}unikernelType`);
    report({ severity, code: "not-for-urunc", message, ...(at && { at }), ...(help && { help }) });
  }
}
