import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { encodeActionResult } from "../../src/action/reapi-result.ts";
import { digestOf, emptyDigest } from "../../src/digest/digest.ts";
import { accessTo } from "../../src/engine/remote-access.ts";
import { openRemote } from "../../src/remote/open-remote.ts";
import { parseRemoteUrl } from "../../src/remote/remote-url.ts";
import { openCas } from "../../src/store/disk-cas.ts";
import { readSettings } from "../../src/workspace/config.ts";
import { nodeDisk } from "../../src/workspace/disk.ts";
import { FileView } from "../../src/workspace/files.ts";
import { realHost } from "../sandbox/sandbox-rig.ts";
import { temporaryDirectory } from "../store/store-rig.ts";

const printed = { stdout: emptyDigest, stderr: emptyDigest };
const result = encodeActionResult({ exitCode: 0, outputs: new Map(), ...printed, wallMs: 1 });

/** A server of results that only knows one token at a time. */
async function startGuarded() {
  let valid = 1;
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === `Bearer ${valid}`;
    response.writeHead(isKnown ? 200 : 401).end(isKnown ? result : undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    address: `http://127.0.0.1:${address.port}`,
    /** From now on it takes the token of this number. */
    takes: (token: number) => {
      valid = token;
    },
  };
}

/** A helper that gives tokens 1, 2, 3, …, and a remote at `address` that is asked with them. */
async function accessRig(address: string) {
  const directory = temporaryDirectory();
  const helper = join(directory, "helper");
  const count = join(directory, "count");
  writeFileSync(count, "0");
  const script = `n=$(($(cat ${count}) + 1)); echo $n >${count}; [ ! -e ${count}.broken ] || exit 1`;
  const answer = `printf '{"headers": {"authorization": ["Bearer %s"]}}' $n`;
  writeFileSync(helper, `#!/bin/sh\n${script}\n${answer}\n`);
  chmodSync(helper, 0o755);
  let nowMs = 0;
  const env = { PATH: "/usr/bin:/bin", KRAFT_GRAPH_REMOTE_HEADER_HELPER: helper };
  const own = { workingDirectory: directory, cpus: 2, architecture: "x64" };
  const host = { ...realHost, ...own, env, now: () => nowMs };
  const settings = readSettings({
    root: directory,
    workspaceFile: undefined,
    files: new FileView({ disk: nodeDisk, epochMs: Date.now }),
    host,
    builtInRules: [],
    configs: [],
    flags: [],
    report: ({ message }) => expect(message).toBe(""),
  });
  const place = parseRemoteUrl(address);
  if (place === undefined) throw new Error("no address");
  const request = { root: directory, settings, host, version: "1", place, address };
  const access = await accessTo(request);
  const told: string[] = [];
  const remote = await openRemote({
    place,
    ...access,
    uploads: false,
    cas: openCas(join(directory, "store"), host),
    host,
    tell: ({ kind }) => void told.push(kind),
  });
  if (remote === undefined) throw new Error("it cannot be used");
  onTestFinished(remote.close);
  return {
    told,
    renew: access.attempts.renew,
    /** How often the helper was asked. */
    asked: () => Number(readFileSync(count, "utf8")),
    breakHelper: () => writeFileSync(`${count}.broken`, ""),
    pass: (durationMs: number) => {
      nowMs += durationMs;
    },
    /** How many of three that look for a result at once find it. */
    look: async () => {
      const looks = ["a", "b", "c"].map((key) => remote.lookUp(digestOf(key), { files: "now" }));
      return (await Promise.all(looks)).filter((found) => found !== undefined).length;
    },
  };
}

const minuteMs = 60_000;

test("a token that expires again and again is renewed each time, once for all", async () => {
  const { address, takes } = await startGuarded();
  const { look, asked, pass, told } = await accessRig(address);
  expect(await look()).toBe(3);
  for (const token of [2, 3, 4]) {
    takes(token);
    expect(await look()).toBe(3);
    expect(asked()).toBe(token);
    pass(minuteMs);
  }
  expect(told).toEqual([]);
});

test("a token that was just renewed is not renewed: the server does not want it", async () => {
  const { address, takes } = await startGuarded();
  const { look, asked, told } = await accessRig(address);
  takes(7);
  expect(await look()).toBe(0);
  expect(asked()).toBe(2);
  expect(told).toEqual(["given-up"]);
});

test("whatever a server denies, the helper is not asked for each request", async () => {
  const { address } = await startGuarded();
  const { renew, asked, pass } = await accessRig(address);
  for (let i = 0; i < 20; i++) expect(await renew?.()).toBe(true);
  expect(asked()).toBe(2);
  pass(minuteMs);
  for (let i = 0; i < 20; i++) expect(await renew?.()).toBe(true);
  expect(asked()).toBe(3);
});

test("a helper that fails gives nothing new, and is asked again some time later", async () => {
  const { address } = await startGuarded();
  const { renew, asked, pass, breakHelper } = await accessRig(address);
  breakHelper();
  for (let i = 0; i < 20; i++) expect(await renew?.()).toBe(false);
  expect(asked()).toBe(2);
  pass(minuteMs);
  expect(await renew?.()).toBe(false);
  expect(asked()).toBe(3);
});
