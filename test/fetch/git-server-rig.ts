// `git http-backend` as it is served to the world: by nginx, through fcgiwrap. Knows no test.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { freePort, programPath } from "../remote/live-server.ts";
import { freshDirectory } from "./git-rig.ts";
import type { Certificate } from "./server-rig.ts";

/** How a server of repositories is to be. */
export interface GitServerOptions {
  /** `user:password`; absent: everybody may read. */
  readonly credentials?: string;
  /** Where addresses are redirected to, by the first directory of their path. */
  readonly moved?: Readonly<Record<string, string>>;
  /** Absent: it is served by http. */
  readonly tls?: Certificate;
}

/** A server of repositories, on loopback. */
export interface GitServer {
  readonly url: string;
  /** Ends it; gives what it was asked, with its answers and the `Git-Protocol` header. */
  readonly end: () => Promise<readonly string[]>;
}

/** Which of the programs that it takes is not here; undefined: none. */
export function lacksGitServer(): string | undefined {
  return ["nginx", "fcgiwrap"].find((name) => programPath(name) === undefined);
}

/** Serves the repositories below `directory` by nginx until the test ends. */
export async function gitServer(
  directory: string,
  options: GitServerOptions = {},
): Promise<GitServer> {
  const place = freshDirectory();
  const socket = join(place, "cgi");
  const port = await freePort();
  mkdirSync(join(place, "tmp"));
  if (options.credentials !== undefined) {
    writeFileSync(join(place, "passwords"), options.credentials.replace(":", ":{PLAIN}") + "\n");
  }
  writeFileSync(join(place, "nginx.conf"), configuration({ place, directory, port, ...options }));
  // One process, which answers one question after the other: several would outlive their parent.
  start("fcgiwrap", ["-s", `unix:${socket}`, "-c", "1"]);
  await accepts({ path: socket });
  const end = start("nginx", ["-p", place, "-e", "stderr", "-c", "nginx.conf"]);
  await accepts({ port, host: "127.0.0.1" });
  const log = join(place, "asked");
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    end: async () => {
      await end();
      return readFileSync(log, "utf8").split("\n").slice(0, -1);
    },
  };
}

/** Source: git-http-backend(1), and the modules fastcgi and auth_basic of nginx. */
function configuration(
  place: GitServerOptions & { place: string; directory: string; port: number },
): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${place.place}/tmp/${name};`)
    .join(" ");
  const programs = execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim();
  const moved = Object.entries(place.moved ?? {})
    .map(([name, target]) => `location ~ ^/${name}(/.*)$ { return 302 ${target}$1$is_args$args; }`)
    .join("\n");
  const auth = `auth_basic git; auth_basic_user_file ${place.place}/passwords;`;
  const { tls } = place;
  const certificate = tls && `ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key};`;
  const variables = Object.entries({
    SCRIPT_FILENAME: `${programs}/git-http-backend`,
    GIT_PROJECT_ROOT: place.directory,
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_PROTOCOL: "$http_git_protocol",
    PATH_INFO: "$uri",
    QUERY_STRING: "$query_string",
    REQUEST_METHOD: "$request_method",
    CONTENT_TYPE: "$content_type",
    CONTENT_LENGTH: "$content_length",
    REMOTE_ADDR: "$remote_addr",
    REMOTE_USER: "$remote_user",
  }).map(([name, value]) => `fastcgi_param ${name} ${value};`);
  return `daemon off; master_process off; pid ${place.place}/pid;
    ${process.getuid?.() === 0 ? "user root;" : ""}
    events {}
    http {
      log_format asked '$request_method $request_uri $status $http_git_protocol';
      access_log ${place.place}/asked asked; client_max_body_size 0; ${temporary}
      server {
        listen 127.0.0.1:${place.port}${place.tls === undefined ? "" : " ssl"};
        ${certificate ?? ""}
        ${moved}
        location / {
          ${place.credentials === undefined ? "" : auth}
          ${variables.join("\n")}
          fastcgi_pass unix:${place.place}/cgi;
        }
      }
    }`;
}

/** Starts a server; gives what ends it, which the end of the test does, too. */
function start(name: string, args: readonly string[]): () => Promise<void> {
  const child = spawn(programPath(name) ?? name, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  const end = async (): Promise<void> => {
    // nginx has written its log by the time that it heeds this.
    child.kill("SIGTERM");
    await ended;
  };
  onTestFinished(end);
  return end;
}

/** Resolves when something accepts connections there. */
async function accepts(place: { path: string } | { port: number; host: string }): Promise<void> {
  for (;;) {
    const socket = connect(place);
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
