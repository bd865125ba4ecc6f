import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import { hasBazel, openBazel } from "../query/bazel-client.ts";
import { makeCertificates } from "../remote/live-server.ts";
import { cWorkspace } from "./c-workspace.ts";
import { type Ran, rig, temporaryDirectory, wrongBlobs } from "./rig.ts";

/** `cache serve` with `words`, outside of any workspace, until the test is over. */
async function serve(...words: readonly string[]) {
  const { run, cache } = rig({});
  let kill: () => void = () => undefined;
  let ended: Promise<Ran> | undefined;
  const addresses = await new Promise<readonly string[]>((resolve, reject) => {
    const all = ["cache", "serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", ...words];
    ended = run(all, {
      watch: (running) => {
        kill = () => running.kill("SIGINT");
        running.whenSaid(2, (lines) => resolve(lines));
      },
    });
    ended.then(({ text }) => reject(new Error(`it ended: ${text}`)), reject);
  });
  const [grpc = "", http = ""] = addresses;
  const stop = async () => {
    kill();
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  return { grpc, http, cache, stop };
}

test.each(["grpc", "http"] as const)(
  "two workspaces share what they build, over %s",
  async (by) => {
    const server = await serve();
    const remote = `--remote-cache=${server[by]}`;
    const first = await rig(cWorkspace).build("//...", remote, "--remote-upload=always");
    expect(first, first.text).toMatchObject({ code: 0, counts: { executed: 4 } });
    const second = await rig(cWorkspace).build("//...", remote);
    expect(second, second.text).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
    expect(second.outputs).toEqual(first.outputs);
    expect(wrongBlobs(server.cache)).toEqual([]);
    // Whoever builds on the machine of the server has it, too.
    const here = await rig(cWorkspace, { cache: server.cache }).build("//...");
    expect(here, here.text).toMatchObject({ code: 0, counts: { localHit: 4 } });
    expect(await server.stop()).toMatchObject({ code: 130, stderr: "" });
  },
);

test("who shows no token that may write reads, and gives nothing", async () => {
  const tokens = join(temporaryDirectory(), "tokens");
  writeFileSync(tokens, "write s3cret\n");
  const { grpc, http } = await serve("--token-file", tokens);
  for (const address of [grpc, http]) {
    const remote = `--remote-cache=${address}`;
    const without = await rig(cWorkspace).build("//app:zero", remote, "--remote-upload=always");
    expect(without, without.text).toMatchObject({ code: 0, counts: { executed: 1 } });
    expect(without.text.match(/^note: nothing is given to the remote cache .*$/gm)).toHaveLength(1);
    expect(without.text).not.toContain("s3cret");
  }
  const words = ["build", "//app:zero", `--remote-cache=${grpc}`, "--remote-upload=always"];
  const header = "--remote-header=authorization=Bearer ${TOKEN}";
  const env = { TOKEN: "s3cret" };
  expect((await rig(cWorkspace).run([...words, header], { env })).counts).toEqual({ executed: 1 });
  expect((await rig(cWorkspace).run(words)).counts).toEqual({ remoteHit: 1 });
});

test("a server with a certificate is spoken to by TLS alone, over both", async () => {
  const { certificate, key, authority } = makeCertificates(temporaryDirectory());
  const { grpc, http } = await serve("--tls-certificate", certificate, "--tls-key", key);
  expect([grpc, http].map((address) => new URL(address).protocol)).toEqual(["grpcs:", "https:"]);
  const env = { KRAFT_GRAPH_REMOTE_CA: authority };
  for (const [address, counts] of [
    [grpc, { executed: 1 }],
    [http, { remoteHit: 1 }],
  ] as const) {
    const words = ["build", "//app:zero", `--remote-cache=${address}`, "--remote-upload=always"];
    const built = await rig(cWorkspace).run(words, { env });
    expect(built, built.text).toMatchObject({ code: 0, counts });
    // Who does not know the authority gives and takes nothing.
    const stranger = await rig(cWorkspace).run(words);
    expect(stranger, stranger.text).toMatchObject({ code: 0, counts: { executed: 1 } });
    expect(stranger.text).toContain("going on without the remote cache");
  }
});

test("a read-only server gives what it has, and takes nothing", async () => {
  const { grpc, http, cache } = await serve("--read-only");
  const filled = await rig(cWorkspace, { cache }).build("//...");
  expect(filled.counts).toEqual({ executed: 4 });
  const remote = `--remote-cache=${grpc}`;
  const built = await rig(cWorkspace).build("//...", remote, "--remote-upload=always");
  expect(built, built.text).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
  expect((await fetch(`${http}/cas/${"0".repeat(64)}`, { method: "PUT", body: "" })).status).toBe(
    401,
  );
  expect(await (await fetch(`${http}/status`)).json()).toMatchObject({ readOnly: true });
});

test.each([
  [["--listen", "0.0.0.0:0"], "everybody could write to a cache at 0.0.0.0:0"],
  [["--read-only", "--http", "nowhere"], "--http nowhere is not HOST:PORT"],
  [["--token-file", "/absent"], "/absent"],
  [["--tls-key", "/absent"], "go together"],
])("a server that cannot be as %j says is refused", async (words, problem) => {
  const base = ["cache", "serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"];
  const { code, text } = await rig({}).run([...base, ...words]);
  expect(text).toContain(problem);
  expect(code).toBe(2);
});

const genrules = {
  WORKSPACE: "",
  BUILD: `genrule(name = "hello", outs = ["hello.txt"], cmd = "echo hello > $@")
genrule(
    name = "more",
    srcs = [":hello"],
    outs = ["twice.txt", "count.txt"],
    cmd = "cat $< $< > $(location twice.txt); wc -c < $< > $(location count.txt)",
)
`,
};

describe.skipIf(!hasBazel)("Bazel's client, which Debian has as bazel-bootstrap", () => {
  test.each(["grpc", "http"] as const)(
    "gets all its hits after a clean, over %s",
    async (by) => {
      const server = await serve();
      const bazel = openBazel(genrules);
      onTestFinished(() => bazel.close());
      const words = ["//...", `--remote_cache=${server[by]}`, "--spawn_strategy=local"];
      const first = bazel.run("build", ...words, "--noshow_progress");
      expect(first).toContain("2 local");
      const built = bazel.output("count.txt");
      bazel.run("clean");
      const second = bazel.run("build", ...words, "--noshow_progress");
      expect(second).toContain("2 remote cache hit");
      expect(second).not.toContain("local");
      expect(bazel.output("count.txt")).toBe(built);
      expect(wrongBlobs(server.cache)).toEqual([]);
    },
    240_000,
  );
});
