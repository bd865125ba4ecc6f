// A cache of others on the loopback, for rows that share results. Measures nothing.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/**
 * @typedef {object} CacheServer
 * @property {string} name
 * @property {string} address For the engine.
 * @property {string} http Where single blobs are, as `/cas/<hash>`.
 */

/** The server that the machine has: bazel-remote, else nginx; undefined where there is none. */
export function cacheServerName() {
  return ["bazel-remote", "nginx"].find((name) => pathOf(name) !== undefined);
}

/**
 * Starts it with its data in `directory`; it ends with this process.
 * @returns {Promise<CacheServer>}
 */
export async function startCacheServer(directory) {
  const name = cacheServerName();
  mkdirSync(directory, { recursive: true });
  const [http, grpc] = [await freePort(), await freePort()];
  const argv =
    name === "bazel-remote"
      ? bazelRemoteArgv({ directory, http, grpc })
      : nginxArgv({ directory, http });
  const server = spawn(pathOf(name), argv, { stdio: "ignore" });
  // It never ends by itself: the bench does not wait for it.
  server.unref();
  process.once("exit", () => server.kill("SIGKILL"));
  await opened(http);
  const origin = `http://127.0.0.1:${http}`;
  if (name !== "bazel-remote") return { name, address: origin, http: origin };
  await opened(grpc);
  return { name, address: `grpc://127.0.0.1:${grpc}`, http: origin };
}

function bazelRemoteArgv({ directory, http, grpc }) {
  return [
    `--dir=${join(directory, "data")}`,
    "--max_size=8",
    `--http_address=127.0.0.1:${http}`,
    `--grpc_address=127.0.0.1:${grpc}`,
    "--storage_mode=uncompressed",
  ];
}

function nginxArgv({ directory, http }) {
  for (const name of ["data", "tmp"]) mkdirSync(join(directory, name), { recursive: true });
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${directory}/tmp/${kind};`)
    .join(" ");
  const user = process.getuid() === 0 ? "user root;" : "";
  writeFileSync(
    join(directory, "nginx.conf"),
    `daemon off; pid ${directory}/pid; error_log /dev/null; ${user} events {}
     http { access_log off; client_max_body_size 0; ${paths} keepalive_requests 1000000;
       server { listen 127.0.0.1:${http}; root ${directory}/data;
         dav_methods PUT; create_full_put_path on; } }`,
  );
  return ["-p", directory, "-c", "nginx.conf"];
}

function pathOf(name) {
  try {
    const path = `${process.env.PATH}:/usr/sbin`;
    const command = ["-c", `command -v ${name}`];
    return execFileSync("sh", command, { encoding: "utf8", env: { PATH: path } }).trim();
  } catch {
    return undefined;
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function opened(port) {
  for (;;) {
    const isOpen = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () =>
        resolve(false),
      );
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await setTimeout(20);
  }
}
