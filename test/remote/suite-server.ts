// A server of others for one suite of tests.

import { beforeAll } from "vitest";

import type { LiveServer } from "./live-server.ts";

/** Has `start` start a server for the suite that this is called in; gives it to tests as they run. */
export function serverForSuite(start: () => Promise<LiveServer>): () => LiveServer {
  let server: LiveServer | undefined;
  beforeAll(async () => {
    server = await start();
    return server.stop;
  });
  return () => {
    if (server === undefined) throw new Error("no test of the suite runs yet");
    return server;
  };
}
