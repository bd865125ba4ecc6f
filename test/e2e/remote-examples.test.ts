// The examples, kernels and images and all, between checkouts and the servers of others.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

import { removeTree } from "../../src/sandbox/remove-tree.ts";
import {
  lacksRemoteWorker,
  programPath,
  startBazelRemote,
  startNginx,
  startRemoteWorker,
} from "../remote/live-server.ts";
import { serverForSuite } from "../remote/suite-server.ts";
import { examplesRig } from "./examples-rig.ts";
import { filesBelow, temporaryDirectory, wrongBlobs } from "./rig.ts";

/** Nobody. Only root can be somebody else, as it is in CI. */
const otherUser = process.getuid?.() === 0 ? 65_534 : undefined;

/** What runs a program as the other user, to whom all in `place` is given. */
function asOther(place: string): string[] {
  if (otherUser === undefined) return [];
  execFileSync("chown", ["-R", `${otherUser}:${otherUser}`, place]);
  return ["setpriv", `--reuid=${otherUser}`, `--regid=${otherUser}`, "--clear-groups"];
}

/** The cache of the first checkout of each test: only the very first of them has to run anything. */
let known = "";
beforeAll(() => {
  known = mkdtempSync(join(tmpdir(), "kraft-e2e-known-"));
  return () => removeTree(known);
});

/** Builds all examples as they are built here, and gives the results to `remote`. */
async function give(remote: string) {
  const first = await examplesRig({ cache: known }).build(
    "//...",
    remote,
    "--remote-upload=always",
  );
  expect(first.code, first.text).toBe(0);
  expect(first.text).not.toContain("note: going on without");
  return first;
}

/** Two checkouts at different paths, of different users and in different zones, share every action. */
function sharing(address: () => string): void {
  test("another checkout has every result of all examples, and runs nothing", async () => {
    const remote = `--remote-cache=${address()}`;
    const first = await give(remote);
    const other = examplesRig();
    const second = await other.run(["build", "//...", remote], {
      umask: "077",
      wrapper: asOther(other.place),
      env: { TZ: "Pacific/Kiritimati", USER: "somebody", LANG: "de_DE.UTF-8" },
    });
    expect(second.code, second.text).toBe(0);
    expect(second.executed).toEqual([]);
    expect(second.counts["remoteHit"]).toBeGreaterThan(0);
    expect(second.outputs).toEqual(first.outputs);
    expect(wrongBlobs(other.cache)).toEqual([]);
    expect(second.text).toMatch(/from the remote cache; .* of work saved; .* received; TIME$/m);
    // However its result came here, the time of each is known.
    const compiled = second.events.filter(
      ({ kind, mnemonic, outcome }) =>
        kind === "action-finished" && mnemonic === "CC" && outcome === "remoteHit",
    );
    expect(compiled.length).toBeGreaterThan(50);
    expect(compiled.filter(({ savedMs = 0 }) => !(Number(savedMs) > 0))).toEqual([]);
  });
}

const lacksBazelRemote = programPath("bazel-remote") === undefined;

// One each, as both protocols of a server see the same results.
describe.skipIf(lacksBazelRemote).each(["grpc", "http"] as const)(
  "bazel-remote over %s",
  (protocol) => {
    const server = serverForSuite(() => startBazelRemote());
    sharing(() => `${protocol}://127.0.0.1:${server()[protocol]}`);
  },
);

const lacking = lacksRemoteWorker();

describe.skipIf(lacking !== undefined)("Bazel's RemoteWorker", () => {
  const server = serverForSuite(() => startRemoteWorker());
  sharing(() => `grpc://127.0.0.1:${server().grpc}`);

  test("all examples have the same digests as when they are built here", async () => {
    const here = await examplesRig({ cache: known }).build("//...");
    const executor = `--remote-executor=grpc://127.0.0.1:${server().grpc}`;
    const built = await examplesRig().build("//...", executor, "--remote-scope=executed");
    expect(built.code, built.text).toBe(0);
    expect(built.text).not.toContain("going on without");
    expect(Number(/; (\d+) of them elsewhere; /.exec(built.text)?.[1])).toBeGreaterThan(100);
    expect(built.outputs).toEqual(here.outputs);
  });
});

const lacksNginx = programPath("nginx") === undefined;

describe.skipIf(lacksNginx)("nginx with DAV", () => {
  const server = serverForSuite(() => startNginx());
  sharing(() => `http://127.0.0.1:${server().http}`);
});

/** A fresh folder, as an address. */
function freshFolder(): string {
  const directory = join(temporaryDirectory(), "share");
  mkdirSync(directory);
  return `file:${directory}`;
}

describe("a folder", () => sharing(freshFolder));

test("with --download=toplevel an image comes here without what it was linked and packed from", async () => {
  const address = freshFolder();
  const remote = `--remote-cache=${address}`;
  const first = await give(remote);
  const { build, cache } = examplesRig();
  const built = await build("//hello:oci", remote, "--download=toplevel");
  expect(built, built.text).toMatchObject({ code: 0, executed: [] });
  const image = Object.entries(first.outputs).filter(([path]) => path.startsWith("hello/oci/"));
  expect(image.length).toBeGreaterThan(5);
  expect(built.outputs).toEqual(Object.fromEntries(image));
  const blobs = filesBelow(join(cache, "cas")).map((path) => basename(path, ".x"));
  expect(blobs).toEqual(expect.arrayContaining(image.map(([, digest]) => digest)));
  // Objects and kernels alike: the image has its kernels within its layers.
  expect(elfFiles(join(cache, "cas"))).toEqual([]);
  expect(elfFiles(address.slice("file:".length)).length).toBeGreaterThan(50);
});

function elfFiles(directory: string): string[] {
  return filesBelow(directory).filter(
    (path) => readFileSync(join(directory, path)).subarray(0, 4).toString("latin1") === "\x7fELF",
  );
}
