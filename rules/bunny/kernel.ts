import {
  type ExecPath,
  type MachineSpec,
  type RuleContext,
  type TargetResult,
  attribute,
  defineRule,
  optional,
  provider,
} from "../../src/index.ts";
import { type Architecture, architectureOf } from "./architecture.ts";
import { relativePath } from "./bunnyfile/include.ts";
import type { BunnySpec } from "./load.ts";
import { outputCalled } from "./outputs.ts";
import type { ImageFiles } from "./program/image-files.ts";
import { extractedFile, fetchedImage } from "./remote-image.ts";

/** The kernel of an image. */
export interface Kernel {
  readonly file: ExecPath;
  readonly architecture: Architecture;
  /** Of the target that it comes from, if that can be booted. */
  readonly machine?: MachineSpec;
  /** The image that it is a file of. */
  readonly image?: ImageFiles;
  /** Whether it is a file of the user, whose permissions the image keeps. */
  readonly isSource: boolean;
}

/** The kernel that a target gives to images. */
export const kernelOf = provider<Kernel>("bunny.kernel");

/** What the reader of bunnyfiles says. */
export const specAttribute = attribute.checked<BunnySpec>("a bunnyfile");

/** The kernel of a bunnyfile: a file of the package, or what another target gives. */
export const kernelRule = defineRule({
  name: "bunny_kernel",
  description: "the kernel of a bunnyfile",
  attributes: { spec: specAttribute, from: optional(attribute.label, undefined) },
  analyze: (context): TargetResult => {
    const { spec, from } = context.attributes;
    const { kernel } = spec.bunnyfile;
    if (kernel.from.kind === "image") return fromImage(spec, kernel.from.reference, context);
    if (from === undefined || kernel.from.kind === "local") {
      const file = context.source(relativePath(kernel.path?.text ?? ""));
      const architecture = spec.architecture ?? spec.hostArchitecture;
      return {
        outputs: [file],
        providers: kernelOf.give({ file, architecture, isSource: true }),
      };
    }
    const { machine, outputs } = context.dependency(from);
    const path = kernel.path?.text;
    const file = machineKernel(machine, path) ?? outputCalled(path, outputs);
    if (file === undefined) {
      const count = outputs.length;
      const message = `${from} gives no kernel: it has ${count} outputs, and none is said to be one`;
      const help = "name one of them: path: NAME";
      context.report({ severity: "error", code: "bad-attribute", message, at: kernel.at, help });
      return { outputs: [] };
    }
    const architecture = checkedArchitecture(machine, context) ?? spec.hostArchitecture;
    checkMonitor(machine, context);
    const found = { file, architecture, isSource: false, ...(machine && { machine }) };
    return { outputs: [file], providers: kernelOf.give(found) };
  },
});

type Context = RuleContext<{ readonly spec: BunnySpec }>;

function machineKernel(
  machine: MachineSpec | undefined,
  path: string | undefined,
): ExecPath | undefined {
  return path === undefined ? machine?.kernel : undefined;
}

/** What the bunnyfile states, which must be what the kernel was built for. */
function checkedArchitecture(
  machine: MachineSpec | undefined,
  { attributes: { spec }, report }: Context,
): Architecture | undefined {
  const built = machine && architectureOf(machine.architecture);
  const { architecture: stated, bunnyfile } = spec;
  if (built === undefined || stated === undefined || built.image === stated.image) {
    return stated ?? built;
  }
  report({
    severity: "error",
    code: "not-for-urunc",
    message: `the kernel is built for ${built.machine}, and the image is for ${stated.machine}`,
    at: bunnyfile.architecture?.at ?? bunnyfile.kernel.at,
  });
  return stated;
}

/** The platforms that kernels of a monitor are built for, by Unikraft's names and Solo5's. */
const platformsOf: Readonly<Record<string, readonly string[]>> = {
  qemu: ["qemu", "virtio"],
  firecracker: ["fc"],
  hvt: ["hvt"],
  spt: ["spt"],
};

function checkMonitor(machine: MachineSpec | undefined, { attributes, report }: Context): void {
  const { monitor, kernel } = attributes.spec.bunnyfile;
  const wanted = platformsOf[monitor.text];
  if (machine === undefined || wanted === undefined || wanted.includes(machine.platform)) return;
  report({
    severity: "error",
    code: "not-for-urunc",
    message: `the kernel is built for ${machine.platform}, and ${monitor.text} cannot boot it`,
    at: kernel.at,
    help: `name a target that is built for ${wanted.join(" or ")}`,
  });
}

/** The file of an image; the image itself may be what the whole goes on from. */
function fromImage(spec: BunnySpec, reference: string, context: Context): TargetResult {
  const { monitor, kernel } = spec.bunnyfile;
  const architecture = spec.architecture ?? spec.hostArchitecture;
  const { at } = kernel;
  const image = fetchedImage({ reference, monitor: monitor.text, architecture, at }, context);
  if (image === undefined) return { outputs: [] };
  const file = extractedFile(
    image,
    { path: kernel.path?.text ?? "", at },
    context.output("kernel"),
    context,
  );
  const found = { file, architecture, image, isSource: false };
  return { outputs: [file], providers: kernelOf.give(found) };
}
