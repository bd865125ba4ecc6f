// An app whose core and libraries come from servers on loopback. Knows no test.

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

import { gitBackend, repositoryAt } from "../fetch/git-rig.ts";
import { rig, type RunOptions, temporaryDirectory } from "./rig.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** A server of files, and how often each was asked for. */
export async function fileServer(files: Readonly<Record<string, () => Buffer>>) {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const file = files[request.url ?? ""];
    if (file === undefined) response.writeHead(404).end();
    else response.end(file());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests };
}

/** The directory `name` of the examples as an archive with one directory at the top. */
export function archiveOf(name: string): Buffer {
  const place = temporaryDirectory();
  const source = join(examples, "libs");
  const file = join(place, "archive.tar.gz");
  const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0"];
  execFileSync("tar", ["-C", source, ...fixed, "-czf", file, name]);
  return readFileSync(file);
}

/** How the app's sources are served. */
export interface SourcesOptions {
  /** Of the core; absent: the tag `v1`. */
  readonly reference?: string;
  readonly credentials?: string;
  readonly cache?: string;
  /** Which of the examples there are; absent: `sum` alone. */
  readonly apps?: readonly string[];
}

/** The app of `sum`, or others, with its core and a library from git, and another from an archive. */
export async function sourcesRig(options: SourcesOptions = {}) {
  const { reference = "v1", credentials, cache, apps = ["sum"] } = options;
  const repositories = temporaryDirectory();
  const core = repositoryAt(join(repositories, "core.git"));
  cpSync(join(examples, "core"), core.directory, { recursive: true });
  const first = core.commit({});
  core.git("tag", "-a", "v1", "-m", "first");
  const crc = repositoryAt(join(repositories, "lib-crc.git"));
  cpSync(join(examples, "libs/lib-crc"), crc.directory, { recursive: true });
  crc.commit({});
  const git = await gitBackend(repositories, credentials === undefined ? {} : { credentials });
  let archive = archiveOf("lib-wordcount");
  const files = await fileServer({ "/wordcount-1.0.tar.gz": () => archive });
  const here = rig({}, cache === undefined ? {} : { cache });
  here.write({ "kraft.workspace.yaml": "version: 1\n" });
  for (const app of apps) {
    cpSync(join(examples, app), join(here.root, app), { recursive: true, verbatimSymlinks: true });
    const kraftfile = here
      .read(`${app}/Kraftfile`)
      .replace("source: ../core", `source: ${git.url}/core.git\n  version: ${reference}`)
      .replace("source: ../libs/lib-crc", `source: ${git.url}/lib-crc.git`)
      .replace("source: ../libs/lib-wordcount", `source: ${files.url}/wordcount-1.0.tar.gz`);
    here.write({ [`${app}/Kraftfile`]: kraftfile });
  }
  const own = [git.url, files.url];
  return {
    ...here,
    core,
    crc,
    git,
    files,
    first,
    /** `text` without what differs from run to run. */
    plain: (text: string): string =>
      own
        .reduce((known, url, i) => known.replaceAll(url, `http://${["git", "files"][i]}`), text)
        .replaceAll(here.root, "ROOT")
        .replaceAll(/; \d[\d.]* s$/gm, "; TIME"),
    setArchive: (bytes: Buffer) => (archive = bytes),
    /** How often the servers were asked so far. */
    asked: () => git.requests.length + files.requests.length,
    lock: () => here.read("kraft.lock.yaml"),
    /** The target that takes all sources, and little time. */
    config: (...words: readonly string[]) =>
      here.run(["build", "//sum:qemu-x86_64.config", ...words]),
    configWith: (words: readonly string[], how: RunOptions) =>
      here.run(["build", "//sum:qemu-x86_64.config", ...words], how),
  };
}

/** Whether a program can be run without any network here. */
export function canUnshare(): boolean {
  try {
    execFileSync("unshare", [...withoutNetwork, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Arguments of `unshare`, for a namespace without any interface. */
export const withoutNetwork = ["--user", "--map-root-user", "--net"];
