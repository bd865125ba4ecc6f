import { type Dockerfile, type Span, uruncPrefix } from "../../../src/index.ts";

/** What a Containerfile says of its image, as far as it can be read without building it. */
export interface StatedLabels {
  /** By name. Those whose values have variables are empty, and stand in {@link unknown}. */
  readonly labels: Readonly<Record<string, string>>;
  readonly unknown: ReadonlySet<string>;
  readonly placeOf: (name: string) => Span | undefined;
  /** Of the stage that makes the image; absent: there is none. */
  readonly at?: Span;
  /** Whether that stage begins with an image, which may have labels of its own. */
  readonly hasBase: boolean;
}

/** The labels of the stage that makes the image, and of the stages that it goes on from. */
export function labelsOf({ stages }: Dockerfile, target: string | undefined): StatedLabels {
  const labels: Record<string, string> = {};
  const unknown = new Set<string>();
  const places = new Map<string, Span>();
  const chain = [];
  const last = numberOf(stages, target);
  let stage = stages[last];
  for (let index = last + 1; stage !== undefined; ) {
    chain.unshift(stage);
    const { base } = stage;
    // A stage goes on from one above it, or from none.
    const next = stages
      .slice(0, index - 1)
      .findLastIndex(({ name }) => name === base.toLowerCase());
    index = next + 1;
    stage = stages[next];
  }
  for (const { instructions } of chain) {
    for (const instruction of instructions) {
      if (instruction.kind !== "label") continue;
      for (const { name, value = "" } of instruction.pairs) {
        const key = unquoted(name);
        places.set(key, instruction.at);
        unknown.delete(key);
        labels[key] = unquoted(value);
        if (!/(^|[^\\])\$/.test(value)) continue;
        labels[key] = "";
        unknown.add(key);
      }
    }
  }
  const hasBase = chain[0] !== undefined && chain[0].base !== "scratch";
  const at = stages[last]?.at;
  return { labels, unknown, placeOf: (name) => places.get(name), hasBase, ...(at && { at }) };
}

/** By name or number; of one that there is not, the build tells. */
function numberOf(stages: Dockerfile["stages"], target: string | undefined): number {
  if (target === undefined) return stages.length - 1;
  const named = stages.findLastIndex(({ name }) => name === target.toLowerCase());
  return named === -1 && /^\d+$/.test(target) ? Number(target) : named;
}

/** What `labels` tell urunc, by keys without prefix. */
export function factsIn(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).filter(([name]) => name.startsWith(uruncPrefix));
  return Object.fromEntries(
    entries.map(([name, value]) => [name.slice(uruncPrefix.length), value]),
  );
}

/** `word` as the shell has it, where it has no variables. */
function unquoted(word: string): string {
  return word.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, double, single, escaped) => {
    if (typeof double === "string") return double.replaceAll(/\\(["\\$])/g, "$1");
    return typeof single === "string" ? single : String(escaped);
  });
}
