import type { Declaration, LoadContext, Source } from "../../src/index.ts";
import { mirageTargets } from "./mirage-target.ts";

/** Whether `file` says what a unikernel is made of, rather than being a module of that name. */
export function isMirageConfig({ text }: Source): boolean {
  const code = text.replaceAll(/\(\*[\s\S]*?\*\)/g, " ");
  return /\b(?:open|include)!?\s+Mirage\b|\bMirage\s*\.\s*\w/.test(code);
}

/**
 * A target for each thing that a unikernel can be configured for, called so. `...` means the first
 * alone, unless the package's `kraft.build.yaml` says what is meant.
 */
export function loadConfig(source: Source, context: LoadContext): readonly Declaration[] {
  const at = { source, start: 0, end: 0 };
  const statements = context.read("kraft.build.yaml")?.text ?? "";
  const isStated = /\brule:\s*["']?mirage\b/.test(statements);
  return mirageTargets.map(({ name, label = name }, i) => ({
    name: label,
    rule: "mirage",
    at,
    attributes: { target: { value: name, at } },
    inWildcards: i === 0 && !isStated,
    ...(i === 0 && !isStated && { isDefault: true }),
  }));
}
