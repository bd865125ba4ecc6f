import {
  type ExecPath,
  FormatError,
  type RemoteSource,
  type RuleContext,
  type Span,
  describeSource,
  formatReference,
  parseReference,
  renderSpan,
} from "../../src/index.ts";
import type { Architecture } from "./architecture.ts";
import { imageFetch } from "./image-fetch.ts";
import type { ImageFiles } from "./program/image-files.ts";

/** An image that a bunnyfile names. */
export interface RemoteImage {
  /** As it is written. */
  readonly reference: string;
  readonly monitor: string;
  readonly architecture: Architecture;
  readonly at: Span;
}

/**
 * Where actions find the image, which an action fetches; undefined when no image can be called so,
 * which is reported. Of `unikraft.org`, the one for the monitor is taken, of all others that for Linux.
 *
 * Source: bunny 0.0.5, hops/unikraft.go.
 */
export function fetchedImage(
  { reference, monitor, architecture, at }: RemoteImage,
  { component, action, report }: Pick<RuleContext<unknown>, "component" | "action" | "report">,
): ImageFiles | undefined {
  const name = referenceOf(reference);
  if (name === undefined) {
    const message = `"${reference}" is no name of an image`;
    const help = "write HOST/NAME:TAG, a label such as //apps/x, or local";
    report({ severity: "error", code: "bad-attribute", message, at, help });
    return undefined;
  }
  const os = name.startsWith("unikraft.org/") ? systemOf(monitor) : "linux";
  const platform = { os, architecture: architecture.image };
  const source: RemoteSource = { kind: "image", reference: name, platform };
  const layout = component("image", { kind: "action", identity: describeSource(source) });
  action(imageFetch(source, layout));
  return { layout, architecture: architecture.image };
}

function systemOf(monitor: string): string {
  return monitor === "firecracker" ? "fc" : monitor;
}

function referenceOf(text: string): string | undefined {
  try {
    return formatReference(parseReference(text, "docker"));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** The file `path` of `image`, as a bunnyfile names it at `at`, made by an action as `output`. */
export function extractedFile(
  image: ImageFiles,
  { path, at }: { readonly path: string; readonly at: Span },
  output: ExecPath,
  { action }: Pick<RuleContext<unknown>, "action">,
): ExecPath {
  action({
    kind: "program",
    mnemonic: "Extract",
    program: "bunny/extract",
    version: 1,
    args: [image.layout, image.architecture, path, output],
    inputs: [image.layout],
    outputs: [output],
    places: { path: renderSpan(at) },
  });
  return output;
}
