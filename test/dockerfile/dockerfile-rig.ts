import { type Diagnostic, renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { parseDockerfile } from "../../src/dockerfile/parse.ts";
import { emptyConfig, type ImageConfig } from "../../src/dockerfile/image-config.ts";
import { type BuildPlan, planStages } from "../../src/dockerfile/plan.ts";
import { type BuildChoice, resolveStages } from "../../src/dockerfile/resolve.ts";

const amd64 = { os: "linux", architecture: "amd64", variant: "" };

/** What is read of the Dockerfile `text`, and what is wrong with it, as it is printed. */
export function read(text: string) {
  const printed: string[] = [];
  const report = (one: Diagnostic): void => void printed.push(renderDiagnostic(one));
  const dockerfile = parseDockerfile({ path: "Dockerfile", text }, report);
  return { dockerfile, printed: printed.join("\n") };
}

/** What the stages of `text` do; images are as `images` says, else empty. */
export function planOf(
  text: string,
  choice: Partial<BuildChoice> = {},
  images: Readonly<Record<string, Partial<ImageConfig>>> = {},
): { readonly plan: BuildPlan | undefined; readonly printed: string } {
  const printed: string[] = [];
  const report = (one: Diagnostic): void => void printed.push(renderDiagnostic(one));
  const dockerfile = parseDockerfile({ path: "Dockerfile", text }, report);
  const whole = { buildArgs: {}, platform: amd64, buildPlatform: amd64, ...choice };
  const resolved = dockerfile && resolveStages(dockerfile, whole, report);
  const names = [...(resolved?.images.keys() ?? [])];
  const configs = new Map(names.map((name) => [name, { ...emptyConfig, ...images[name] }]));
  const plan = resolved && planStages(resolved, configs, report);
  return { plan, printed: printed.join("\n") };
}

/** The last stage of `text`. */
export function lastStage(...args: Parameters<typeof planOf>) {
  const { plan, printed } = planOf(...args);
  const stage = plan?.stages.at(-1);
  if (stage === undefined) throw new Error(printed);
  return stage;
}
