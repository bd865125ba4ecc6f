// Repositories made by the real git, and servers of them on loopback. Knows no test.

import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";

import type { GitContext } from "../../src/fetch/git-process.ts";

/** A fresh directory that is gone after the test. */
export function freshDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "kraft-git-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const isolated = {
  PATH: "/usr/bin:/bin",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.com",
  GIT_AUTHOR_DATE: "2020-01-01T00:00:00Z",
  GIT_COMMITTER_DATE: "2020-01-01T00:00:00Z",
};

/** A repository at `directory`, made when missing; its methods change it. */
export function repositoryAt(directory: string) {
  mkdirSync(directory, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "protocol.file.allow=always", ...args], {
      cwd: directory,
      env: isolated,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  git("init", "--quiet", "--initial-branch=main");
  return {
    directory,
    git,
    /** Commits `files`, by path; gives the commit. */
    commit: (files: Readonly<Record<string, string>>): string => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
      git("add", "--all", "--force");
      git("commit", "--quiet", "--allow-empty", "-m", "change");
      return git("rev-parse", "HEAD");
    },
  };
}

/** What is in `directory`, by path: text, `x text` for executables, `-> target` for links. */
export function contentOf(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  const found = entries.map((path) => {
    const file = join(directory, path);
    const stats = lstatSync(file);
    if (stats.isSymbolicLink()) return [path, `-> ${readlinkSync(file)}`] as const;
    if (stats.isDirectory()) return [`${path}/`, ""] as const;
    const mark = (stats.mode & 0o100) === 0 ? "" : "x ";
    return [path, mark + readFileSync(file, "utf8")] as const;
  });
  return Object.fromEntries(found);
}

/** What git gets, with `home` as the home directory. */
export function gitContext(more: Partial<GitContext> & { home?: string } = {}): GitContext {
  const { home = freshDirectory(), ...rest } = more;
  const temporary = freshDirectory();
  let count = 0;
  return {
    environment: { PATH: "/usr/bin:/bin", HOME: home, GIT_CONFIG_NOSYSTEM: "1" },
    kill: (processId, signal) => void process.kill(processId, signal),
    signal: new AbortController().signal,
    // Nothing here is worth waiting for.
    wait: () => delay(0),
    temporaryPath: () => join(temporary, String(count++)),
    ...rest,
  };
}

/** A real git daemon for the repositories below `directory`; gives its address. */
export async function gitDaemon(directory: string): Promise<string> {
  const server = createServer((socket) => {
    const options = ["--inetd", "--export-all", `--base-path=${directory}`, directory];
    const child = spawn("git", ["daemon", ...options], { env: isolated });
    child.stdin.on("error", () => undefined);
    socket.on("error", () => undefined);
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
    socket.on("close", () => child.kill());
  });
  return `git://127.0.0.1:${await listen(server)}`;
}

/** How a server of `git http-backend` behaves. */
export interface BackendOptions {
  /** `user:password`; absent: everybody may read. */
  readonly credentials?: string;
  /** Whether to hide from git that the client speaks version 2, which allows every object. */
  readonly isOld?: boolean;
  /** Sees each request before it is answered; false: it is not. */
  readonly admit?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** `git http-backend` for the repositories below `directory`, and what was asked of it. */
export async function gitBackend(directory: string, options: BackendOptions = {}) {
  const requests: string[] = [];
  let hear = (): void => undefined;
  const server = createHttpServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    hear();
    const given = Buffer.from(request.headers.authorization?.slice(6) ?? "", "base64").toString();
    if (options.admit?.(request, response) === false) return;
    if (options.credentials !== undefined && given !== options.credentials) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    answerByGit(request, response, { directory, isOld: options.isOld === true });
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    requests,
    /** Has `use` called at each further request. */
    onRequest: (use: () => void) => void (hear = use),
  };
}

function answerByGit(
  request: IncomingMessage,
  response: ServerResponse,
  { directory, isOld }: { directory: string; isOld: boolean },
): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const { headers } = request;
  const protocol = headers["git-protocol"];
  const child = spawn("git", ["http-backend"], {
    env: {
      ...isolated,
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REMOTE_ADDR: "127.0.0.1",
      CONTENT_TYPE: headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
      ...(isOld || typeof protocol !== "string" ? {} : { GIT_PROTOCOL: protocol }),
    },
  });
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on("data", (bytes: Buffer) => {
    if (head === undefined) return void response.write(bytes);
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const [name = "", value = ""] = line.split(": ");
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.stdout.on("end", () => response.end());
}

/** The port on which `server` listens until the end of the test. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A program at `path` that leaves `mark` when it runs. */
export function writeTrap(path: string, mark: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho ran >> ${mark}\ncat\n`);
  chmodSync(path, 0o755);
}
