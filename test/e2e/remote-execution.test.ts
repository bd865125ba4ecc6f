import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

import {
  lacksRemoteWorker,
  makeCertificates,
  startRemoteWorker,
  startTlsGate,
} from "../remote/live-server.ts";
import { cWorkspace } from "./c-workspace.ts";
import { examplesRig } from "./examples-rig.ts";
import { rig, temporaryDirectory, wrongBlobs } from "./rig.ts";

const lacking = lacksRemoteWorker();

describe.skipIf(lacking !== undefined)("Bazel's RemoteWorker", () => {
  let address = "";
  beforeAll(async () => {
    const started = await startRemoteWorker();
    address = `grpc://127.0.0.1:${started.grpc}`;
    return started.stop;
  });
  const there = () => `--remote-executor=${address}`;
  let builtHere: ReturnType<ReturnType<typeof examplesRig>["build"]> | undefined;
  const locally = () => (builtHere ??= examplesRig().build("//hello:all"));

  test("actions run there, and give what they give here", async () => {
    // Not //lib:add-debug, as what debuggers are told names the directory of the worker.
    const targets = ["//lib:add", "//app:sum", "//app:zero"];
    const here = await rig(cWorkspace).build(...targets);
    const { build, cache } = rig(cWorkspace);
    const built = await build(...targets, there());
    expect(built, built.text).toMatchObject({ code: 0, counts: { executed: 4 } });
    expect(built.text).toMatch(/^done: 4 actions: 4 run; 4 of them elsewhere; /m);
    expect(built.outputs).toEqual(here.outputs);
    expect(wrongBlobs(cache)).toEqual([]);
    // Who has none of it yet asks for it by the same messages.
    const again = await rig(cWorkspace).build(...targets, there());
    expect(again, again.text).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
    expect(again.outputs).toEqual(here.outputs);
  });

  test("actions run where both sides have to show certificates, and nowhere without", async () => {
    // The worker's own TLS takes a library that Debian's build of it lacks.
    const tls = makeCertificates(temporaryDirectory());
    const gate = await startTlsGate(Number(address.split(":").at(-1)), tls);
    onTestFinished(gate.stop);
    const secure = `grpcs://127.0.0.1:${gate.port}`;
    const remote = [`--remote-executor=${secure}`, `--remote-cache=${secure}`];
    const words = ["build", "//app:sum", ...remote, "--remote-scope=certificates"];
    const trust = { KRAFT_GRAPH_REMOTE_CA: tls.authority };
    const own = {
      KRAFT_GRAPH_REMOTE_CERTIFICATE: tls.certificate,
      KRAFT_GRAPH_REMOTE_KEY: tls.key,
    };
    const built = await rig(cWorkspace).run(words, { env: { ...trust, ...own } });
    expect(built, built.text).toMatchObject({ code: 0, counts: { executed: 3 } });
    expect(built.text).toMatch(/ 3 of them elsewhere; /);
    const stranger = await rig(cWorkspace).run(words, { env: trust });
    expect(stranger, stranger.text).toMatchObject({ code: 0, counts: { executed: 3 } });
    expect(stranger.text).not.toContain("elsewhere;");
    expect(stranger.text).toContain("going on without the remote cache");
  });

  test("an example has the same digests as when it is built here", async () => {
    // The executor is no cache of this build, so that nothing could be had later.
    const built = await buildOf("//hello:all", "--download=toplevel");
    expect(built.text).not.toContain("going on without");
    expect(built.outputs).toEqual((await locally()).outputs);
    expect(built.objects).toBeGreaterThan(20);
  });

  test("objects stay there where the executor is the cache, and come for whoever reads them here", async () => {
    const sharing = [`--remote-cache=${address}`, "--remote-upload=always", "--download=toplevel"];
    const built = await buildOf("//hello:all", ...sharing, "--remote-scope=stay");
    expect(built.outputs).toEqual((await locally()).outputs);
    expect(built.objects).toBe(0);
    // The debugging information of a kernel is taken out here, of which the linker's output comes.
    const words = [...sharing, "--strategy=SCSTRIP=local", "--remote-scope=mixed"];
    const mixed = await buildOf("//hello:qemu-x86_64", ...words);
    expect((await locally()).outputs).toMatchObject(mixed.outputs);
    expect(mixed.objects).toBe(0);
  });

  test("images are packed there when it is asked for by name, and gives what it gives here", async () => {
    const packing = ["--strategy=local", "--strategy=Package=remote"];
    const built = await buildOf("//hello:all", ...packing);
    // The images of two machines, and the index of both.
    expect(built.text).toContain("; 3 of them elsewhere; ");
    expect(built.outputs).toEqual((await locally()).outputs);
  });

  test("what a failed action printed there is told as if it had run here", async () => {
    const broken = { ...cWorkspace, "app/zero.c": "int main(void) { return zero; }\n" };
    const built = await rig(broken).build("//app:zero", there());
    expect(built.code).toBe(1);
    expect(built.text).toContain("exit code 1, elsewhere");
    expect(built.text).toMatch(/ \| .*zero.c:1:\d+: error: .*zero.* undeclared/);
    expect(built.text).toMatch(/all it printed: ROOT\/.kraft\/logs\//);
  });

  test("strategies say where what runs, by mnemonic and by label", async () => {
    const ranThere = async (...strategies: string[]) => {
      const words = strategies.map((one) => `--strategy=${one}`);
      const scope = `--remote-scope=${strategies.join("-")}`;
      const { code, text } = await rig(cWorkspace).build("//...", there(), scope, ...words);
      expect(code, text).toBe(0);
      return Number(/; (\d+) of them elsewhere; /.exec(text)?.[1] ?? 0);
    };
    expect(await ranThere("local")).toBe(0);
    expect(await ranThere("local", "//lib/...=remote")).toBe(2);
    expect(await ranThere("//app:zero=local")).toBe(3);
    expect(await ranThere("Exec=local")).toBe(0);
  });

  test("whoever races has the result of one of the two places", async () => {
    const here = await rig(cWorkspace).build("//app:sum");
    const { build, cache } = rig(cWorkspace);
    const built = await build("//app:sum", there(), "--strategy=race", "--remote-scope=race");
    expect(built, built.text).toMatchObject({ code: 0, counts: { executed: 3 } });
    expect(built.outputs["app/sum/sum"]).toBe(here.outputs["app/sum/sum"]);
    expect(wrongBlobs(cache)).toEqual([]);
  });

  test("a build goes on here when the worker is killed while it works for it", async () => {
    const { built, address, workspace } = await killed("//...", { srcs: [] });
    expect(built.text).toContain(`note: going on without the remote executor ${address}: `);
    expect(built.code, built.text).toBe(0);
    expect(built.text.match(/going on without/g)).toHaveLength(1);
    expect(workspace.read(".kraft/out/gate/waits/waited")).toBe("here");
  });

  test("what stayed at a worker that is killed is made again here", async () => {
    const { built, workspace } = await killed("//gate:waits", {
      srcs: ["//lib:add"],
      wordsFor: (address) => [
        `--remote-cache=${address}`,
        "--remote-upload=always",
        "--download=toplevel",
      ],
    });
    expect(built.code, built.text).toBe(0);
    expect(built.text.match(/Exec lib\/add\/add.o/g)?.length).toBeGreaterThan(1);
    expect(workspace.read(".kraft/out/gate/waits/waited")).toBe("here");
  });

  /** `label` of the examples, built there; `objects` are those that came here. */
  async function buildOf(label: string, ...words: string[]) {
    const { build, cache } = examplesRig();
    const { code, text, outputs, events } = await build(label, there(), ...words);
    expect(code, text).toBe(0);
    // What stays there is there for whoever reads it, and is not made again.
    expect(events.filter(({ kind }) => kind === "outputs-lost")).toEqual([]);
    expect(text).toMatch(/ of them elsewhere; /);
    const objects = filesBelow(join(cache, "cas")).filter(isObject).length;
    return { text, outputs, objects };
  }

  /** Kills a worker while `//gate:waits` runs there. */
  async function killed(
    label: string,
    { srcs, wordsFor = () => [] }: { srcs: string[]; wordsFor?: (address: string) => string[] },
  ) {
    const worker = await startRemoteWorker();
    onTestFinished(worker.stop);
    const directory = temporaryDirectory();
    const [started, gate] = [join(directory, "started"), join(directory, "gate")];
    const command = `touch ${started}; until test -e ${gate}; do sleep 0.1; done; printf here > $OUT`;
    const waits = { rule: "exec", srcs, outs: ["waited"], command };
    const build = `version: 1\ntargets:\n  - ${JSON.stringify({ name: "waits", ...waits })}\n`;
    const workspace = rig({ ...cWorkspace, "gate/kraft.build.yaml": build });
    const address = `grpc://127.0.0.1:${worker.grpc}`;
    const words = [`--remote-executor=${address}`, ...wordsFor(address), "--sandbox=none"];
    const building = workspace.build(label, ...words);
    await vi.waitUntil(() => existsSync(started), { timeout: 60_000 });
    await worker.stop();
    writeFileSync(gate, "");
    return { built: await building, address, workspace };
  }
});

test("a server that is none, or executes nothing, costs a line and no build", async () => {
  const nowhere = await rig(cWorkspace).build("//app:zero", "--remote-executor=grpc://127.0.0.1:1");
  expect(nowhere, nowhere.text).toMatchObject({ code: 0, counts: { executed: 1 } });
  expect(nowhere.text).toMatch(/^note: going on without the remote executor grpc:..127.0.0.1:1: /m);
  const web = await rig(cWorkspace).build("//app:zero", "--remote-executor=http://127.0.0.1:1");
  expect(web, web.text).toMatchObject({ code: 0, counts: { executed: 1 } });
  expect(web.text).toContain("which is not grpc://HOST:PORT");
});

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.flatMap((one) => (one.isFile() ? [join(one.parentPath, one.name)] : []));
}

/** Whether the file is relocatable ELF. */
function isObject(file: string): boolean {
  const head = readFileSync(file).subarray(0, 18);
  return head.subarray(0, 4).toString("latin1") === "\x7fELF" && head[16] === 1;
}
