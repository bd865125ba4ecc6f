// Rows over sources: an archive of a server on loopback, beside curl and tar.

import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows(context) {
  const archive = new ServedArchive(join(context.directory, "fetch"));
  return [wholeArchive(context, archive), secondPackage(context, archive)];
}

/** @returns {import("../measure.mjs").Row} */
function wholeArchive({ directory, engine }, archive) {
  const place = join(directory, "fetch");
  const workspace = join(place, "workspace");
  const cache = join(place, "cache");
  const unpacked = join(place, "curl");
  const env = { PATH: process.env.PATH ?? "", KRAFT_GRAPH_CACHE_DIR: cache };
  const prepare = async () => {
    await archive.open();
    // Both, as what the one left would slow down the other.
    for (const one of [workspace, cache, unpacked]) rmSync(one, { recursive: true, force: true });
    writeKraftfile(workspace, archive);
    mkdirSync(unpacked);
  };
  const curl = 'curl -sSf "$0" | tar -xz -C "$1"';
  return {
    name: "fetch/archive",
    about: "100 MB of tar.gz with 20000 files: downloaded, verified, unpacked and stored by digest",
    runs: 7,
    contenders: [
      {
        name: "ours",
        prepare,
        command: {
          argv: [process.execPath, engine, "pkg", "pull", "big"],
          directory: workspace,
          env,
        },
      },
      {
        name: "curl",
        prepare,
        command: {
          // Known when it is served.
          get argv() {
            return ["sh", "-c", curl, archive.url, unpacked];
          },
          directory: workspace,
          env,
        },
      },
    ],
    bounds: [{ peer: "curl", atMost: 1.3 }, { peakMiB: 250 }],
    // That of the last run, which was curl's; so ours is run once more.
    check: () => {
      execFileSync("diff", ["-r", archive.tree, join(unpacked, "tree")]);
      execFileSync(process.execPath, [engine, "pkg", "pull", "big"], {
        cwd: workspace,
        env,
        stdio: "ignore",
      });
      checkStored(cache, archive.tree);
    },
  };
}

/** Throws when `cache` lacks a file of `tree`. */
function checkStored(cache, tree) {
  const stored = new Set(
    readdirSync(join(cache, "cas"), { recursive: true }).map((path) => path.replace(/^.*\//, "")),
  );
  for (const path of readdirSync(tree, { recursive: true }).filter((name) => name.endsWith(".c"))) {
    const sha256 = createHash("sha256")
      .update(readFileSync(join(tree, path)))
      .digest("hex");
    if (!stored.has(sha256)) throw new Error(`${path} was not stored`);
  }
}

/** A package with the archive as a library, locked. */
function writeKraftfile(workspace, { url, sha256, sizeBytes }) {
  for (const name of ["app", "core"]) mkdirSync(join(workspace, name), { recursive: true });
  const write = (name, lines) => writeFileSync(join(workspace, name), [...lines, ""].join("\n"));
  write("kraft.workspace.yaml", ["version: 1"]);
  write("kraft.lock.yaml", [
    "version: 1",
    "sources:",
    `  - archive: ${url}`,
    `    sha256: "${sha256}"`,
    `    size: ${sizeBytes}`,
  ]);
  write("app/Kraftfile", [
    "spec: v0.6",
    "name: app",
    "unikraft: {source: ../core}",
    `libraries: {big: {source: "${url}"}}`,
    "targets: [qemu/x86_64]",
  ]);
}

/** @returns {import("../measure.mjs").Row} */
function secondPackage({ directory, engine }, archive) {
  const workspace = join(directory, "packages");
  const env = {
    PATH: process.env.PATH ?? "",
    KRAFT_GRAPH_CACHE_DIR: join(directory, "packages-cache"),
  };
  const build = (name) => [process.execPath, engine, "build", `//${name}:use`];
  // Another package each time: one that was built before would not show what it takes.
  const contender = (name, sources) => {
    let current = "";
    return {
      name,
      prepare: async (run) => {
        if (!existsSync(workspace)) {
          await archive.open();
          writePackage(workspace, "first", [archive]);
          const [program, ...args] = build("first");
          execFileSync(program, args, { cwd: workspace, env, stdio: "ignore" });
        }
        current = `${name}-${run}`;
        writePackage(workspace, current, sources);
      },
      command: {
        get argv() {
          return build(current);
        },
        directory: workspace,
        env,
      },
    };
  };
  return {
    name: "fetch/second-package",
    about: "a package that builds with the same archive, beside one that takes none",
    runs: 9,
    contenders: [contender("ours", [archive]), contender("none", [])],
    bounds: [{ peer: "none", atMost: 1.1 }],
    check: () => {
      const used = join(workspace, ".kraft/out/ours-0/use/used");
      if (existsSync(used) && readFileSync(used, "utf8") !== "ours-0\n") throw new Error(used);
    },
  };
}

/** A package with an action that sees all of `sources`, and leaves its name. */
function writePackage(workspace, name, sources) {
  mkdirSync(join(workspace, name), { recursive: true });
  writeFileSync(join(workspace, "kraft.workspace.yaml"), "version: 1\n");
  writeFileSync(
    join(workspace, name, "kraft.build.yaml"),
    `version: 1
targets:
  - name: use
    rule: exec
    srcs: [actions.in.json]
    outs: [actions.json]
    yields: actions.json
    yielded: [used]
    command: cp "$SRCS" "$OUT"
`,
  );
  const out = `.kraft/out/${name}/use`;
  const fetches = sources.map(({ url, sha256, sizeBytes }) => ({
    kind: "fetch",
    mnemonic: "Fetch",
    source: { kind: "archive", urls: [url], sha256, sizeBytes },
    inputs: [],
    outputs: [`${out}/library`],
    // So that it is one action for all packages, as it is for components.
    mounts: { [`${out}/library`]: "source" },
    resources: { network: 1 },
  }));
  const inputs = fetches.flatMap(({ outputs }) => outputs);
  const looks = inputs.map((path) => `test -f ${path}/library-399/49.c && `);
  const use = {
    kind: "command",
    mnemonic: "Use",
    argv: ["sh", "-ec", `${looks.join("")}echo ${name} > ${out}/used`],
    env: {},
    inputs,
    outputs: [`${out}/used`],
    tools: ["sh"],
  };
  const list = JSON.stringify({ version: 1, actions: [...fetches, use] });
  writeFileSync(join(workspace, name, "actions.in.json"), list);
}

/** An archive with a server for it, both made when first needed. */
class ServedArchive {
  url = "";
  sha256 = "";
  sizeBytes = 0;
  #place;

  constructor(place) {
    this.#place = place;
  }

  async open() {
    if (this.url !== "") return;
    const path = join(this.#place, "archive.tar.gz");
    this.#make(path);
    const bytes = readFileSync(path);
    this.sha256 = createHash("sha256").update(bytes).digest("hex");
    this.sizeBytes = bytes.byteLength;
    const script = fileURLToPath(new URL("../file-server.mjs", import.meta.url));
    const server = spawn(process.execPath, [script, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.once("exit", () => server.kill());
    server.unref();
    for await (const text of server.stdout
      .setEncoding("utf8")
      .iterator({ destroyOnReturn: false })) {
      this.url = `${text.trim()}/archive.tar.gz`;
      break;
    }
    server.stdout.unref?.();
  }

  /** What was packed. */
  get tree() {
    return join(this.#place, "tree");
  }

  /** Random bytes, as the archive is to be as large as what is in it. */
  #make(path) {
    for (let i = 0; i < 400; i++) {
      const directory = join(this.#place, "tree", `library-${i}`);
      mkdirSync(directory, { recursive: true });
      for (let j = 0; j < 50; j++) writeFileSync(join(directory, `${j}.c`), randomBytes(5_200));
    }
    execFileSync("tar", ["-czf", path, "-C", this.#place, "tree"]);
  }
}
