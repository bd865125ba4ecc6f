// Rows over results of a remote cache on the loopback, with nothing in the local one.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { BazelClient, hasBazel } from "../bazel-client.mjs";
import { cacheServerName, startCacheServer } from "../cache-server.mjs";
import { kraftFiles, layersOf, writeFile, writeSources } from "../layered-graph.mjs";
import { putAside } from "../put-aside.mjs";

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows(context) {
  const name = cacheServerName();
  if (name === undefined) return [];
  const graph = new Shared(context, "graph", writeGraph);
  const blobs = new Shared(context, "blobs", writeBlobs);
  const hits = (download) => ({
    name: `remote-10000/${download}`,
    about: `10000 actions, all of them hits at ${name}, with --download=${download}`,
    runs: 3,
    contenders: [graph.contender(download)],
    bounds: [
      ...(download === "minimal" ? [{ ...graph.rate(10_000), atLeast: 2000 }] : []),
      { peakMiB: 300 },
    ],
    note: () => `${graph.rate(10_000).measured().toFixed(0)} actions/s by its own clock`,
  });
  return [
    hits("minimal"),
    hits("all"),
    ...besideBazel(context, name),
    {
      name: "remote-blobs/1GB",
      about: `1 GB in 5000 blobs of one action, from ${name}; curl gets the same in parallel`,
      runs: 3,
      contenders: [blobs.contender("all"), blobs.curl()],
      bounds: [{ peer: "curl", atMost: 2 }, { peakMiB: 400 }],
    },
  ];
}

/** As many actions as `KRAFT_BENCH_BAZEL_ACTIONS` says: Bazel takes minutes to fill a cache. */
function besideBazel(context, server) {
  if (server !== "bazel-remote" || !hasBazel()) return [];
  const actions = Number(process.env.KRAFT_BENCH_BAZEL_ACTIONS ?? 1000);
  const shared = new Shared(context, "beside-bazel", (root) => writeGraph(root, actions));
  const row = {
    name: "remote-bazel/minimal",
    about: `${actions} actions, all of them hits at ${server}, beside Bazel on the same graph`,
    runs: 3,
    contenders: [shared.contender("minimal"), shared.bazel(actions)],
  };
  return [{ ...row, bounds: [{ peer: "bazel", atMost: 1 }, { peakMiB: 300 }] }];
}

/** A workspace of which every result is at a server. */
class Shared {
  #context;
  #place;
  #write;
  /** @type {Promise<import("../cache-server.mjs").CacheServer> | undefined} */
  #filled;
  #address = "";

  constructor(context, name, write) {
    this.#context = context;
    this.#place = join(context.directory, `remote-${name}`);
    this.#write = write;
  }

  /** @returns {import("../measure.mjs").Contender} */
  contender(download) {
    const shared = this;
    return {
      name: "ours",
      prepare: async () => {
        await this.#fill();
        this.#empty();
      },
      command: {
        get argv() {
          return [...shared.#argv(), `--download=${download}`, `--events=${shared.#events}`];
        },
        directory: join(this.#place, "work"),
        env: this.#env(),
      },
    };
  }

  /** @returns {import("../measure.mjs").Contender} */
  curl() {
    const output = join(this.#place, "curl");
    const parallel = ["--parallel", "--parallel-max", "50"];
    return {
      name: "curl",
      prepare: async () => {
        await this.#fill();
        this.#putAside("curl");
        mkdirSync(output);
      },
      command: {
        argv: ["curl", "-sSf", ...parallel, "--config", join(this.#place, "urls")],
        directory: this.#place,
        env: { PATH: process.env.PATH ?? "" },
      },
    };
  }

  /** @returns {import("../measure.mjs").Contender} */
  bazel(actions) {
    const shared = this;
    const client = new BazelClient(join(this.#place, "bazel"), graphOf(actions));
    return {
      name: "bazel",
      prepare: async () => {
        await this.#fill();
        client.prepare(shared.#address);
      },
      command: {
        get argv() {
          return client.argv(shared.#address);
        },
        directory: client.directory,
        env: client.env(),
      },
    };
  }

  /** How many actions a second the last run did, from its first word to its last. */
  rate(actions) {
    const measured = () => {
      const lines = readFileSync(this.#events, "utf8").trim().split("\n");
      return actions / (JSON.parse(lines.at(-1)).wallMs / 1000);
    };
    return { what: "actions/s", measured };
  }

  get #events() {
    return join(this.#place, "events");
  }

  #argv() {
    const words = ["build", "//...", "--sandbox=none", `--jobs=${this.#context.jobs}`];
    return [process.execPath, this.#context.engine, ...words, `--remote-cache=${this.#address}`];
  }

  #env() {
    const { PATH = "" } = process.env;
    return { PATH, HOME: this.#place, KRAFT_GRAPH_CACHE_DIR: join(this.#place, "cache") };
  }

  #fill() {
    this.#filled ??= this.#fillOnce();
    return this.#filled;
  }

  async #fillOnce() {
    const root = join(this.#place, "work");
    mkdirSync(root, { recursive: true });
    this.#write(root);
    const server = await startCacheServer(join(this.#place, "server"));
    this.#address = server.address;
    const [program, ...words] = [...this.#argv(), "--remote-upload=always"];
    execFileSync(program, words, { cwd: root, env: this.#env(), stdio: "ignore" });
    writeFileSync(join(this.#place, "urls"), urlsOf(root, server, join(this.#place, "curl")));
    return server;
  }

  #empty() {
    for (const path of ["work/.kraft", "cache"]) this.#putAside(path);
  }

  #putAside(path) {
    putAside(join(this.#place, path), join(this.#place, "aside"));
  }
}

function graphOf(actions) {
  return layersOf(actions, 500).flat();
}

function writeGraph(root, actions = 10_000) {
  const nodes = graphOf(actions);
  writeSources(root, nodes);
  for (const [path, text] of kraftFiles(nodes)) writeFile(root, path, text);
}

/** 5000 files of 200,000 bytes that are all different, and that nobody can compress. */
function writeBlobs(root) {
  const make =
    "mkdir -p $OUT; openssl enc -aes-128-ctr -nosalt -pass pass:x -in /dev/zero 2>/dev/null" +
    " | head -c 1000000000 | split -a 4 -b 200000 - $OUT/blob-";
  const lines = ["version: 1", "targets:", "  - name: blobs", "    rule: exec", "    srcs: []"];
  const rest = ["    outs: [all]", `    command: ${JSON.stringify(make)}`, ""];
  writeFile(root, "kraft.workspace.yaml", "version: 1\nname: bench\n");
  writeFile(root, "blobs/kraft.build.yaml", [...lines, ...rest].join("\n"));
}

/** What curl is to get: every blob of the outputs, each into a file of its own. */
function urlsOf(root, { http }, output) {
  const outputs = join(root, ".kraft/out/blobs/blobs/all");
  const names = listed(outputs);
  const urls = names.map((name) => {
    const hash = createHash("sha256")
      .update(readFileSync(join(outputs, name)))
      .digest("hex");
    return `url = "${http}/cas/${hash}"\noutput = "${join(output, name)}"\n`;
  });
  return urls.join("");
}

function listed(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
