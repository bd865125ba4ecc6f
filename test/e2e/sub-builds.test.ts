import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";
import { type Ran, rig } from "./rig.ts";

const target = "//hello:qemu-x86_64.kernel";
/** Of builds of a kernel on a machine that has other things to do. */
const timeoutMs = 300_000;

test(
  "an empty workspace takes the actions of a kernel as a whole, until anything that they may read differs",
  async () => {
    const first = examplesRig();
    const clean = await first.build(target);
    expect(clean.code, clean.text).toBe(0);
    expect(takenIn(clean)).toBe(0);

    // What is taken has to be what was made.
    const elsewhere = copyOf(first.root, first.cache);
    const warm = await elsewhere.build(target);
    expect(warm.outputs).toEqual(clean.outputs);
    expect(warm.executed).toEqual([]);
    expect(takenIn(warm)).toBeGreaterThan(50);
    // What is taken counts as what it is.
    const finished = warm.events.filter(({ kind }) => kind === "action-finished");
    expect(warm.counts["localHit"]).toBe(finished.length);
    // A look at each action finds each of them, too.
    rmSync(join(elsewhere.root, ".kraft"), { recursive: true });
    const each = await elsewhere.build(target, "--recheck");
    expect(takenIn(each)).toBe(0);
    expect(each.executed).toEqual([]);
    expect(each.outputs).toEqual(clean.outputs);

    const differences: Record<string, (root: string) => void> = {
      "a source": (root) => appendFileSync(join(root, "hello/main.c"), "\nint added;\n"),
      "a header that was looked for elsewhere first": (root) => {
        mkdirSync(join(root, "hello/uk"), { recursive: true });
        const text = readFileSync(join(root, "core/include/uk/essentials.h"), "utf8");
        writeFileSync(join(root, "hello/uk/essentials.h"), text);
      },
      "an option": (root) => {
        const file = join(root, "hello/Kraftfile");
        const text = readFileSync(file, "utf8");
        const set = "  kconfig:\n    CONFIG_LIBUKPRINT_PRINT_TIME: 'y'\n";
        writeFileSync(file, text.replace("  kconfig:\n", set));
      },
    };
    for (const [what, change] of Object.entries(differences)) {
      const other = copyOf(first.root, first.cache);
      change(other.root);
      const ran = await other.build(target);
      expect(ran.code, `${what}\n${ran.text}`).toBe(0);
      expect(takenIn(ran), what).toBe(0);
      const lonely = copyOf(other.root);
      const anew = await lonely.build(target);
      expect(ran.outputs, what).toEqual(anew.outputs);
    }
  },
  timeoutMs,
);

/** The same files in another workspace. */
function copyOf(root: string, cache?: string) {
  const copy = rig({}, cache === undefined ? {} : { cache });
  const isSource = (path: string) => basename(path) !== ".kraft";
  cpSync(root, copy.root, { recursive: true, verbatimSymlinks: true, filter: isSource });
  return copy;
}

function takenIn({ events }: Ran): number {
  return events.reduce((sum, { takenAsWhole }) => sum + Number(takenAsWhole ?? 0), 0);
}
