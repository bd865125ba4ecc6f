// Repositories behind the real sshd, on the loopback interface.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { fetchGit } from "../../src/fetch/git.ts";
import { resolveGit } from "../../src/fetch/git-resolve.ts";
import { freshDirectory, gitContext, repositoryAt } from "./git-rig.ts";

const sshd = "/usr/sbin/sshd";

/** A server of ssh that lets in who has the one key, which only an agent has. */
async function sshRig() {
  const place = freshDirectory();
  for (const name of ["host", "own"]) {
    const words = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(place, name)];
    execFileSync("ssh-keygen", words);
  }
  const config = join(place, "sshd_config");
  writeFileSync(
    config,
    [
      `HostKey ${join(place, "host")}`,
      `AuthorizedKeysFile ${join(place, "own.pub")}`,
      "AuthenticationMethods publickey",
      "PermitRootLogin yes",
      "StrictModes no",
      "UsePAM no",
      "PidFile none",
    ].join("\n"),
  );
  // Where sshd keeps those apart whom it does not know yet.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const server = createServer((socket) => {
    const child = spawn(sshd, ["-i", "-f", config], { stdio: ["pipe", "pipe", "ignore"] });
    child.stdin.on("error", () => undefined);
    socket.on("error", () => undefined);
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
    socket.on("close", () => child.kill());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const known = readFileSync(join(place, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(join(place, "known_hosts"), `[127.0.0.1]:${port} ${known}\n`);
  writeFileSync(
    join(place, "config"),
    `Host forge\n  HostName 127.0.0.1\n  Port ${port}\n  UserKnownHostsFile ${join(place, "known_hosts")}\n  StrictHostKeyChecking yes\n  IdentityFile none\n`,
  );
  return { place, command: `ssh -F ${join(place, "config")}`, agent: agentWith(place) };
}

/** The socket of an agent with the key of `place`, which is then nowhere else. */
function agentWith(place: string): string {
  const socket = join(place, "agent");
  const text = execFileSync("ssh-agent", ["-a", socket], { encoding: "utf8" });
  const processId = Number(/SSH_AGENT_PID=(\d+)/.exec(text)?.[1]);
  onTestFinished(() => void process.kill(processId));
  execFileSync("ssh-add", ["-q", join(place, "own")], { env: { SSH_AUTH_SOCK: socket } });
  rmSync(join(place, "own"));
  return socket;
}

test.skipIf(!existsSync(sshd))(
  "a repository is fetched by ssh, as user@host:path, with a key that an agent has",
  async () => {
    const { place, command, agent } = await sshRig();
    const repository = repositoryAt(join(place, "core.git"));
    const commit = repository.commit({ "Config.uk": "config X\n" });
    const url = `${userInfo().username}@forge:${repository.directory}`;
    const known = { PATH: "/usr/bin:/bin", HOME: place, GIT_SSH_COMMAND: command };
    const context = gitContext({ environment: { ...known, SSH_AUTH_SOCK: agent } });
    const found = await resolveGit(url, "main", context);
    expect(found).toEqual({ ref: "refs/heads/main", commit });
    const into = join(place, "source");
    await fetchGit({ url, ...found }, into, context);
    expect(readFileSync(join(into, "Config.uk"), "utf8")).toBe("config X\n");
    // Without the agent nobody is let in, and nobody is asked for a password.
    const alone = gitContext({ environment: known });
    await expect(resolveGit(url, "main", alone)).rejects.toMatchObject({
      name: "GitError",
      problem: "needs-credentials",
    });
  },
);

test.skipIf(!existsSync(sshd))("a host that is not who it was is not believed", async () => {
  const { place, command, agent } = await sshRig();
  const repository = repositoryAt(join(place, "core.git"));
  repository.commit({});
  const other = readFileSync(join(place, "own.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  const path = join(place, "known_hosts");
  writeFileSync(path, readFileSync(path, "utf8").replace(/ssh-ed25519 .*/, other));
  const environment = {
    PATH: "/usr/bin:/bin",
    HOME: place,
    GIT_SSH_COMMAND: command,
    SSH_AUTH_SOCK: agent,
  };
  const url = `${userInfo().username}@forge:${repository.directory}`;
  await expect(resolveGit(url, "main", gitContext({ environment }))).rejects.toMatchObject({
    name: "GitError",
  });
});
