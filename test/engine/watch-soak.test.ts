import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

import { build } from "../../src/engine/build.ts";
import { removeTree } from "../../src/sandbox/remove-tree.ts";
import { digestsBelow } from "../e2e/rig.ts";
import { type Draw, drawFrom } from "../e2e/random-edit.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { seed } from "../seed.ts";
import { builtIn, hostIn } from "./build-rig.ts";
import { pieceRules } from "./watch-rules.ts";
import { appTargets, watchedWorkspace } from "./watch-workspace.ts";

const edits = 500;
/** After this many edits there is a burst of some, which are one. */
const burstEvery = 10;
const mostAtOnce = 6;

type Rig = Awaited<ReturnType<typeof watchedWorkspace>>;
type Edit = (rig: Rig, draw: Draw, count: number) => void;

const words = ["app/word.txt", "app/other.txt", "app/store/a.txt", "app/store/b.txt"];
const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)]!;

const kinds: readonly Edit[] = [
  ({ write }, draw, count) => write(pick(draw, words), `word ${count}\n`),
  ({ write }, draw) => write(pick(draw, words), `word ${draw(3)}\n`),
  ({ write, move }, draw, count) => {
    const path = pick(draw, words);
    write(`${path}.tmp`, `replaced ${count}\n`);
    move(`${path}.tmp`, path);
  },
  ({ write, remove, path }, draw) => {
    const name = pick(draw, words);
    const text = readFileSync(path(name), "utf8");
    remove(name);
    write(name, text);
  },
  ({ write }, draw, count) => write(`app/parts/${draw(6)}.txt`, `part ${count}\n`),
  ({ path }, draw) => {
    const parts = readdirSync(path("app/parts")).filter((name) => name.endsWith(".txt"));
    if (parts.length > 1) rmSync(path(`app/parts/${pick(draw, parts)}`));
  },
  ({ write }, draw, count) => write(`deep/tree/${draw(3)}/${draw(3)}`, `deep ${count}\n`),
  ({ path }, draw) => {
    const directories = readdirSync(path("deep/tree"));
    if (directories.length > 1)
      rmSync(path(`deep/tree/${pick(draw, directories)}`), { recursive: true });
  },
  ({ path }, draw) => {
    const directories = readdirSync(path("deep/tree"));
    const from = pick(draw, directories);
    if (!existsSync(path(`deep/tree/${from}-moved`))) {
      renameSync(path(`deep/tree/${from}`), path(`deep/tree/${from}-moved`));
    }
  },
  ({ path }, draw) => {
    rmSync(path("app/link.txt"));
    symlinkSync(`store/${pick(draw, ["a", "b"])}.txt`, path("app/link.txt"));
  },
  ({ path }, draw) => chmodSync(path("app/tool.sh"), pick(draw, [0o644, 0o755, 0o600])),
  ({ path }, draw) => utimesSync(path(pick(draw, words)), draw(1e9), draw(1e9)),
  ({ write }, draw, count) => write("app/unused.txt", `${count} ${draw(9)}\n`),
  ({ write }, draw) => write("code/two/a.h", `#define A ${draw(5)}\n`),
  ({ write }, draw) => write("code/one/a.h", `#define A ${draw(5)}\n`),
  ({ path }) => rmSync(path("code/one/a.h"), { force: true }),
  ({ write }, draw) =>
    write("app/kraft.build.yaml", appTargets.replace("s/$/!/", `s/$/${draw(4)}/`)),
  ({ write }, draw) => {
    const name = `new${draw(3)}`;
    const target = `{ name: ${name}, rule: exec, outs: [o], command: 'echo ${draw(9)} > $OUT' }`;
    write(`${name}/kraft.build.yaml`, `version: 1\ntargets:\n  - ${target}\n`);
  },
  ({ path }, draw) => rmSync(path(`new${draw(3)}`), { recursive: true, force: true }),
  ({ path }) => {
    mkdirSync(path("app/scratch"), { recursive: true });
    rmSync(path("app/scratch"), { recursive: true });
  },
];

/** What the targets of `rig` come to by what their commands say, without any engine. */
function expectedOf({ path }: Rig): Record<string, string> {
  const read = (name: string): string => readFileSync(path(name), "utf8");
  const parts = readdirSync(path("app/parts")).filter((name) => name.endsWith(".txt"));
  const loud = read("app/word.txt").toUpperCase();
  const deep = readdirSync(path("deep/tree"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return {
    "app/loud/loud": loud,
    "app/first/first": loud.slice(0, 1),
    "app/twice/twice": loud.slice(0, 1).repeat(2),
    "app/other/other": read("app/other.txt"),
    "app/linked/linked": read("app/link.txt"),
    "app/parts/parts": parts
      .sort()
      .map((name) => read(`app/parts/${name}`))
      .join(""),
    "deep/names/names": deep
      .sort()
      .map((file) => readFileSync(file, "utf8"))
      .join(""),
  };
}

/**
 * The digests of all outputs of a copy of `root`, which is built with an empty cache, and removed. Only what
 * was found out about the machine's programs is kept in `tools`, as that takes longer than the rest.
 */
async function fromNothing(root: string, tools: string): Promise<Record<string, string>> {
  const place = mkdtempSync(join(tmpdir(), "kraft-clean-"));
  const copy = join(place, "workspace");
  const known = join(place, "cache/tools.json");
  try {
    mkdirSync(join(place, "cache"));
    if (existsSync(tools)) cpSync(tools, known);
    cpSync(root, copy, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => basename(path) !== ".kraft",
    });
    const { kind } = await build({
      host: hostIn(copy, { KRAFT_GRAPH_CACHE_DIR: join(place, "cache") }),
      builtIn: new Map([...builtIn, ["pieces", () => Promise.resolve(pieceRules)]]),
      flags: [{ name: "--sandbox", key: "build.sandbox", text: "links" }],
      choice: { patterns: ["//..."] },
      engine: { version: "1.2.3", buildId: "test" },
      listen: () => undefined,
      signal: new AbortController().signal,
    });
    expect(kind).toBe("built");
    cpSync(known, tools);
    return digestsBelow(join(copy, ".kraft/out"));
  } finally {
    removeTree(place);
  }
}

test(`after each of ${edits} random edits, outputs are what a build from nothing gives (seed ${seed})`, async () => {
  const rig = await watchedWorkspace();
  const draw = drawFrom(seed);
  const tools = join(temporaryDirectory(), "tools.json");
  const log: string[] = [];
  for (let count = 0; count < edits; count++) {
    const wanted = (count + 1) % burstEvery === 0 ? 2 + draw(mostAtOnce - 1) : 1;
    for (let i = 0; i < wanted; i++) {
      const kind = draw(kinds.length);
      log.push(`${count}: ${kinds[kind]!.toString().slice(0, 60)}`);
      kinds[kind]!(rig, draw, count * mostAtOnce + i);
    }
    const { failed, mistakes } = await rig.settled();
    const told = `seed ${seed}\n${log.slice(-12).join("\n")}`;
    expect([failed, mistakes], told).toEqual([[], []]);
    for (const [path, text] of Object.entries(expectedOf(rig))) {
      expect(readFileSync(rig.path(`.kraft/out/${path}`), "utf8"), `${told}\n${path}`).toBe(text);
    }
    const anew = await fromNothing(rig.root, tools);
    const mine = digestsBelow(rig.path(".kraft/out"));
    // Outputs of targets that are gone stay until somebody cleans up.
    for (const path of Object.keys(anew)) expect(mine[path], `${told}\n${path}`).toBe(anew[path]);
  }
}, 1_800_000);
