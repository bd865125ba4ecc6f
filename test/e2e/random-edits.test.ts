import { cpSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";
import { drawFrom, type Edit, type Editor, editAtRandom } from "./random-edit.ts";
import { type Ran, rig } from "./rig.ts";
import { seed } from "../seed.ts";

const edits = { keep: 200, drop: 60 };
/** Edits between two builds, at most: 200 builds would take ten minutes. */
const mostAtOnce = 8;
/** Builds between two builds from nothing. */
const freshEvery = 10;
/** With six times as much to do as it has cores, a machine took 380 s. */
const timeoutMs = 900_000;

const targets = ["//hello:qemu-x86_64", "//cat:qemu-x86_64", "//hello:qemu-x86_64.oci"];

test.each(["keep", "drop"] as const)(
  `random edits give what a build from nothing gives, and compile no more than they reach, with intermediates: %s (seed ${seed})`,
  async (intermediates) => {
    const here = examplesRig({ intermediates });
    const editor: Editor = {
      root: here.root,
      draw: drawFrom(seed),
      originals: new Map(),
      count: 0,
    };
    const log: string[] = [];
    const first = await here.build(...targets);
    expect(first.code, first.text).toBe(0);
    let broken = 0;
    let taken = 0;
    /** Edits of the round before that a mistake kept from being compiled. */
    let open: readonly Edit[] = [];
    for (let round = 1; editor.count < edits[intermediates]; round++) {
      const made = editsOf(editor, edits[intermediates]);
      log.push(...made.map(({ what }) => `${round}: ${what}`));
      const told = `seed ${seed}\n${log.slice(-20).join("\n")}`;
      const ran = await here.build(...targets, "--keep-going");
      const isBroken = made.some(({ undo }) => undo !== undefined);
      expect(ran.code, `${told}\n${ran.text}`).toBe(isBroken ? 1 : 0);
      // What was dropped has to be compiled again for who links.
      if (intermediates === "keep") {
        expectNoMoreThan([...open, ...made], ran, { root: here.root, told });
      }
      open = isBroken ? made : [];
      if (isBroken) broken += 1;
      if (round % freshEvery === 0 || (isBroken && broken === 1)) {
        const anew = await expectSameFromNothing(here.root, ran, told);
        // What was dropped is missing from any whole.
        if (intermediates === "keep") taken += await expectSameInEmptyPlaces(here, anew, told);
      }
      for (const { undo } of made) undo?.();
    }
    const last = await here.build(...targets);
    await expectSameFromNothing(
      here.root,
      last,
      `seed ${seed}, at the end\n${log.slice(-20).join("\n")}`,
    );
    expect(taken > 0).toBe(intermediates === "keep");
  },
  timeoutMs,
);

function editsOf(editor: Editor, most: number): Edit[] {
  const made: Edit[] = [];
  const wanted = 1 + editor.draw(mostAtOnce);
  while (made.length < wanted && editor.count < most && made.at(-1)?.undo === undefined) {
    made.push(editAtRandom(editor));
  }
  return made;
}

/** Builds what is in `root` in another place, with an empty cache, and compares what came of it. */
async function expectSameFromNothing(root: string, ran: Ran, told: string): Promise<Ran> {
  const fresh = copyOf(root);
  const anew = await fresh.build(...targets, "--keep-going");
  expect(anew.code, `${told}\n${anew.text}`).toBe(ran.code);
  const mine = ran.outputs;
  const common = Object.keys(anew.outputs).filter((path) => path in mine);
  if (ran.code === 0) expect(Object.keys(mine), told).toEqual(Object.keys(anew.outputs));
  for (const path of common) expect(mine[path], `${told}\n${path}`).toBe(anew.outputs[path]);
  return anew;
}

/**
 * Builds what is in a workspace in two others with the same cache: the first looks at each action,
 * so that the second may take them as a whole. Gives how many it took.
 */
async function expectSameInEmptyPlaces(
  { root, cache }: { readonly root: string; readonly cache: string },
  anew: Ran,
  told: string,
): Promise<number> {
  let taken = 0;
  for (const _ of ["each action", "as a whole"]) {
    const ran = await copyOf(root, { cache }).build(...targets, "--keep-going");
    expect(ran.code, `${told}\n${ran.text}`).toBe(anew.code);
    expect(ran.outputs, told).toEqual(anew.outputs);
    taken += ran.events.reduce((sum, { takenAsWhole }) => sum + Number(takenAsWhole ?? 0), 0);
  }
  return taken;
}

/** The sources below `root` in another workspace. */
function copyOf(root: string, options?: Parameters<typeof rig>[1]) {
  const copy = rig({}, options);
  const filter = (path: string) => basename(path) !== ".kraft";
  cpSync(root, copy.root, { recursive: true, verbatimSymlinks: true, filter });
  return copy;
}

/** When only texts changed, what was compiled is what includes one of them. */
function expectNoMoreThan(
  made: readonly Edit[],
  { events }: Ran,
  { root, told }: { readonly root: string; readonly told: string },
): void {
  if (made.some(({ changed }) => changed === undefined)) return;
  const reached = reachedFrom(
    made.flatMap(({ changed = [] }) => changed),
    root,
  );
  const compiled = events.flatMap(({ kind, mnemonic, outcome, subject }) =>
    kind === "action-finished" && outcome === "executed" && /^(CC|AS)$/.test(String(mnemonic))
      ? [basename(String(subject), ".o")]
      : [],
  );
  for (const name of compiled) expect(reached, told).toContain(name);
}

/** Names, without ending, of the sources below `root` that include one of `paths`, or are one. */
function reachedFrom(paths: readonly string[], root: string): string[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[chS]$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !path.startsWith(".kraft/"));
  const names = new Map(
    files.map((path) => [path, includedNames(readFileSync(join(root, path), "utf8"))]),
  );
  const reached = new Set(paths);
  for (const path of reached) {
    for (const [file, included] of names) {
      // By the end of the path, as the search path is not known here: more than really is.
      if (included.some((name) => `/${path}`.endsWith(`/${name}`))) reached.add(file);
    }
  }
  return [...reached].map((path) => basename(path).replace(/\.[^.]*$/, ""));
}

function includedNames(text: string): string[] {
  const includes = text.matchAll(/^\s*#\s*include\s*[<"](?:\.\.?\/)*([^>"]+)[>"]/gm);
  return [...includes].map(([, name = ""]) => name);
}
