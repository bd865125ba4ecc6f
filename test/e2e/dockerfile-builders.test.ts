// Who else builds a Dockerfile, and how they are reached: real programs and a real daemon, on loopback.

import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { daemonPath, openDaemon } from "../dockerfile/buildkit-daemon.ts";
import { openDocker, runBuildkit } from "../dockerfile/docker-daemon.ts";
import { freePort, makeCertificates } from "../remote/live-server.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const target = "//app:rootfs-x86_64";
/** Buildah 1.28 gives secrets as files alone. */
const asFile = ["--mount=type=secret,id=token", "wc -c < /run/secrets/token"] as const;
const asVariable = ["--mount=type=secret,id=token,env=TOKEN", "echo ${#TOKEN}"] as const;

const dockerfileWith = ([mount, command]:
  | typeof asFile
  | typeof asVariable) => `FROM scratch AS build
COPY busybox /bin/sh
COPY own.txt /own/
RUN ${mount} ["/bin/sh", "-c", "${command} > /own/length"]
FROM scratch
COPY --from=build /own /
CMD ["/app", "a b"]
`;

/** What is in the root file system when `words` and `how` say who builds it, or why it failed. */
async function builtBy(words: readonly string[], how: Readonly<Record<string, string>>) {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": "spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ./Dockerfile\n",
    "app/kernel": "kernel",
    "app/Dockerfile": dockerfileWith(words.includes("--dockerfile=buildah") ? asFile : asVariable),
    "app/own.txt": "own",
  });
  copyFileSync("/bin/busybox", here.path("app/busybox"));
  // Secrets are not trimmed by any of them.
  const env = { KRAFT_GRAPH_BUILD_PATH: daemonPath, VALUE: "secret\n", ...how };
  const given = [...words, "--build-secret", "id=token,env=VALUE"];
  const { code, text } = await here.run(["build", target, ...given, "--explain"], { env });
  if (code !== 0) return text;
  const read = async (path: string): Promise<string> => {
    return (await here.run(["rootfs", "cat", target, path, ...given], { env })).stdout;
  };
  const builder = /\bBuildImage\b/.test(text) ? "a builder" : "the engine";
  return `${builder}: ${await read("own.txt")} ${await read("length")}`;
}

const place = mkdtempSync(join(tmpdir(), "kraft-builders-"));
const certificates = makeCertificates(place);
const port = await freePort();
const tcp = `tcp://127.0.0.1:${port}`;
const pair = ["--tlscert", certificates.certificate, "--tlskey", certificates.key];
const daemon = openDaemon(["--addr", tcp, "--tlscacert", certificates.authority, ...pair]);
afterAll(() => {
  daemon.close();
  rmSync(place, { recursive: true, force: true });
});
const address = daemon.kind === "running" ? daemon.address : "";
const absence = daemon.kind === "running" ? "" : `: ${daemon.reason}`;

test("the engine builds what the others are compared with", async () => {
  expect(await builtBy(["--dockerfile=embedded"], {})).toBe("the engine: own 7\n");
});

const buildx = spawnSync("docker", ["buildx", "version"], { env: { PATH: daemonPath } });

describe.skipIf(daemon.kind === "absent")(`BuildKit is found${absence}`, () => {
  test("by the variable of its own, and by KraftKit's before it", async () => {
    const words = ["--dockerfile=buildkit"];
    expect(await builtBy(words, { BUILDKIT_HOST: address })).toBe("a builder: own 7\n");
    const nowhere = "unix:///nowhere";
    const both = { BUILDKIT_HOST: nowhere, KRAFTKIT_BUILDKIT_HOST: address };
    expect(await builtBy(words, both)).toBe("a builder: own 7\n");
    expect(await builtBy(words, { BUILDKIT_HOST: nowhere })).toContain("/nowhere");
  });

  test("by TCP, where it and its client know each other by certificates", async () => {
    const words = ["--dockerfile=buildkit"];
    const known = {
      KRAFT_GRAPH_DOCKERFILE_BUILDKIT: tcp,
      KRAFT_GRAPH_DOCKERFILE_CA: certificates.authority,
    };
    const pair = {
      KRAFT_GRAPH_DOCKERFILE_CERTIFICATE: certificates.certificate,
      KRAFT_GRAPH_DOCKERFILE_KEY: certificates.key,
    };
    expect(await builtBy(words, { ...known, ...pair })).toBe("a builder: own 7\n");
    // What it says of it depends on who is faster to hang up.
    expect(await builtBy(words, known)).toContain("error: //app:rootfs-x86_64: BuildImage");
    const stranger = makeCertificates(temporaryDirectory());
    const wrong = { ...known, ...pair, KRAFT_GRAPH_DOCKERFILE_CA: stranger.authority };
    expect(await builtBy(words, wrong)).toContain("unknown authority");
  });

  for (const program of ["docker", "podman"]) {
    test(`in a container, by a stand-in for ${program} whose container is this machine`, async () => {
      const directory = temporaryDirectory();
      const asked = join(directory, "asked");
      const script = `#!/bin/sh
echo "$1 $2 $3" >> ${asked}
[ "$1 $2 $3" = "exec -i builder" ] || exit 125
shift 3; BUILDKIT_HOST=${address} exec "$@"
`;
      writeFileSync(join(directory, program), script, { mode: 0o755 });
      const env = { KRAFT_GRAPH_BUILD_PATH: `${directory}:${daemonPath}` };
      const words = ["--dockerfile=buildkit"];
      const named = (name: string) => ({ ...env, BUILDKIT_HOST: `${program}-container://${name}` });
      expect(await builtBy(words, named("builder"))).toBe("a builder: own 7\n");
      rmSync(asked);
      // What is said of it depends on who is faster to hang up.
      expect(await builtBy(words, named("other"))).toContain(
        "error: //app:rootfs-x86_64: BuildImage",
      );
      expect(readFileSync(asked, "utf8")).toContain("exec -i other\n");
    });
  }

  test.skipIf(buildx.status !== 0)("by docker, whose builder it is", async () => {
    const config = temporaryDirectory();
    const own = { BUILDX_CONFIG: config, BUILDX_BUILDER: "kraft-test" };
    const created = ["buildx", "create", "--name", "kraft-test", "--driver", "remote", address];
    const env = { ...own, PATH: daemonPath, HOME: config };
    execFileSync("docker", created, { env, stdio: "pipe" });
    const built = await builtBy(["--dockerfile=buildkit"], { ...own, BUILDKIT_HOST: "docker" });
    expect(built).toBe("a builder: own 7\n");
  });
});

const docker = openDocker();
afterAll(() => docker.close());
const obstacle = daemon.kind === "absent" ? daemon.reason : runBuildkit(docker, "builder");

describe.skipIf(docker.kind === "absent")(
  `Docker's own daemon${docker.kind === "absent" ? `: ${docker.reason}` : ""}`,
  () => {
    const env = docker.kind === "running" ? docker.env : {};
    const words = ["--dockerfile=buildkit"];

    test.skipIf(obstacle !== undefined)(
      `has BuildKit in a container ${obstacle ?? ""}`,
      async () => {
        const named = (name: string) => ({ ...env, BUILDKIT_HOST: `docker-container://${name}` });
        expect(await builtBy(words, named("builder"))).toBe("a builder: own 7\n");
        expect(await builtBy(words, named("other"))).toContain("other");
      },
    );

    test.skipIf(buildx.status !== 0)("builds itself where it can give what it built", async () => {
      const own = { ...env, BUILDKIT_HOST: "docker", BUILDX_CONFIG: temporaryDirectory() };
      const built = await builtBy(words, own);
      const isAble = docker.kind === "running" && docker.hasContainerdStore;
      if (isAble) expect(built).toBe("a builder: own 7\n");
      else expect(built).toMatch(/Docker \d+\.\d+\S* keeps .* takes Docker 25 or newer with the/);
    });
  },
);

/** A directory with all programs of the machine but `missing`. */
function programsBut(missing: string): string {
  const directory = temporaryDirectory();
  const script =
    'for file in /usr/sbin/* /usr/bin/*; do [ "${file##*/}" = "$2" ] || ln -sf "$file" "$1"; done';
  execFileSync("sh", ["-c", script, "sh", directory, missing]);
  return directory;
}

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot || !existsSync("/usr/bin/buildah"))("buildah builds", async () => {
  expect(await builtBy(["--dockerfile=buildah"], {})).toBe("a builder: own 7\n");
});

test.skipIf(!isRoot || !existsSync("/usr/bin/podman"))(
  "podman builds where there is no buildah",
  async () => {
    const env = { KRAFT_GRAPH_BUILD_PATH: programsBut("buildah") };
    expect(await builtBy(["--dockerfile=buildah"], env)).toBe("a builder: own 7\n");
  },
);
