// Rows over Dockerfiles: one that only copies, beside buildah, and one that is up to date.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows(context) {
  const yard = new CopyYard(join(context.directory, "dockerfile"));
  const env = { PATH: process.env.PATH ?? "", HOME: yard.home, XDG_CACHE_HOME: yard.cache };
  const build = (label) => ({
    argv: [process.execPath, context.engine, "build", label],
    directory: yard.workspace,
    env,
  });
  const first = {
    name: "ours",
    prepare: () => yard.forget(),
    command: build("//app:rootfs-x86_64"),
  };
  const again = (name, label) => ({
    name,
    // A build of the same request before it leaves what says that nothing changed.
    prepare: () => {
      yard.make();
      spawnSync(process.execPath, build(label).argv.slice(1), { cwd: yard.workspace, env });
    },
    command: build(label),
  });
  const buildah = {
    name: "buildah",
    prepare: () => yard.forget(),
    command: { argv: ["buildah", ...yard.argvOfBuildah()], directory: yard.workspace, env },
  };
  const bounds = [
    { peer: "buildah", atMost: 0.5 },
    { peer: "buildah", atMost: 0.5, of: "processor time" },
    { peakMiB: 150 },
  ];
  return [
    {
      name: "dockerfile/copy",
      about: "a Dockerfile of two stages that copies 4,000 files and 90 MB, with nothing cached",
      runs: 5,
      contenders: hasBuildah() ? [first, buildah] : [first],
      bounds: hasBuildah() ? bounds : bounds.slice(2),
    },
    {
      name: "dockerfile/no-op",
      about: "the same, up to date, beside a target of one source file",
      runs: 9,
      contenders: [again("ours", "//app:rootfs-x86_64"), again("engine", "//app:one")],
      bounds: [
        { peer: "engine", atMostMsOver: 50 },
        { peer: "engine", atMostMsOver: 50, of: "processor time" },
      ],
    },
  ];
}

/** Buildah as root alone keeps layers in overlays, as it does for its users. */
function hasBuildah() {
  const found = spawnSync("sh", ["-c", "command -v buildah"]).status === 0;
  return found && process.getuid?.() === 0;
}

const dockerfile = `FROM scratch AS build
COPY bin /out/bin/
COPY tree /out/usr/lib/app/
FROM scratch
COPY --from=build /out/bin/ /bin/
COPY --from=build /out/usr/lib/app /usr/lib/app
WORKDIR /usr/lib/app
COPY Dockerfile /etc/built-from
ENTRYPOINT ["/bin/program-0"]
`;

/** A workspace with a package that is built from a Dockerfile; made when first needed. */
class CopyYard {
  workspace;
  home;
  cache;
  #place;
  #isMade = false;

  constructor(place) {
    this.#place = place;
    this.workspace = join(place, "workspace");
    this.home = join(place, "home");
    this.cache = join(place, "cache");
  }

  argvOfBuildah() {
    const storage = join(this.#place, "storage");
    const places = ["--root", join(storage, "root"), "--runroot", join(storage, "run")];
    const output = `type=tar,dest=${join(this.#place, "out.tar")}`;
    const build = ["build", "--isolation", "chroot", "--layers=false", "--output", output];
    return [...places, "--storage-driver", "overlay", ...build, join(this.workspace, "app")];
  }

  /** Takes away all that anybody built. */
  forget() {
    this.make();
    for (const path of [join(this.workspace, ".kraft"), this.cache, join(this.#place, "storage")]) {
      rmSync(path, { recursive: true, force: true });
    }
  }

  make() {
    if (this.#isMade) return;
    this.#isMade = true;
    mkdirSync(this.home, { recursive: true });
    const rule = "{name: one, rule: filegroup, srcs: [Dockerfile]}";
    this.#write("../kraft.workspace.yaml", "version: 1\n");
    this.#write(
      "Kraftfile",
      "spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ./Dockerfile\n",
    );
    this.#write("kraft.build.yaml", `targets:\n  - ${rule}\n`);
    this.#write("kernel", "kernel");
    this.#write("Dockerfile", dockerfile);
    for (let i = 0; i < 4; i++) this.#write(`bin/program-${i}`, Buffer.alloc(8_000_000, `${i}.`));
    for (let i = 0; i < 4000; i++) {
      const name = `tree/package-${Math.floor(i / 40)}/src/file-${i % 40}.js`;
      const sizeBytes = 500 + ((1400 * (i % 40)) % 30_000);
      this.#write(name, Buffer.alloc(sizeBytes, `line ${i} of some source\n`));
    }
  }

  #write(name, content) {
    const path = join(this.workspace, "app", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
