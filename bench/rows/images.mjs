// Rows over images: 500 MB to a registry on loopback, beside skopeo.

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows(context) {
  const yard = new ImageYard(join(context.directory, "images"));
  const pushed = (name, part) => {
    const skopeo = ["--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false"];
    const argvOf = {
      ours: (layout, to) => [process.execPath, context.engine, "pkg", "push", layout, to],
      skopeo: (layout, to) => ["skopeo", ...skopeo, `oci:${layout}:1`, `docker://${to}`],
    }[name];
    let to = "";
    return {
      name,
      prepare: async (run) => {
        await yard.open();
        to = `${yard.host}/${part}-${name}-${run}:1`;
        // The first version is there already, and one file of the second is another one.
        if (part === "again") spawnSync("skopeo", argvOfSkopeo(yard.layout, to));
      },
      command: {
        get argv() {
          return argvOf(part === "again" ? yard.changed : yard.layout, to);
        },
        directory: context.directory,
        env: { PATH: process.env.PATH ?? "", HOME: context.directory },
      },
    };
  };
  // From files to a registry that has none of it: a layer of 500 MB is made in each run.
  const packaged = (name) => {
    const cache = join(context.directory, "images-cache");
    const made = join(context.directory, "images-made");
    let to = "";
    return {
      name,
      prepare: async (run) => {
        await yard.open();
        to = `${yard.host}/packaged-${name}-${run}:1`;
        for (const path of [cache, made]) rmSync(path, { recursive: true, force: true });
      },
      command: {
        get argv() {
          const ours = ["--rootfs", yard.initrd, "--name", to, "--push"];
          return name === "ours"
            ? [process.execPath, context.engine, "pkg", yard.bare, ...ours]
            : ["sh", "-ec", packageByHand, "sh", made, yard.kernel, yard.initrd, to];
        },
        directory: context.directory,
        env: {
          PATH: process.env.PATH ?? "",
          HOME: context.directory,
          KRAFT_GRAPH_CACHE_DIR: cache,
        },
      },
    };
  };
  const hasPrograms = ["docker-registry", "skopeo"].every((name) => isThere(name));
  const peers = hasPrograms ? ["skopeo"] : [];
  if (!hasPrograms) return [];
  return [
    {
      name: "images/package-and-push",
      about: "an image with a root file system of 500 MB, from its files to a registry on loopback",
      runs: 5,
      contenders: ["ours", ...peers].map((name) => packaged(name)),
      bounds: [{ peer: "skopeo", atMost: 1.2 }, { peakMiB: 150 }],
    },
    {
      name: "images/push",
      about: "an image of 500 MB to a registry on loopback that has none of it",
      runs: 5,
      contenders: ["ours", ...peers].map((name) => pushed(name, "first")),
      bounds: [{ peer: "skopeo", atMost: 1.2 }, { peakMiB: 150 }],
    },
    {
      name: "images/push-again",
      about: "the same image with another kernel of 2 MB",
      runs: 5,
      contenders: ["ours", ...peers].map((name) => pushed(name, "again")),
      bounds: [{ row: "images/push", atMost: 0.3 }, { peakMiB: 150 }],
    },
  ];
}

function argvOfSkopeo(layout, to) {
  const flags = ["--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false"];
  return [...flags, `oci:${layout}:1`, `docker://${to}`];
}

/** What skopeo lacks for that, by the tools that every system has: layers by tar, and their digests. */
const packageByHand = `
  made=$1 kernel=$2 initrd=$3 to=$4
  blobs=$made/blobs/sha256 files=$made/files
  mkdir -p $blobs $files/unikraft/bin
  keep() { # FILE TYPE: its descriptor
    size=$(stat -c %s $1) hash=$(sha256sum < $1) hash=\${hash%% *}
    mv $1 $blobs/$hash
    printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s}' $2 $hash $size
  }
  layer() { # FILE PATH
    ln -s $1 $files/unikraft/bin/$2
    tar -chf $made/$2.tar -C $files unikraft/bin/$2
    keep $made/$2.tar layer.v1.tar
  }
  layers=$(layer $kernel kernel),$(layer $initrd initrd)
  digests=$(printf %s "$layers" | grep -o '"sha256:[0-9a-f]*"' | paste -sd,)
  printf '{"architecture":"x86_64","os":"qemu","config":{},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$digests" > $made/config
  config=$(keep $made/config config.v1+json)
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
    "$config" "$layers" > $made/manifest
  manifest=$(keep $made/manifest manifest.v1+json)
  printf '{"schemaVersion":2,"manifests":[%s,"annotations":{"org.opencontainers.image.ref.name":"1"}}]}' \
    "\${manifest%\\}}" > $made/index.json
  printf '{"imageLayoutVersion":"1.0.0"}' > $made/oci-layout
  exec skopeo --insecure-policy copy --preserve-digests --dest-tls-verify=false oci:$made:1 docker://$to
`;

function isThere(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** A registry, and two images that share all but their kernels; made when first needed. */
class ImageYard {
  host = "";
  layout = "";
  changed = "";
  /** With a small root file system, to be given another. */
  bare = "";
  kernel = "";
  initrd = "";
  #place;
  #server;

  constructor(place) {
    this.#place = place;
  }

  async open() {
    await this.#make();
    // A new one each time, as skopeo remembers by host which repository has a blob, and sends none.
    await this.#stop();
    this.host = await this.#serve();
  }

  /** Waits for its end, as it would write into the storage of the next. */
  async #stop() {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => void server.once("exit", resolve));
    server.ref();
    server.kill("SIGKILL");
    await ended;
  }

  async #make() {
    if (this.layout !== "") return;
    mkdirSync(this.#place, { recursive: true });
    const initrd = join(this.#place, "initrd");
    const small = join(this.#place, "initrd-small");
    writeFileSync(small, randomBytes(1000));
    rmSync(initrd, { force: true });
    for (let i = 0; i < 50; i++) writeFileSync(initrd, randomBytes(10_000_000), { flag: "a" });
    this.bare = await this.#image("bare", small);
    this.kernel = join(this.#place, "kernel-bare");
    this.initrd = initrd;
    this.layout = await this.#image("first", initrd);
    this.changed = await this.#image("second", initrd);
  }

  async #image(name, initrd) {
    const program = join(this.#place, "write-image.mjs");
    if (!existsSync(program)) {
      buildSync({
        entryPoints: [fileURLToPath(new URL("../../src/format/image.ts", import.meta.url))],
        outfile: program,
        bundle: true,
        platform: "node",
        format: "esm",
        logLevel: "warning",
      });
    }
    const { writeImage } = await import(pathToFileURL(program).href);
    const kernel = join(this.#place, `kernel-${name}`);
    writeFileSync(kernel, randomBytes(2_000_000));
    const shared = { architecture: "x86_64", platform: "qemu", args: [], env: [], labels: {} };
    const target = { ...shared, name: "qemu-x86_64", kernel, initrd };
    const layout = join(this.#place, name);
    const spec = { kind: "image", name: "app:1", targets: [target] };
    await writeImage(layout, spec, new AbortController().signal);
    return layout;
  }

  async #serve() {
    const rootdirectory = join(this.#place, "storage");
    rmSync(rootdirectory, { recursive: true, force: true });
    const config = join(this.#place, "registry.yml");
    const storage = { filesystem: { rootdirectory } };
    writeFileSync(
      config,
      JSON.stringify({ version: "0.1", storage, http: { addr: "127.0.0.1:0" } }),
    );
    // What it says goes to a file: a pipe that nobody reads while a push is timed would hold it up,
    // and one that is closed would end it.
    const log = join(this.#place, "registry.log");
    const descriptor = openSync(log, "w");
    const server = spawn("docker-registry", ["serve", config], {
      stdio: ["ignore", "ignore", descriptor],
      env: { PATH: process.env.PATH ?? "", OTEL_TRACES_EXPORTER: "none" },
    });
    closeSync(descriptor);
    if (this.#server === undefined) process.once("exit", () => this.#server.kill());
    this.#server = server;
    server.unref();
    for (;;) {
      const said = readFileSync(log, "utf8");
      // With what stands behind the port, as the line may have been written in part.
      const found = /listening on (127\.0\.0\.1:\d+)\D/.exec(said)?.[1];
      if (found !== undefined) return found;
      if (server.exitCode !== null) throw new Error(`docker-registry ended: ${said}`);
      await setTimeout(20);
    }
  }
}
