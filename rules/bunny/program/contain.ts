// What a Containerfile built → an image for urunc, with what bunny adds to it.

import { readFileSync } from "node:fs";

import {
  type ExecPath,
  FormatError,
  type ImageConfig,
  type Program,
  ProgramError,
  type TreeEntry,
  applyLayers,
  uruncAnnotationsOf,
  uruncJsonOf,
  uruncJsonPath,
  uruncPrefix,
  uruncProblemsOf,
  writeContainerImage,
} from "../../../src/index.ts";
import { defaultsFor } from "../containerfile/defaults.ts";
import { factsIn } from "../containerfile/labels.ts";
import { copyInto } from "./copy.ts";
import { textFile } from "./disk-files.ts";
import { type ImageFiles, OpenImages } from "./image-files.ts";
import { devicesOfKernel, kernelIn } from "./kernel-facts.ts";

/** What was built, and what may have to be added, as the rule writes it. */
export interface ContainRequest {
  /** The whole file system, as tar. */
  readonly tree: ExecPath;
  /** What the image says of itself, as JSON. */
  readonly config: ExecPath;
  /** As Go names it. */
  readonly architecture: string;
  readonly sourceDateEpoch: number;
  /** Absent: nothing suggests that it is needed. */
  readonly urunit?: ImageFiles;
  readonly kernel?: ImageFiles;
  /** What {@link kernel} was fetched as. */
  readonly kernelImage?: string;
}

/** Writes an OCI image layout. Arguments: its directory, and a {@link ContainRequest} as JSON. */
export const containProgram: Program = {
  name: "contain",
  version: 2,
  run: async ([output, json], context) => {
    if (output === undefined || json === undefined) throw new Error("bug: arguments are missing");
    const request = JSON.parse(json) as ContainRequest;
    const { resolve, print, signal } = context;
    const config = JSON.parse(readFileSync(resolve(request.config), "utf8")) as ImageConfig;
    const facts = factsIn(config.labels);
    const defaults = defaultsFor(facts, config.labels);
    const all = { ...facts, ...defaults.facts };
    for (const problem of uruncProblemsOf(all)) {
      if (problem.severity === "error") throw new ProgramError(problem.message);
      print(`warning: ${problem.message}`);
    }
    const images = new OpenImages(context);
    const { tree, close } = applyLayers([resolve(request.tree)]);
    try {
      const own = [...tree.walk()];
      const mtime = request.sourceDateEpoch;
      const options = { resolve, images, mtime };
      const added: TreeEntry[][] = [];
      const add = async (
        image: ImageFiles | undefined,
        path: string,
        to: string,
      ): Promise<void> => {
        if (image === undefined) throw new ProgramError(`a label that says nothing asks for ${to}`);
        const copy = { path, image, name: "", to, keepsModes: true };
        added.push(await copyInto(tree, copy, options));
      };
      if (defaults.needsUrunit) await add(request.urunit, "/urunit", "/urunit");
      if (defaults.kernelImage !== undefined) {
        checkKernel(request, defaults.kernelImage, all["hypervisor"]);
        await add(request.kernel, "/.boot/kernel", "/.boot/kernel");
      }
      const stated = { ...config.labels, ...uruncAnnotationsOf(all) };
      const devices = devicesOfKernel(kernelIn(tree, stated), stated, context);
      const annotations = { ...stated, ...devices };
      const about = textFile(uruncJsonOf(annotations), mtime);
      const top = [{ path: Buffer.from(uruncJsonPath.slice(1)), node: about }];
      const image = {
        ...startOf(config, defaults.needsUrunit ? ["/urunit"] : []),
        architecture: request.architecture,
        annotations,
        ...(mtime > 0 && { created: mtime }),
        layers: [own, ...added, top],
      };
      await writeContainerImage(resolve(output), image, signal);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new ProgramError(`the image cannot be packed: ${error.message}`);
    } finally {
      close();
      images.close();
    }
  },
};

function startOf({ labels, cmd, env, ...config }: ImageConfig, init: readonly string[]) {
  return {
    labels,
    entrypoint: [...init, ...config.entrypoint],
    cmd,
    env,
    ...(config.workingDirectory !== "" && { workingDirectory: config.workingDirectory }),
    ...(config.user !== "" && { user: config.user }),
  };
}

/** The kernel is fetched before the labels are known, as far as the file tells them. */
function checkKernel(
  { kernel, kernelImage }: ContainRequest,
  needed: string,
  hypervisor = "",
): void {
  if (kernel === undefined || kernelImage === needed) return;
  throw new ProgramError(
    `the image is for ${hypervisor}, which its Containerfile does not tell before it is built, ` +
      `so that it has the kernel of another monitor: write the label ` +
      `${uruncPrefix}hypervisor=${hypervisor} in its last stage, without a variable`,
  );
}
