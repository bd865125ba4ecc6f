// Rows of watching: from an edit until the one action that reads it is done.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { wideGraph, writeWideGraph } from "../wide-graph.mjs";

/** @typedef {import("../measure.mjs").Row} Row */

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly Row[]}
 */
export function rows(context) {
  return [
    rowOf(new Field(10_000, context), { overheadMs: 30 }),
    rowOf(new Field(100_000, context), { overheadMs: 60 }),
  ];
}

/** @returns {Row} */
function rowOf(field, { overheadMs }) {
  return {
    name: `watch-${field.count}`,
    about: `an edit of one of ${field.count} watched files; "command" is what has to run then`,
    runs: 15,
    contenders: field.contenders(),
    bounds: [
      {
        what: "ms beyond the command",
        atMost: overheadMs,
        measured: () => field.medianMs("ours") - field.medianMs("command"),
      },
      { what: "MiB of the watch", atMost: 200, measured: () => field.memoryMiB("ours") },
    ],
    check: () => field.stop(),
    note: () => field.note(),
  };
}

/** Sources, and those who watch them. */
class Field {
  count;
  #context;
  #nodes;
  /** @type {Map<string, Watch>} */
  #watches = new Map();
  /** @type {Map<string, string>} */
  #statuses = new Map();

  constructor(count, context) {
    this.count = count;
    this.#context = context;
    this.#nodes = wideGraph(count);
  }

  contenders() {
    const { engine, peers } = this.#context;
    const ninjaWatch = fileURLToPath(new URL("../ninja-watch.mjs", import.meta.url));
    const watching = {
      ours: [process.execPath, engine, "watch", "//...", "--sandbox=none", "--events", "-"],
      ...(peers.ninja && { "chokidar and ninja": [process.execPath, ninjaWatch] }),
    };
    const [node] = this.#nodes;
    const command = `cksum ${node.sources.join(" ")} > sum`;
    return [
      ...Object.entries(watching).map(([name, argv]) => this.#contender(name, argv)),
      { ...this.#timed("command", `sh -c '${command}'`), prepare: () => this.#lay("command") },
    ];
  }

  /** The median of what each run took by its own clock, which no start of a process is part of. */
  medianMs(name) {
    const times = readFileSync(join(this.#place(name), ".times"), "utf8")
      .trim()
      .split("\n");
    const ms = times.map((line) => line.split(" ")).map(([from, to]) => (to - from) * 1000);
    return ms.sort((a, b) => a - b)[Math.floor(ms.length / 2)];
  }

  memoryMiB(name) {
    return Number(/VmRSS:\s+(\d+)/.exec(this.#statuses.get(name))?.[1]) / 1024;
  }

  note() {
    const names = ["ours", "chokidar and ninja"].filter((name) => this.#statuses.has(name));
    return names
      .map(
        (name) =>
          `${name}: ${this.medianMs(name).toFixed(1)} ms, ${this.memoryMiB(name).toFixed(0)} MiB`,
      )
      .join("; ");
  }

  stop() {
    for (const [name, watch] of this.#watches) this.#statuses.set(name, watch.stop());
    this.#watches.clear();
  }

  #contender(name, argv) {
    const [node] = this.#nodes;
    const edit = `printf x >> ${node.sources[0]}; read -r _ < .done`;
    return {
      ...this.#timed(name, edit),
      prepare: () => {
        this.#lay(name);
        if (this.#watches.has(name)) return;
        const watch = new Watch(argv, this.#place(name), this.#env());
        this.#watches.set(name, watch);
        watch.waitUntilReady();
      },
    };
  }

  #timed(name, script) {
    const timed = `from=$EPOCHREALTIME; ${script}; echo $from $EPOCHREALTIME >> .times`;
    return {
      name,
      command: { argv: ["bash", "-c", timed], directory: this.#place(name), env: this.#env() },
    };
  }

  #lay(name) {
    const root = this.#place(name);
    if (existsSync(root)) return;
    writeWideGraph(root, this.#nodes);
    mkdirSync(dirname(join(root, this.#nodes[0].output)), { recursive: true });
  }

  #place(name) {
    return join(this.#context.directory, `watch-${this.count}`, name.replaceAll(" ", ""));
  }

  #env() {
    const { PATH = "" } = process.env;
    const cache = join(this.#context.directory, `watch-${this.count}`, "cache");
    return { PATH, HOME: this.#context.directory, KRAFT_GRAPH_CACHE_DIR: cache };
  }
}

/** A process that watches, and says so through the pipe `.done` after each build. */
class Watch {
  #root;
  #child;

  constructor(argv, root, env) {
    this.#root = root;
    rmSync(join(root, ".done"), { force: true });
    spawnSync("mkfifo", [join(root, ".done")]);
    // Of the engine, the event after each build; of the other, its only line.
    const relay = `while read -r line; do case $line in *'"watching"'*|done) echo > .done;; esac; done`;
    const script = `echo $$ > .pid; exec "$@" > >(${relay})`;
    this.#child = spawn("bash", ["-c", script, "watch", ...argv], {
      cwd: root,
      env,
      stdio: ["ignore", "ignore", "ignore"],
      detached: true,
    });
  }

  waitUntilReady() {
    spawnSync("bash", ["-c", "read -r _ < .done"], { cwd: this.#root });
  }

  /** Ends it; gives what the kernel says of its memory. */
  stop() {
    const processId = Number(readFileSync(join(this.#root, ".pid"), "utf8"));
    const status = readFileSync(`/proc/${processId}/status`, "utf8");
    process.kill(processId, "SIGINT");
    this.#child.unref();
    return status;
  }
}
