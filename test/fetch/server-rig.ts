// Servers on the loopback interface, and a proxy. Knows no test.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  request,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A server, and what it was asked. */
export interface Served {
  /** Without a slash at its end. */
  readonly url: string;
  /** Method, path, and the headers that matter, in the order of the questions. */
  readonly log: readonly Asked[];
}

/** One question. */
export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** The files of a certificate for 127.0.0.1, signed by `ca`. */
export interface Certificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority, and a certificate of its own, in `directory`. */
export function makeCertificate(directory: string): Certificate {
  const script = `
    new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch"
    openssl req -x509 $new -subj "/CN=test authority" -days 30 -keyout ca.key -out ca.pem
    openssl req $new -subj "/CN=127.0.0.1" -keyout key.pem -out request
    echo "subjectAltName=IP:127.0.0.1" > names
    openssl x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \\
      -extfile names -out cert.pem`;
  execFileSync("sh", ["-ec", script], { cwd: directory, stdio: "pipe" });
  const at = (name: string) => join(directory, name);
  return { ca: at("ca.pem"), cert: at("cert.pem"), key: at("key.pem") };
}

/** Serves by http, or by https with a certificate, until the test ends. */
export async function serve(listener: RequestListener, tls?: Certificate): Promise<Served> {
  const log: Asked[] = [];
  const logged: RequestListener = (question, answer) => {
    const { authorization, range } = question.headers;
    log.push({ path: question.url ?? "", authorization, range });
    listener(question, answer);
  };
  const options = tls && { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
  const server = options ? createTlsServer(options, logged) : createServer(logged);
  const port = await listen(server);
  return { url: `${tls ? "https" : "http"}://127.0.0.1:${port}`, log };
}

/** Serves `bytes` as servers of files do: with an ETag, and in parts. */
export function fileListener(bytes: Buffer, etag = '"1"'): RequestListener {
  return (question, answer) => sendFile(question, answer, { bytes, etag });
}

/** Answers `question` with `bytes`, or the part of it that is asked for. */
export function sendFile(
  { headers }: IncomingMessage,
  answer: ServerResponse,
  { bytes, etag }: { readonly bytes: Buffer; readonly etag: string },
): void {
  answer.setHeader("etag", etag);
  if (headers["if-none-match"] === etag) return void answer.writeHead(304).end();
  const [, first] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
  const validator = headers["if-range"];
  if (first === undefined || (validator !== undefined && validator !== etag)) {
    return void answer.writeHead(200, { "content-length": bytes.byteLength }).end(bytes);
  }
  const start = Number(first);
  if (start >= bytes.byteLength) {
    return void answer.writeHead(416, { "content-range": `bytes */${bytes.byteLength}` }).end();
  }
  const rest = bytes.subarray(start);
  answer.writeHead(206, {
    "content-length": rest.byteLength,
    "content-range": `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}`,
  });
  answer.end(rest);
}

/** A proxy that forwards plain http and tunnels the rest; `log` has what it was asked, in words. */
export async function serveProxy(credentials?: string): Promise<{ url: string; log: string[] }> {
  const log: string[] = [];
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
  const isAllowed = (question: IncomingMessage) =>
    wanted === undefined || question.headers["proxy-authorization"] === wanted;
  const server = createServer((question, answer) => {
    log.push(`${question.method} ${question.url}`);
    if (!isAllowed(question)) return void answer.writeHead(407).end();
    const { "proxy-authorization": _, ...headers } = question.headers;
    const onward = request(question.url ?? "", { headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    onward.on("error", () => answer.writeHead(502).end());
    question.pipe(onward);
  });
  server.on("connect", (question, client) => {
    log.push(`CONNECT ${question.url}`);
    if (!isAllowed(question)) return void client.end("HTTP/1.1 407 No\r\n\r\n");
    const [host = "", port] = question.url?.split(":") ?? [];
    const onward = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(client).pipe(onward);
    });
    for (const socket of [onward, client]) socket.on("error", () => client.destroy());
  });
  const port = await listen(server);
  return { url: `http://${credentials ? `${credentials}@` : ""}127.0.0.1:${port}`, log };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
