// A page on this machine's own address. Only who knows the token in its address gets to see it.

import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { openEventStream } from "./event-stream.ts";
import type { PageSession } from "./page-session.ts";

/** What is served. */
export interface PageServerRequest {
  readonly session: PageSession;
  /** See `readPageDocument`. */
  readonly document: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** A page that is served. */
export interface PageServer {
  /** Where it is, with the token. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves a page on 127.0.0.1. Rejects when the port is taken. */
export async function servePage(request: PageServerRequest): Promise<PageServer> {
  const token = randomBytes(18).toString("base64url");
  const server = createServer();
  await listenOn(server, request.port);
  const { port } = server.address() as AddressInfo; // It listens to a port of TCP.
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  server.on("request", (asked, answer) => {
    // A name that leads here by DNS is a page of somebody else that wants to read this one.
    if (!hosts.has(asked.headers.host ?? "")) return end(answer, 421, "not the host of this page");
    const path = pathBehind(token, asked.url ?? "/");
    if (path === undefined) return end(answer, 403, "the address lacks its token");
    answerAt(path, { asked, answer, hosts }, request).catch((error: unknown) =>
      end(answer, 500, error instanceof Error ? error.message : String(error)),
    );
  });
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** What follows the token in `url`; undefined where another word stands in its place. */
function pathBehind(token: string, url: string): URL | undefined {
  const { pathname, search } = new URL(url, "http://page");
  const [, given = "", ...rest] = pathname.split("/");
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  if (a.length !== b.length || !timingSafeEqual(a, b)) return undefined;
  return new URL(`/${rest.join("/")}${search}`, "http://page");
}

interface Exchange {
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly hosts: ReadonlySet<string>;
}

async function answerAt(
  { pathname, searchParams }: URL,
  { asked, answer, hosts }: Exchange,
  { session, document }: PageServerRequest,
): Promise<void> {
  switch (`${asked.method} ${pathname}`) {
    case "GET /":
      return end(answer, 200, document, "text/html; charset=utf-8");
    case "GET /data": {
      const opened = await session.page();
      if (opened === undefined) return end(answer, 404, "there is no graph to show");
      return end(answer, 200, JSON.stringify(opened.data), json);
    }
    case "GET /detail": {
      const detail = await session.detailOf(searchParams.get("id") ?? "");
      if (detail === undefined) return end(answer, 404, "no such node");
      return end(answer, 200, JSON.stringify(detail), json);
    }
    case "GET /events":
      return openEventStream(answer, session.feed);
    case "POST /build":
    case "POST /watch":
    case "POST /stop":
      // Forms of other pages can post here, and browsers say where those are from.
      if (!hosts.has(asked.headers.origin?.replace(/^http:\/\//, "") ?? "")) {
        return end(answer, 403, "asked by another page");
      }
      return end(answer, command(pathname, session) ? 202 : 409, "");
    default:
      return end(answer, 404, "there is nothing here");
  }
}

function command(pathname: string, session: PageSession): boolean {
  if (pathname === "/build") return session.start("building");
  if (pathname === "/watch") return session.start("watching");
  session.stop();
  return true;
}

const json = "application/json";

function end(answer: ServerResponse, status: number, text: string, type = "text/plain"): void {
  if (answer.headersSent) {
    answer.end();
    return;
  }
  answer.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    // The rest of the policy is in the document, which also has to be safe without a server.
    "content-security-policy": "frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
  });
  answer.end(text);
}
