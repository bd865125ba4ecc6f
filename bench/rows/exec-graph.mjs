// Rows over graphs of `exec` actions, with the same commands and sources for make and ninja.

import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { launch } from "../launch.mjs";
import {
  kraftFiles,
  layersOf,
  makeFiles,
  ninjaFiles,
  writeFile,
  writeSources,
} from "../layered-graph.mjs";
import { putAside } from "../put-aside.mjs";

/** @typedef {import("../measure.mjs").Row} Row */

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly Row[]}
 */
export function rows(context) {
  return [
    ...rowsOf(new Arena({ count: 1_000, width: 100 }, context), ["links", "bwrap"], 5),
    ...rowsOf(new Arena({ count: 10_000, width: 500 }, context), [], 3),
  ];
}

/** The memory that a build of 10,000 actions may take. */
const memory = { peakMiB: 150 };

/** @returns {Row[]} */
function rowsOf(arena, sandboxes, cleanRuns) {
  const { count, layers } = arena;
  const name = (part) => `exec-${count}/${part}`;
  const [first] = layers[0];
  const [last] = layers.at(-1);
  const ours = (...flags) => ["build", "//...", "--sandbox=none", ...flags];
  const clean = (part, sandbox) => ({
    name: name(part),
    about: `${count} actions from nothing, in the sandbox "${sandbox}"`,
    runs: cleanRuns,
    contenders: arena.contenders(["build", "//...", `--sandbox=${sandbox}`], (tree) =>
      tree.clean(),
    ),
    bounds: [...(sandbox === "none" ? [{ peer: "ninja", atMost: 1.5 }] : []), memory],
    check: () => arena.check(),
  });
  const changed = (part, node, about) => ({
    name: name(part),
    about,
    runs: 5,
    contenders: arena.contenders(ours(), (tree, run) => {
      if (run === 0) tree.build();
      tree.change(node);
    }),
    bounds: [memory],
    check: () => arena.check(),
  });
  const settle = async (tree, run) => {
    if (run === 0) await tree.settle();
  };
  const noOpBounds = [
    { peer: "ninja", atMost: 4 },
    { peer: "make", atMost: 0.25 },
  ];
  return [
    clean("clean", "none"),
    ...sandboxes.map((sandbox) => clean(`clean-${sandbox}`, sandbox)),
    {
      name: name("no-op"),
      about: "nothing changed",
      runs: 9,
      contenders: arena.contenders(ours(), settle),
      bounds: [...(count >= 10_000 ? noOpBounds : []), memory],
    },
    {
      name: name("no-op-recheck"),
      about: "nothing changed, and the engine is told to look at every action",
      runs: 5,
      contenders: arena.contenders(ours("--recheck"), settle),
      bounds: [memory],
    },
    changed(
      "changed-first",
      first,
      `one source of the first layer changed: ${arena.reachedBy(0)} actions run again`,
    ),
    changed("changed-last", last, "one source of the last layer changed: one action runs again"),
  ];
}

/** One graph, laid out for each contender when the first row needs it. */
class Arena {
  count;
  layers;
  #context;
  /** @type {Map<string, Tree> | undefined} */
  #trees;

  constructor({ count, width }, context) {
    this.count = count;
    this.layers = layersOf(count, width);
    this.#context = context;
  }

  /** How many actions read, directly or not, what one source of the layer `index` leads to. */
  reachedBy(index) {
    const left = this.layers.length - index;
    return (left * (left + 1)) / 2;
  }

  /**
   * @param {readonly string[]} oursArgs
   * @param {(tree: Tree, run: number) => void | Promise<void>} prepare
   * @returns {readonly import("../measure.mjs").Contender[]}
   */
  contenders(oursArgs, prepare) {
    const { engine, jobs, peers } = this.#context;
    const argvs = {
      ours: [process.execPath, engine, ...oursArgs, `--jobs=${jobs}`, "--quiet"],
      // As people call it; and without the implicit rules that it tries for each file.
      make: ["make", "-s", `-j${jobs}`],
      "make -rR": ["make", "-r", "-R", "-s", `-j${jobs}`],
      ninja: ["ninja", "--quiet", `-j${jobs}`],
    };
    const isThere = (name) => peers[name.split(" ")[0]] !== undefined;
    const names = ["ours", ...["make", "make -rR", "ninja"].filter(isThere)];
    return names.map((name) => {
      const command = { argv: argvs[name], directory: this.#place(name), env: this.#env() };
      return {
        name,
        command,
        prepare: (run) => {
          const tree = this.#tree(name);
          tree.command = command;
          return prepare(tree, run);
        },
        warm: () => this.#tree(name).warm(),
      };
    });
  }

  /** Throws when the outputs of the last layer are not the same for every contender. */
  check() {
    const [ours, ...others] = this.#trees?.values() ?? [];
    for (const { output } of this.layers.at(-1) ?? []) {
      const text = ours.read(output);
      const other = others.find((tree) => tree.isBuilt && tree.read(output) !== text);
      if (other !== undefined)
        throw new Error(`${output} differs in ${other.root} and ${ours.root}`);
    }
  }

  #tree(name) {
    this.#trees ??= new Map();
    const known = this.#trees.get(name);
    if (known !== undefined) return known;
    const files = { ours: kraftFiles, ninja: ninjaFiles }[name] ?? makeFiles;
    const scratch = this.#context.directory;
    const tree = new Tree({ root: this.#place(name), nodes: this.layers.flat(), files, scratch });
    this.#trees.set(name, tree);
    return tree;
  }

  #place(name) {
    return join(this.#context.directory, String(this.count), name.replace(" ", ""));
  }

  #env() {
    const { PATH = "" } = process.env;
    const cache = join(this.#context.directory, String(this.count), "cache");
    return { PATH, HOME: this.#context.directory, KRAFT_GRAPH_CACHE_DIR: cache };
  }
}

/** After this long two changes of a file are sure to leave different times. */
const settledAfterMs = 2_100;

/** What one contender has on disk. */
class Tree {
  root;
  isBuilt = false;
  /** @type {import("../launch.mjs").Command | undefined} */
  command;
  #nodes;
  #scratch;
  #changes = 0;

  constructor({ root, nodes, files, scratch }) {
    this.root = root;
    this.#nodes = nodes;
    this.#scratch = scratch;
    writeSources(root, nodes);
    for (const [path, text] of files(nodes)) writeFile(root, path, text);
    this.#empty();
  }

  read(path) {
    return readFileSync(join(this.root, path), "utf8");
  }

  /** Has each source in memory, which a machine may have taken it from meanwhile. */
  warm() {
    for (const { source } of this.#nodes) this.read(source);
  }

  clean() {
    this.#empty();
    this.isBuilt = true; // As soon as what comes next is over.
  }

  build() {
    launch(this.command, this.#scratch);
    this.isBuilt = true;
  }

  /**
   * Builds when every source is old enough for the engine to trust its times, as it notes what a
   * whole build depended on only then, and so a no-op is the second build after the last change.
   */
  async settle() {
    this.build();
    const newestMs = Math.max(...this.#nodes.map(({ source }) => this.#changedMs(source)));
    await setTimeout(Math.max(0, newestMs + settledAfterMs - Date.now()));
    this.build();
  }

  change({ source }) {
    writeFile(this.root, source, `the source, changed ${++this.#changes} times\n`);
  }

  #putAside(path) {
    putAside(join(this.root, path), join(this.#scratch, "aside"));
  }

  #changedMs(path) {
    return statSync(join(this.root, path)).ctimeMs;
  }

  #empty() {
    const leftovers = [".kraft", ".ninja_log", ".ninja_deps", "../cache"];
    const own = leftovers.slice(0, this.root.endsWith("/ours") ? 4 : 3);
    for (const path of own) this.#putAside(path);
    if (!/\/make[^/]*$/.test(this.root)) return;
    // The others make the directories of their outputs.
    for (const { output } of this.#nodes) {
      mkdirSync(dirname(join(this.root, output)), { recursive: true });
    }
  }
}
