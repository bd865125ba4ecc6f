// An app that only names its core and libraries, and manifests of them on loopback. Knows no test.

import { createHash } from "node:crypto";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { gitBackend, repositoryAt } from "../fetch/git-rig.ts";
import { archiveOf, fileServer } from "./sources-rig.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** How the Kraftfile names what. */
export interface VersionsOptions {
  readonly core?: string;
  readonly crc?: string;
  readonly wordcount?: string;
  /** Of a workspace that was there before. */
  readonly cache?: string;
}

/** The app of `sum`; its core and one library are published with git, the other as an archive. */
export async function versionsRig(options: VersionsOptions = {}) {
  const { core = "0.16.3", crc = "stable", wordcount = '">=1.0"', cache } = options;
  const repositories = temporaryDirectory();
  const coreRepository = repositoryAt(join(repositories, "core.git"));
  cpSync(join(examples, "core"), coreRepository.directory, { recursive: true });
  const release = coreRepository.commit({}).slice(0, 7);
  const crcRepository = repositoryAt(join(repositories, "crc.git"));
  cpSync(join(examples, "libs/lib-crc"), crcRepository.directory, { recursive: true });
  crcRepository.commit({});
  crcRepository.git("branch", "stable");
  const git = await gitBackend(repositories);
  const archive = archiveOf("lib-wordcount");
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const texts = new Map<string, string>();
  const bytes = (path: string) => (): Buffer => Buffer.from(texts.get(path) ?? "");
  const manifests = ["index", "core", "crc", "wordcount"].map((name) => `/${name}.yaml`);
  const files = await fileServer({
    ...Object.fromEntries(manifests.map((path) => [path, bytes(path)])),
    "/wordcount-1.1.tar.gz": () => archive,
    "/wordcount-1.2.tar.gz": () => archive,
  });
  /** Makes manifests say these versions of the one library. */
  const publish = (...versions: readonly string[]): void => {
    const entries = versions.map(
      (version) => `
  - version: "${version}"
    unikraft: 0.16.3
    resource: wordcount-${version}.tar.gz
    sha256: ${sha256}`,
    );
    texts.set("/wordcount.yaml", `name: wordcount\ntype: lib\nversions:${entries.join("")}\n`);
  };
  texts.set(
    "/index.yaml",
    "name: test\nmanifests: [{manifest: core.yaml}, {name: crc, type: lib, manifest: crc.yaml}, {name: wordcount, type: lib, manifest: wordcount.yaml}]\n",
  );
  texts.set(
    "/core.yaml",
    `name: unikraft
type: core
origin: ${git.url}/core.git
channels: [{name: stable, default: true}]
versions: [{version: ${release}, type: gitsha, unikraft: 0.16.3}]
`,
  );
  texts.set(
    "/crc.yaml",
    `name: crc\ntype: lib\norigin: ${git.url}/crc.git\nchannels: [{name: stable, default: true}]\n`,
  );
  publish("0.9", "1.1");
  const here = rig({}, cache === undefined ? {} : { cache });
  cpSync(join(examples, "sum"), join(here.root, "sum"), { recursive: true });
  const kraftfile = here
    .read("sum/Kraftfile")
    .replace("source: ../core", `version: ${core}`)
    .replace("source: ../libs/lib-crc", `version: ${crc}`)
    .replace("source: ../libs/lib-wordcount", `version: ${wordcount}`);
  here.write({
    "kraft.workspace.yaml": `version: 1\nsources: {manifests: ["${files.url}/index.yaml"]}\n`,
    "sum/Kraftfile": kraftfile,
  });
  return {
    ...here,
    git,
    files,
    publish,
    core: coreRepository,
    crc: crcRepository,
    plain: (text: string): string =>
      text
        .replaceAll(git.url, "http://git")
        .replaceAll(files.url, "http://files")
        .replaceAll(/[0-9a-f]{64}/g, "SHA256")
        .replaceAll(/[0-9a-f]{40}/g, "COMMIT")
        .replaceAll(new RegExp(`"?${release}"?`, "g"), "RELEASE")
        .replaceAll(/size: \d+/g, "size: SIZE"),
    asked: () => git.requests.length + files.requests.length,
    lock: () => here.read("kraft.lock.yaml"),
    config: (...words: readonly string[]) =>
      here.run(["build", "//sum:qemu-x86_64.config", ...words]),
  };
}
