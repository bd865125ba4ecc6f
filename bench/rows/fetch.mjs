// A row over sources: an archive of a server on loopback, beside curl and tar.

import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows(context) {
  const place = join(context.directory, "fetch");
  const archive = new ServedArchive(place);
  const contender = (name, argvOf) => ({
    name,
    prepare: async () => {
      await archive.open();
      // Both, as what the one left would slow down the other.
      for (const one of ["ours", "curl"])
        rmSync(join(place, one), { recursive: true, force: true });
      rmSync(join(place, "ours.tar.gz"), { force: true });
      if (name !== "ours") mkdirSync(join(place, name));
    },
    command: {
      // Known when it is served.
      get argv() {
        return argvOf(archive);
      },
      directory: context.directory,
      env: { PATH: process.env.PATH ?? "" },
    },
  });
  return [
    {
      name: "fetch/archive",
      about: "100 MB of tar.gz with 20000 files: downloaded, verified and unpacked",
      runs: 7,
      contenders: [
        contender("ours", ({ url, sha256, program }) => [
          process.execPath,
          program,
          url,
          sha256,
          join(place, "ours"),
        ]),
        contender("curl", ({ url }) => [
          "sh",
          "-c",
          'curl -sSf "$0" | tar -xz -C "$1"',
          url,
          join(place, "curl"),
        ]),
      ],
      bounds: [{ peer: "curl", atMost: 1.3 }, { peakMiB: 250 }],
      check: () => archive.check(join(place, "curl")),
    },
    secondPackage(context, archive),
  ];
}

/** @returns {import("../measure.mjs").Row} */
function secondPackage({ directory, engine }, archive) {
  const workspace = join(directory, "two-packages");
  const env = {
    PATH: process.env.PATH ?? "",
    KRAFT_GRAPH_CACHE_DIR: join(directory, "two-packages-cache"),
  };
  const pull = (name) => [process.execPath, engine, "pkg", "pull", `//${name}`];
  const contender = (name, target) => ({
    name,
    prepare: async (run) => {
      if (run > 0 || existsSync(workspace)) return;
      await archive.open();
      writePackages(workspace, archive);
      const [program, ...args] = pull("first");
      execFileSync(program, args, { cwd: workspace, env, stdio: "ignore" });
    },
    command: { argv: pull(target), directory: workspace, env },
  });
  return {
    name: "fetch/second-package",
    about: "a package that names the same archive, beside one that names none",
    runs: 9,
    contenders: [contender("ours", "second"), contender("none", "none")],
    bounds: [{ peer: "none", atMost: 1.1 }],
  };
}

function writePackages(workspace, { url }) {
  const write = (name, lines) => {
    mkdirSync(join(workspace, name), { recursive: true });
    const file = join(workspace, name, "Kraftfile");
    writeFileSync(file, ["spec: v0.6", `name: ${name}`, ...lines, ""].join("\n"));
  };
  const core = ["unikraft: {source: ../core}", "targets: [qemu/x86_64]"];
  const library = `libraries: {big: {source: "${url}"}}`;
  for (const name of ["first", "second"]) write(name, [...core, library]);
  write("none", core);
  mkdirSync(join(workspace, "core"));
  writeFileSync(join(workspace, "kraft.workspace.yaml"), "version: 1\n");
}

/** An archive with a server for it, both made when first needed. */
class ServedArchive {
  url = "";
  sha256 = "";
  program = "";
  #place;

  constructor(place) {
    this.#place = place;
  }

  async open() {
    if (this.url !== "") return;
    const path = join(this.#place, "archive.tar.gz");
    this.#make(path);
    this.sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
    this.program = join(this.#place, "fetch-program.mjs");
    bundle("../fetch-program.mjs", this.program);
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

  /** Throws when what the last contender left is not what was packed. */
  check(unpacked) {
    if (existsSync(unpacked)) {
      execFileSync("diff", ["-r", join(this.#place, "tree"), join(unpacked, "tree")]);
    }
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

function bundle(name, outfile) {
  buildSync({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: "warning",
  });
}
