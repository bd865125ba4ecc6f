// Servers of others on the loopback, each for one test file. Knows no test.

import { execFileSync, spawn, type StdioOptions } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { createServer as createTlsServer } from "node:tls";

/** A server that runs. */
export interface LiveServer {
  /** Where it keeps what it is given. */
  readonly directory: string;
  readonly grpc: number;
  readonly http: number;
  /**
   * Ends it, and removes what it kept. For a `beforeAll` to return: hooks that are made while
   * another one runs are never called.
   */
  readonly stop: () => Promise<void>;
}

/** What a server asks of its clients. */
export interface Demands {
  /** `name:password`. */
  readonly basic?: string;
  readonly tls?: Certificates;
  /** Whether clients have to show a certificate as well. */
  readonly mutual?: boolean;
}

/** PEM files. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Where the program `name` is; undefined when it is not there. */
export function programPath(name: string): string | undefined {
  const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return places.map((place) => join(place, name)).find(isExecutable);
}

/** Starts bazel-remote, which checks all that it is given. */
export async function startBazelRemote(demands: Demands = {}): Promise<LiveServer> {
  const directory = temporaryDirectory();
  const [grpc, http] = [await freePort(), await freePort()];
  const { tls, basic, mutual = false } = demands;
  const passwords = join(directory, "htpasswd");
  if (basic !== undefined) writeFileSync(passwords, htpasswdOf(basic));
  const args = [
    `--dir=${join(directory, "data")}`,
    "--max_size=4",
    `--http_address=127.0.0.1:${http}`,
    `--grpc_address=127.0.0.1:${grpc}`,
    ...(basic === undefined ? [] : [`--htpasswd_file=${passwords}`]),
    ...(tls === undefined
      ? []
      : [`--tls_cert_file=${tls.certificate}`, `--tls_key_file=${tls.key}`]),
    ...(tls !== undefined && mutual ? [`--tls_ca_file=${tls.authority}`] : []),
  ];
  const argv = [programPath("bazel-remote") ?? "bazel-remote", ...args];
  const kill = await start(argv, { until: /Starting gRPC server/ });
  await Promise.all([grpc, http].map(accepts));
  return { directory: join(directory, "data"), grpc, http, stop: stopper(kill, directory) };
}

/** The sources of Bazel's own server, and what they are compiled against. */
const workerSource = "/usr/src/bazel-bootstrap/src/tools/remote/src/main/java";
const workerLibrary = "/usr/share/bazel/A-server.jar";

/** Why Bazel's RemoteWorker cannot be started; undefined when it can. */
export function lacksRemoteWorker(): string | undefined {
  if (!existsSync(workerSource)) return "bazel-bootstrap-source";
  if (!existsSync(workerLibrary)) return "bazel-bootstrap";
  return programPath("javac") === undefined ? "javac" : undefined;
}

/** Compiles and starts RemoteWorker, the server that Bazel tests its own client with. */
export async function startRemoteWorker(): Promise<LiveServer> {
  const directory = temporaryDirectory();
  const classes = join(directory, "classes");
  const sources = readdirSync(workerSource, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".java"))
    .map((name) => join(workerSource, name));
  // So little is compiled that javac's own start is most of it.
  const quick = ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"];
  const compiler = [
    ...quick,
    "-proc:none",
    "-nowarn",
    "-cp",
    workerLibrary,
    "-d",
    classes,
    ...sources,
  ];
  execFileSync("javac", compiler, { stdio: "ignore" });
  const grpc = await freePort();
  const [work, cas] = [join(directory, "work"), join(directory, "cas")];
  for (const one of [work, cas]) mkdirSync(one);
  const main = "com.google.devtools.build.remote.worker.RemoteWorker";
  const opens = ["java.nio", "java.lang"].flatMap((name) => [
    "--add-opens",
    `java.base/${name}=ALL-UNNAMED`,
  ]);
  const path = `${classes}:${workerLibrary}`;
  const options = [`--listen_port=${grpc}`, `--work_path=${work}`, `--cas_path=${cas}`];
  const argv = [programPath("java") ?? "java", ...opens, "-cp", path, main, ...options];
  const kill = await start(argv, { until: /Starting gRPC server|Listening|listening/ });
  await accepts(grpc);
  return { directory: cas, grpc, http: 0, stop: stopper(kill, directory) };
}

/** Starts nginx as a folder that can be written to, which checks nothing. */
export async function startNginx(): Promise<LiveServer> {
  const directory = temporaryDirectory();
  const http = await freePort();
  for (const name of ["data", "tmp"]) mkdirSync(join(directory, name));
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/tmp/${name};`)
    .join(" ");
  const user = process.getuid?.() === 0 ? "user root;" : "";
  writeFileSync(
    join(directory, "nginx.conf"),
    `daemon off; master_process off; pid ${directory}/pid; error_log stderr notice; ${user}
     events {}
     http {
       access_log off; client_max_body_size 0; ${paths}
       server {
         listen 127.0.0.1:${http};
         root ${directory}/data;
         dav_methods PUT; create_full_put_path on;
       }
     }`,
  );
  const argv = [programPath("nginx") ?? "nginx", "-p", directory, "-c", "nginx.conf"];
  const kill = await start(argv, { until: /start worker|using the "epoll"|OS:/ });
  await accepts(http);
  return { directory: join(directory, "data"), grpc: 0, http, stop: stopper(kill, directory) };
}

/** An authority, and a certificate of it for 127.0.0.1, made by openssl in `directory`. */
export function makeCertificates(directory: string): Certificates {
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const [ca, caKey] = [file("ca.pem"), file("ca.key")];
  openssl("req", "-x509", ...key, "-keyout", caKey, "-out", ca, "-subj", "/CN=test authority");
  const [own, ownKey, request] = [file("own.pem"), file("own.key"), file("own.csr")];
  openssl("req", ...key, "-keyout", ownKey, "-out", request, "-subj", "/CN=127.0.0.1");
  writeFileSync(file("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  const signing = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-extfile", file("names")];
  openssl("x509", "-req", "-in", request, ...signing, "-out", own, "-days", "2");
  return { authority: ca, certificate: own, key: ownKey };
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** A fresh directory, for the caller to remove. */
function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "kraft-remote-"));
}

function stopper(kill: () => Promise<void>, directory: string): () => Promise<void> {
  return async () => {
    await kill();
    rmSync(directory, { recursive: true, force: true });
  };
}

/** Starts `argv`; resolves when a line of what it prints matches `until`. */
async function start(
  argv: readonly string[],
  { until }: { readonly until: RegExp },
): Promise<() => Promise<void>> {
  const [program = "", ...args] = argv;
  const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
  const child = spawn(program, args, { stdio });
  const ended = once(child, "exit");
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  };
  const printed: string[] = [];
  const isReady = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on("line", (line) => {
        if (printed.length < 50) printed.push(line);
        if (until.test(line)) resolve();
      });
    }
  });
  const gone = ended.then(() => {
    throw new Error(`${program} ended:\n${printed.join("\n")}`);
  });
  gone.catch(() => undefined);
  await Promise.race([isReady, gone]);
  return kill;
}

/** Resolves when something accepts connections at `port`. */
async function accepts(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "close").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A line as Apache's htpasswd writes with `-s`. */
function htpasswdOf(basic: string): string {
  const [name = "", password = ""] = basic.split(":");
  return `${name}:{SHA}${createHash("sha1").update(password).digest("base64")}\n`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Lets in whoever shows a certificate of the authority, and passes all on to `port`. Gives its own port. */
export async function startTlsGate(
  port: number,
  { authority, certificate, key }: Certificates,
): Promise<{ readonly port: number; readonly stop: () => void }> {
  const [ca, cert, secret] = [authority, certificate, key].map((path) => readFileSync(path));
  const sockets = new Set<Socket>();
  const options = { ca, cert, key: secret, requestCert: true, ALPNProtocols: ["h2"] };
  const gate = createTlsServer(options, (outside) => {
    const inside = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  // Who shows none is a client that fails, as it should.
  gate.on("tlsClientError", () => undefined);
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  const address = gate.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const stop = () => {
    gate.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: address.port, stop };
}
