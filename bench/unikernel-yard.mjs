// Everyone who builds one project of unikernels, and what each build comes to.

import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { putAside } from "./put-aside.mjs";
import { warmToolchain } from "./warm-program.mjs";
import { makeScript, optionsFile, UnikernelTree } from "./unikernel-tree.mjs";

/** Everyone's trees of one project, laid out when the first row needs them. */
export class Yard {
  project;
  #context;
  #directory;
  /** @type {Map<string, Place>} */
  #places = new Map();
  #hasOptions = false;

  constructor(project, context) {
    this.project = project;
    this.#context = context;
    this.#directory = join(context.directory, project.name);
  }

  /** Runs of `target` by everyone, each in its own tree. */
  contenders({ target, configures = false, elsewhere = false, flags = [], prepare }) {
    const styles = ["ours", "make", "kraftkit", ...(this.#context.peers.ccache ? ["ccache"] : [])];
    return styles.map((style) => ({
      name: style,
      command: this.#newPlace(style, elsewhere).command(target, { configures, flags }),
      prepare: async (run) => {
        this.#readOptions();
        const place = this.#place(style);
        await prepare(place, run);
        if (elsewhere) this.#place(style, elsewhere).renew();
      },
      warm: () => {
        this.#place(style, elsewhere).tree.warm();
        warmToolchain();
      },
    }));
  }

  /** What the last build of ours did, in a line. */
  note() {
    const { actions } = this.#events().find(({ kind }) => kind === "finished");
    const { executed, localHit, upToDate } = actions;
    return `${executed} run, ${localHit} from the cache, ${upToDate} up to date`;
  }

  executed() {
    return this.#events().find(({ kind }) => kind === "finished").actions.executed;
  }

  /** The part of the compile actions of the last build that did not run. */
  reused() {
    const compiled = this.#events().filter(
      ({ kind, mnemonic }) => kind === "action-finished" && /^(CC|CXX|AS)$/.test(mnemonic),
    );
    return compiled.filter(({ outcome }) => outcome !== "executed").length / compiled.length;
  }

  #events() {
    const text = readFileSync(this.#eventsFile(), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  #eventsFile() {
    return join(this.#directory, "events.jsonl");
  }

  #newPlace(style, elsewhere) {
    const root = join(this.#directory, elsewhere ? "elsewhere" : ".", style, "tree");
    const cache = join(this.#directory, style, "cache");
    const files = { eventsFile: this.#eventsFile(), options: join(this.#directory, "options") };
    return new Place({
      style,
      root,
      cache,
      project: this.project,
      context: this.#context,
      ...files,
    });
  }

  #place(style, elsewhere = false) {
    const key = `${style} ${elsewhere}`;
    const known = this.#places.get(key) ?? this.#newPlace(style, elsewhere);
    this.#places.set(key, known);
    return known;
  }

  /** Has the engine resolve the options of each kernel, so that make is given the same. */
  #readOptions() {
    if (this.#hasOptions) return;
    this.#hasOptions = true;
    const { app, secondApp } = this.project;
    const place = this.#newPlace("reference", false);
    const kept = join(this.#directory, "options");
    mkdirSync(kept, { recursive: true });
    const keep = (one, target, variant = target) => {
      place.resolve(one, target);
      const directory = join(place.tree.root, ".kraft/out", one.directory, `${target}.config`);
      const [name] = readdirSync(directory);
      cpSync(join(directory, name), optionsFile(kept, one, variant));
    };
    keep(app, "qemu-x86_64");
    keep(app, "fc-x86_64");
    keep(secondApp, "qemu-x86_64");
    place.tree.setOption(true);
    keep(app, "qemu-x86_64", "qemu-x86_64-flipped");
  }
}

/** One contender in one tree. */
class Place {
  #parts;
  /** @type {UnikernelTree | undefined} */
  #tree;

  constructor(parts) {
    this.#parts = parts;
  }

  get tree() {
    this.#tree ??= this.#newTree();
    return this.#tree;
  }

  renew() {
    this.#tree = this.#newTree();
  }

  /** Takes away outputs and caches. */
  forget() {
    this.tree.clean();
    this.tree.setOption(false);
    putAside(this.#parts.cache, join(this.#parts.context.directory, "aside"));
  }

  build(target) {
    this.tree.run(this.command(target, { configures: true }));
  }

  /** Builds `target` and then `flipped`, and leaves the option as `target` has it. */
  flipAndBack(target, flipped) {
    this.build(target);
    this.tree.setOption(true);
    this.build(flipped);
    this.tree.setOption(false);
  }

  async settled(target) {
    this.build(target);
    await this.tree.settle();
    this.build(target);
  }

  resolve({ directory }, target) {
    this.tree.run(this.#ours(`//${directory}:${target}.config`));
  }

  command({ app, variant }, { flags = [], ...options }) {
    const { style, root, project, context } = this.#parts;
    const { jobs } = context;
    if (style === "ours") {
      return this.#ours(`//${app.directory}:${variant.replace("-flipped", "")}`, flags);
    }
    const what = { root, project, app, variant, jobs, options: this.#parts.options };
    const script = makeScript(what, style === "kraftkit" ? style : "make", options);
    return { argv: ["sh", "-c", script], directory: context.directory, env: this.#env() };
  }

  #newTree() {
    const { root, project, context } = this.#parts;
    return new UnikernelTree({ root, project, scratch: context.directory });
  }

  #ours(label, more = []) {
    const { root, eventsFile, context } = this.#parts;
    const flags = [`--jobs=${context.jobs}`, `--events=${eventsFile}`, ...more];
    const argv = [process.execPath, context.engine, "build", label, ...flags];
    return { argv, directory: root, env: this.#env() };
  }

  #env() {
    const { style, root, cache, context } = this.#parts;
    const { PATH = "" } = process.env;
    const own = { PATH, HOME: context.directory };
    if (style !== "ccache") return { ...own, KRAFT_GRAPH_CACHE_DIR: cache };
    return {
      ...own,
      PATH: `/usr/lib/ccache:${PATH}`,
      CCACHE_DIR: cache,
      CCACHE_BASEDIR: root,
      CCACHE_NOHASHDIR: "1",
      CCACHE_DEPEND: "1",
      CCACHE_SLOPPINESS: "time_macros,include_file_mtime,include_file_ctime,locale,pch_defines",
    };
  }
}
