// What Dockerfiles take from elsewhere: files of servers, commits, archives, images of registries.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { gitBackend, repositoryAt } from "../fetch/git-rig.ts";
import { skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { rig, temporaryDirectory } from "./rig.ts";
import { fileServer } from "./sources-rig.ts";

const kraftfile = "spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ./Dockerfile\n";
const archive = ".kraft/out/app/rootfs-x86_64/initramfs-x86_64.cpio";

function dockerfileRig(dockerfile: string) {
  return rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": kraftfile,
    "app/kernel": "kernel",
    "app/Dockerfile": dockerfile,
  });
}

/** Mode, owner, size and name of each file in the archive of the workspace `root`. */
function filesIn(root: string): string[] {
  const line = 'cpio -tvn --quiet < "$1"';
  const text = execFileSync("sh", ["-c", line, "sh", join(root, archive)], { encoding: "utf8" });
  return text
    .trimEnd()
    .split("\n")
    .filter((one) => !one.startsWith("d"))
    .map((one) => one.split(/\s+/))
    .map(([mode, , uid, gid, size, , , , name]) => `${mode} ${uid}:${gid} ${size} ${name}`);
}

function sha256Of(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

test("ADD takes files by their checksums, and commits, and both are locked", async () => {
  const repositories = temporaryDirectory();
  const repository = repositoryAt(join(repositories, "repo.git"));
  repository.commit({ "readme.txt": "read me", "sub/inner.txt": "inner" });
  repository.git("tag", "v1");
  const git = await gitBackend(repositories);
  const files = await fileServer({
    "/data.tar.gz": () => Buffer.from("no archive is unpacked that comes from elsewhere"),
    "/tool": () => Buffer.from("tool"),
  });
  const checksum = sha256Of("no archive is unpacked that comes from elsewhere");
  const here = dockerfileRig(`FROM scratch
ADD --checksum=sha256:${checksum} ${files.url}/data.tar.gz /url/
ADD --chmod=755 ${files.url}/tool /bin/tool
ADD ${git.url}/repo.git#v1 /repo
ADD --keep-git-dir=true ${git.url}/repo.git#v1:sub /sub
`);
  const built = await here.build("//app:rootfs-x86_64");
  expect(built.code, built.text).toBe(0);
  expect(built.text).toContain("--keep-git-dir is without effect: what is added has no .git");
  const expected = [
    "-rwxr-xr-x 0:0 4 ./bin/tool",
    "-rw-r--r-- 0:0 7 ./repo/readme.txt",
    "-rw-r--r-- 0:0 5 ./repo/sub/inner.txt",
    "-rw-r--r-- 0:0 5 ./sub/inner.txt",
    "-rw------- 0:0 48 ./url/data.tar.gz",
  ];
  expect(filesIn(here.root)).toEqual(expected);
  const lock = here.read("kraft.lock.yaml");
  expect(lock).toContain(sha256Of("tool"));
  expect(lock).toContain(repository.git("rev-parse", "v1").trim());

  const asked = git.requests.length + files.requests.length;
  rmSync(here.path(".kraft"), { recursive: true });
  const again = await here.build("//app:rootfs-x86_64", "--locked", "--offline");
  expect(again.code, again.text).toBe(0);
  expect(filesIn(here.root)).toEqual(expected);
  expect(git.requests.length + files.requests.length).toBe(asked);

  here.write({
    "app/Dockerfile": `FROM scratch\nADD --checksum=sha256:${sha256Of("other")} ${files.url}/tool /\n`,
  });
  const refused = await here.build("//app:rootfs-x86_64");
  expect(refused.code).toBe(1);
  expect(refused.text).toContain(sha256Of("other"));
});

test("archives of the context are unpacked by their content, whatever they are called", async () => {
  const here = dockerfileRig(`FROM scratch
ADD archives /kept/
ADD archives/* /
ADD --unpack=false archives/gz /whole
COPY archives/gz /copied
`);
  const base = temporaryDirectory();
  for (const kind of ["plain", "gz", "bz2", "xz", "zst"]) {
    writeFileSync(join(base, `in-${kind}`), kind);
    const flags = kind === "plain" ? [] : ["--auto-compress"];
    const made = join(base, `archive.tar${kind === "plain" ? "" : `.${kind}`}`);
    execFileSync("tar", [...flags, "-cf", made, "-C", base, `in-${kind}`]);
    here.write({ [`app/archives/${kind}`]: "" });
    writeFileSync(here.path(`app/archives/${kind}`), readFileSync(made));
  }
  here.write({ "app/archives/text.tar.gz": "no archive" });
  const built = await here.build("//app:rootfs-x86_64");
  expect(built.code, built.text).toBe(0);
  const names = filesIn(here.root).map((line) => line.split(" ").at(-1));
  const all = ["bz2", "gz", "plain", "text.tar.gz", "xz", "zst"];
  expect(names).toEqual([
    "./copied",
    ...["bz2", "gz", "plain", "xz", "zst"].map((kind) => `./in-${kind}`),
    ...all.map((name) => `./kept/${name}`),
    "./text.tar.gz",
    "./whole",
  ]);
});

/** An OCI layout in a fresh directory, of an image for each architecture with `files(architecture)`. */
function layoutOf(
  files: (architecture: string) => Readonly<Record<string, string>>,
  config: Readonly<Record<string, unknown>> = {},
): string {
  const layout = join(temporaryDirectory(), "layout");
  mkdirSync(join(layout, "blobs/sha256"), { recursive: true });
  const blob = (mediaType: string, content: Buffer | string) => {
    const digest = sha256Of(content);
    writeFileSync(join(layout, "blobs/sha256", digest), content);
    return { mediaType, digest: `sha256:${digest}`, size: content.length };
  };
  const manifestType = "application/vnd.oci.image.manifest.v1+json";
  const manifests = ["amd64", "arm64"].map((architecture) => {
    const directory = temporaryDirectory();
    for (const [name, text] of Object.entries(files(architecture))) {
      writeFileSync(join(directory, name), text);
    }
    const flags = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0"];
    const tar = execFileSync("tar", [...flags, "-c", "-C", directory, "."]);
    const layer = blob("application/vnd.oci.image.layer.v1.tar", tar);
    const rootfs = { type: "layers", diff_ids: [layer.digest] };
    const image = JSON.stringify({ architecture, os: "linux", rootfs, config });
    const own = blob("application/vnd.oci.image.config.v1+json", image);
    const manifest = { schemaVersion: 2, mediaType: manifestType, config: own, layers: [layer] };
    const platform = { os: "linux", architecture };
    return { ...blob(manifestType, JSON.stringify(manifest)), platform };
  });
  const indexType = "application/vnd.oci.image.index.v1+json";
  const inner = { schemaVersion: 2, mediaType: indexType, manifests };
  const index = blob(indexType, JSON.stringify(inner));
  const annotations = { "org.opencontainers.image.ref.name": "1" };
  const outer = { schemaVersion: 2, manifests: [{ ...index, annotations }] };
  writeFileSync(join(layout, "index.json"), JSON.stringify(outer));
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  return layout;
}

test("images of a registry are pinned, for each platform, and bring what they ask of who builds on them", async () => {
  const { host } = await startRegistry();
  const push = (layout: string): void => {
    skopeoCopy(`oci:${layout}:1`, `docker://${host}/team/base:1`, "--dest-tls-verify=false");
  };
  const config = { Env: ["FROM_BASE=yes"], WorkingDir: "/w", OnBuild: ["COPY own.txt triggered"] };
  push(layoutOf((architecture) => ({ arch: architecture }), config));
  const dockerfile = `FROM --platform=linux/arm64 ${host}/team/base:1 AS other
FROM ${host}/team/base:1
COPY --from=other /arch /other-arch
COPY <<EOF /note
\${FROM_BASE}
EOF
`;
  const here = dockerfileRig(dockerfile);
  here.write({ "app/own.txt": "own" });
  const unlocked = await here.build("//app:rootfs-x86_64", "--locked");
  expect(unlocked.code).toBe(1);
  expect(unlocked.text).toContain(`${host}/team/base:1`);

  const built = await here.build("//app:rootfs-x86_64");
  expect(built.code, built.text).toBe(0);
  const shown = async (path: string): Promise<string> =>
    (await here.run(["rootfs", "cat", "//app:rootfs-x86_64", path, "--locked"])).stdout;
  expect(filesIn(here.root)).toEqual([
    "-rw-r--r-- 0:0 5 ./arch",
    "-rw-r--r-- 0:0 4 ./note",
    "-rw-r--r-- 0:0 5 ./other-arch",
    "-rw-r--r-- 0:0 3 ./w/triggered",
  ]);
  expect(await shown("arch")).toBe("amd64");
  expect(await shown("other-arch")).toBe("arm64");
  expect(await shown("note")).toBe("yes\n");
  expect(here.read("kraft.lock.yaml")).toMatch(/sha256:[0-9a-f]{64}/);

  // The tag moves; the lock file does not, with what the cache has nor without it.
  push(layoutOf((architecture) => ({ arch: `${architecture}, and later` }), config));
  const before = readFileSync(join(here.root, archive));
  for (const path of [here.path(".kraft"), here.cache]) rmSync(path, { recursive: true });
  const again = await here.build("//app:rootfs-x86_64", "--locked");
  expect(again.code, again.text).toBe(0);
  expect(readFileSync(join(here.root, archive)).equals(before)).toBe(true);
  rmSync(here.path(".kraft"), { recursive: true });
  const offline = await here.build("//app:rootfs-x86_64", "--offline");
  expect(offline.code, offline.text).toBe(0);
  expect(readFileSync(join(here.root, archive)).equals(before)).toBe(true);
});

test("an image of a registry is a root file system itself, pinned, with what it says of its start", async () => {
  const { host } = await startRegistry();
  const config = { Env: ["MODE=image"], Entrypoint: ["/arch"], Cmd: ["a b"] };
  const push = (text: string): string => {
    const layout = layoutOf((architecture) => ({ arch: `${text} ${architecture}` }), config);
    skopeoCopy(`oci:${layout}:1`, `docker://${host}/team/base:1`, "--dest-tls-verify=false");
    return layout;
  };
  const layout = push("first");
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": `spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ${host}/team/base:1\n`,
    "app/kernel": "kernel",
    "local/Kraftfile": "spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ./image\n",
    "local/kernel": "kernel",
    "long/kernel": "kernel",
    "long/Kraftfile": `spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: {source: "docker://${host}/team/base:1", type: oci}\ntargets: [qemu/arm64]\n`,
  });
  cpSync(layout, here.path("local/image"), { recursive: true });
  const built = await here.run([
    "build",
    "//app:qemu-x86_64",
    "//local:qemu-x86_64",
    "//long:rootfs-arm64",
  ]);
  expect(built.code, built.text).toBe(0);
  expect(filesIn(here.root)).toEqual(["-rw-r--r-- 0:0 11 ./arch"]);
  const shown = async (target: string): Promise<string> =>
    (await here.run(["rootfs", "cat", target, "arch", "--locked"])).stdout;
  expect(await shown("//app:rootfs-x86_64")).toBe("first amd64");
  expect(await shown("//long:rootfs-arm64")).toBe("first arm64");
  expect(await shown("//local:rootfs-x86_64")).toBe("first amd64");
  for (const name of ["app", "local"]) {
    const said = JSON.parse(here.read(`.kraft/out/${name}/rootfs-x86_64/image.json`)) as object;
    expect(said).toMatchObject({ entrypoint: ["/arch"], cmd: ["a b"], env: ["MODE=image"] });
  }
  // The tag moves; what was built does not, until it is asked for again.
  push("second");
  rmSync(here.path(".kraft"), { recursive: true });
  expect(await shown("//app:rootfs-x86_64")).toBe("first amd64");
  const updated = await here.run(["lock", "--update", "--allow-moved"]);
  expect(updated.code, updated.text).toBe(0);
  expect(await shown("//app:rootfs-x86_64")).toBe("second amd64");
});
