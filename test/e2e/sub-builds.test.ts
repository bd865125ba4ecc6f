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

test(
  "of a kernel that came as a whole, it is said what nobody wrote down, until a build looks at each action",
  async () => {
    const first = examplesRig();
    const clean = await first.build(target);
    expect(clean.code, clean.text).toBe(0);
    const theirs = join(first.place, "theirs.jsonl");
    expect((await first.run(["why", "--export", theirs, target])).text).toBe("");
    const header = 'inputs(".*/uk/print.h", deps(//hello:qemu-x86_64.kernel))';
    const known = await first.run(["query", header]);
    expect(known.stdout).toContain("libukprint/print.o");
    expect(known.text).toBe("");

    const here = copyOf(first.root, first.cache);
    expect(takenIn(await here.build(target))).toBeGreaterThan(50);
    const recheck = `"kraft-graph build --recheck ${target}" makes it known`;
    for (const query of [header, "whatinputs(core/include/uk/print.h)"]) {
      const asked = await here.run(["query", query]);
      expect(asked.code).toBe(0);
      expect(asked.text, query).toContain(`note: which headers compilers read is not written down`);
      expect(asked.text, query).toContain(recheck);
    }
    // Who asks nothing about it is not bothered.
    expect((await here.run(["query", `mnemonic(CC, deps(${target}))`])).text).toBe("");
    for (const words of [
      ["why", "--against", theirs, target],
      ["cache", "why-miss", "--against", theirs, target],
    ]) {
      const compared = await here.run(words);
      expect(compared.stdout).toContain("nothing that is written down differs from");
      expect(compared.stdout).toMatch(/of \d+ actions, such as \S+, nothing is written down here/);
      expect(compared.stdout).not.toContain("not known here");
    }
    const mine = join(here.place, "mine.jsonl");
    const exported = await here.run(["why", "--export", mine, target]);
    expect(exported.stdout).toMatch(/nothing is written down here.*--recheck/);

    // An edit then has a cause that is true: which header, nobody can tell any more.
    appendFileSync(join(here.root, "core/include/uk/print.h"), "\n#define UK_ADDED 1\n");
    const edited = await here.build(target, "--explain");
    expect(edited.executed.length).toBeGreaterThan(0);
    expect(edited.text).toContain("its last result came with those of its package as a whole");
    expect(edited.text).not.toContain("it was not built here before");
    const why = await here.run(["why", target]);
    expect(why.stdout).toContain("its last result came with those of its package as a whole");

    // A look at each of them writes it down.
    const other = copyOf(first.root, first.cache);
    expect(takenIn(await other.build(target))).toBeGreaterThan(50);
    expect((await other.build(target, "--recheck")).executed).toEqual([]);
    const complete = await other.run(["query", header]);
    expect([complete.stdout, complete.text]).toEqual([known.stdout, ""]);
    const same = await other.run(["why", "--against", theirs, target]);
    expect(same.stdout).toBe(`nothing differs from ${theirs}\n`);
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
