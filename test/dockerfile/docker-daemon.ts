// Docker's own daemon for tests, in namespaces of its own: no bridge of it is seen outside.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { daemonPath, isInstalled } from "./buildkit-daemon.ts";

/** How long it may take to begin, in milliseconds, before it counts as broken. */
const patienceMs = 120_000;

/** A daemon that runs, or why there is none. */
export type DockerDaemon =
  | {
      readonly kind: "running";
      /** What leads its client to it. */
      readonly env: Readonly<Record<string, string>>;
      /** Whether it keeps images as containerd does, without which it can export no OCI image. */
      readonly hasContainerdStore: boolean;
      readonly docker: (...words: readonly string[]) => string;
      readonly close: () => void;
    }
  | { readonly kind: "absent"; readonly reason: string; readonly close: () => void };

/** Begins a daemon, and waits until it answers. */
export function openDocker(): DockerDaemon {
  const absent = (reason: string): DockerDaemon => {
    return { kind: "absent", reason, close: () => undefined };
  };
  const programs = ["dockerd", "containerd", "docker", "runc", "unshare"];
  const missing = programs.find((name) => !isInstalled(name));
  if (process.getuid?.() !== 0) return absent("only root can run Docker's daemon");
  if (missing !== undefined) return absent(`${missing} is not installed`);
  const place = mkdtempSync(join(tmpdir(), "kraft-docker-"));
  const env = { PATH: daemonPath, HOME: place, DOCKER_HOST: `unix://${join(place, "socket")}` };
  const docker = (...words: readonly string[]): string =>
    execFileSync("docker", words, { env, encoding: "utf8", stdio: "pipe", timeout: patienceMs });
  const child = spawnDaemon(place, env);
  const close = (): void => end(child, place);
  try {
    const script = 'while ! [ -S "$1" ] || ! docker info > "$1.info" 2>&1; do sleep 0.1; done';
    const words = ["-c", script, "sh", join(place, "socket")];
    execFileSync("sh", words, { env, timeout: patienceMs });
    const hasContainerdStore = docker("info").includes("io.containerd.snapshotter");
    const { DOCKER_HOST } = env;
    return { kind: "running", env: { DOCKER_HOST }, hasContainerdStore, docker, close };
  } catch (error) {
    close();
    return absent(String(error));
  }
}

function spawnDaemon(place: string, env: Readonly<Record<string, string>>): ChildProcess {
  const config = join(place, "daemon.json");
  writeFileSync(config, JSON.stringify({ features: { "containerd-snapshotter": true } }));
  const own = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const places = ["--data-root", "data", "--exec-root", "exec", "--pidfile", "pid"];
  const network = ["--iptables=false", "--ip6tables=false", "--userland-proxy=false"];
  const words = places.map((word) => (word.startsWith("--") ? word : join(place, word)));
  const group = ["--cgroup-parent", `/${basename(place)}`];
  const settings = ["--config-file", config, "--host", env["DOCKER_HOST"] ?? ""];
  const daemon = ["dockerd", ...words, ...network, ...group, ...settings];
  return spawn("unshare", [...own, ...daemon], { env, stdio: "ignore" });
}

/** With it goes all that it started, and what was mounted; groups of control stay, and are empty. */
function end(child: ChildProcess, place: string): void {
  child.kill("SIGKILL");
  const script = `while ! rm -rf "$1" 2> /dev/null; do sleep 0.1; done
for group in /sys/fs/cgroup/"$2" /sys/fs/cgroup/*/"$2"; do
  [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || :
done`;
  execFileSync("sh", ["-c", script, "sh", place, basename(place)], { timeout: patienceMs });
}

/**
 * Runs BuildKit's daemon in a container of `daemon` called `name`; or says why it cannot be. It has
 * what it takes, and is not privileged: a machine need not have all rights that this would give.
 */
export function runBuildkit(daemon: DockerDaemon, name: string): string | undefined {
  if (daemon.kind === "absent") return daemon.reason;
  try {
    startBuildkit(daemon.docker, name);
    return undefined;
  } catch (error) {
    // As where runc is too old for the daemon.
    return String(error).trim().split("\n").slice(0, 2).at(-1);
  }
}

function startBuildkit(docker: (...words: readonly string[]) => string, name: string): void {
  const scratch = mkdtempSync(join(tmpdir(), "kraft-buildkit-image-"));
  try {
    const root = join(scratch, "root");
    for (const directory of ["tmp", "etc", "run"])
      mkdirSync(join(root, directory), { recursive: true });
    const script = `for name in buildkitd buildctl runc; do
  file=$(command -v "$name"); echo "$file"; ldd "$file" 2> /dev/null | grep -o '/[^ ]* (0x' | cut -d ' ' -f 1
done`;
    const env = { PATH: daemonPath };
    const files = execFileSync("sh", ["-c", script], { env, encoding: "utf8" }).trim().split("\n");
    for (const file of new Set(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      cpSync(file, join(root, file), { dereference: true });
    }
    const tar = join(scratch, "root.tar");
    execFileSync("tar", ["--create", "--file", tar, "--directory", root, "."]);
    const change = ["--change", `ENV PATH=${daemonPath}`, "--change", 'ENTRYPOINT ["buildkitd"]'];
    docker("import", ...change, tar, "kraft-graph/buildkit:test");
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const options = ["seccomp", "apparmor", "systempaths"].map((one) => `${one}=unconfined`);
  const words = [
    "run --detach --network none --cap-add SYS_ADMIN --cap-add NET_ADMIN --tmpfs /run",
    "--volume /sys/fs/cgroup:/sys/fs/cgroup --volume /var/lib/buildkit",
    ...options.map((one) => `--security-opt ${one}`),
    `--name ${name} kraft-graph/buildkit:test --oci-worker-net=host`,
  ];
  docker(...words.join(" ").split(" "));
  const script =
    'until docker exec "$1" buildctl debug workers > /dev/null 2>&1; do sleep 0.1; done';
  const host = docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").trim();
  execFileSync("sh", ["-c", script, "sh", name], {
    env: { PATH: daemonPath, DOCKER_HOST: host },
    timeout: patienceMs,
  });
}
