// Sources as actions were given them, until something says that they changed. Knows no disk.

import type { Action, ExecPath } from "../action/action.ts";
import type { Input } from "./inputs.ts";
import type { Touched } from "./touched.ts";

/** A source that was looked at, and for whom. */
export interface KnownSource {
  readonly input: Input;
  readonly action: Action;
}

/** Sources by path; those of which an action sees more or less than others do, by that as well. */
export class KnownSources {
  readonly #plain = new Map<ExecPath, KnownSource>();
  readonly #variants = new Map<string, KnownSource>();

  of(path: ExecPath, action: Action): Input | undefined {
    const variant = variantOf(path, action);
    return (variant === path ? this.#plain : this.#variants).get(variant)?.input;
  }

  add(input: Input, action: Action): void {
    const variant = variantOf(input.path, action);
    (variant === input.path ? this.#plain : this.#variants).set(variant, { input, action });
  }

  *all(): Iterable<KnownSource> {
    yield* this.#plain.values();
    yield* this.#variants.values();
  }

  /** Forgets what stands at paths that changed, and in directories that hold them. */
  forget({ changed, above, fresh }: Touched): void {
    for (const path of [...changed, ...above]) this.#plain.delete(path);
    if (fresh.length > 0) this.#forgetBelow(fresh);
    for (const [variant, { input }] of this.#variants) {
      if (changed.has(input.path) || above.has(input.path)) this.#variants.delete(variant);
    }
  }

  /** Another directory may have come in the place of the one that was known. */
  #forgetBelow(directories: readonly ExecPath[]): void {
    const isBelow = (path: ExecPath): boolean =>
      directories.some((top) => path.startsWith(`${top}/`));
    for (const path of this.#plain.keys()) if (isBelow(path)) this.#plain.delete(path);
    for (const [variant, { input }] of this.#variants) {
      if (isBelow(input.path)) this.#variants.delete(variant);
    }
  }

  /** Forgets files that are as quickly looked at again: 100,000 of them take 50 MB. */
  release(): void {
    for (const [path, { input, action }] of this.#plain) {
      const isCheap = input.node.kind === "file" && action.inputs.length < manyInputs;
      if (isCheap) this.#plain.delete(path);
    }
  }
}

/** To look at so many files again takes longer than people should wait. */
const manyInputs = 500;

/** The path, and what besides it decides how a source is read. */
function variantOf(path: ExecPath, { modesOf, without }: Action): string {
  const hasModes = modesOf?.includes(path) === true;
  const hidden = without?.[path] ?? [];
  // Whatever else the action leaves out elsewhere: a core is walked once, not once for each rule.
  if (!hasModes && hidden.length === 0) return path;
  return `${path}\0${hasModes ? "modes" : ""}\0${hidden.join("\0")}`;
}
