import { type IncomingHttpHeaders, request } from "node:http";
import { expect, onTestFinished, test } from "vitest";

import { servePage } from "../../src/page/page-server.ts";
import { PageSession } from "../../src/page/page-session.ts";
import type { PageChange, PageData } from "../../src/page/page-data.ts";
import { buildRig, builtIn, hostIn } from "../engine/build-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nrules: [generic]\n",
  "a/in.txt": "one\n",
  "a/kraft.build.yaml": `version: 1
targets:
  - {name: first, rule: exec, srcs: [in.txt], outs: [x], command: cp $SRCS $OUT}
  - {name: second, rule: exec, srcs: [":first"], outs: [y], command: cp $SRCS $OUT}
`,
};

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A page of a small workspace, and what asks it. */
async function pageRig() {
  const { root, write } = buildRig(files);
  const session = new PageSession({
    host: hostIn(root),
    builtIn,
    flags: [{ name: "--sandbox", key: "build.sandbox", text: "links" }],
    choice: { patterns: ["//..."] },
    engine: { version: "1.2.3", buildId: "test" },
    listen: () => undefined,
    signal: new AbortController().signal,
  });
  const server = await servePage({ session, document: "<!doctype html>", port: 0 });
  onTestFinished(() => server.close());
  const { port, pathname } = new URL(server.url);
  const ask = (path: string, { method = "GET", headers = {} } = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (more: string) => (text += more));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
        );
      });
      asked.on("error", reject);
      asked.end();
    });
  const own = { origin: `http://127.0.0.1:${port}` };
  return {
    write,
    session,
    ask,
    page: (path: string, how = {}) => ask(`${pathname}${path}`, how),
    /** Has the page build, and gives all that it is told until that is over. */
    build: async () => {
      const told: PageChange[] = [];
      const over = new Promise<void>((resolve) => {
        session.feed.subscribe((change) => {
          told.push(change);
          if (change.kind === "mode" && change.mode === "idle") resolve();
        });
      });
      const asked = await ask(`${pathname}build`, { method: "POST", headers: own });
      await over;
      return { status: asked.status, told };
    },
  };
}

test("only who knows the token, and asks this host, gets anything", async () => {
  const rig = await pageRig();
  expect((await rig.ask("/")).status).toBe(403);
  expect((await rig.ask("/data")).status).toBe(403);
  expect((await rig.page("", { headers: { host: "example.com" } })).status).toBe(421);
  const page = await rig.page("");
  expect(page).toMatchObject({ status: 200, text: "<!doctype html>" });
  expect(page.headers).toMatchObject({
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
});

test("another page cannot have it build", async () => {
  const rig = await pageRig();
  const headers = { origin: "http://example.com" };
  expect((await rig.page("build", { method: "POST" })).status).toBe(403);
  expect((await rig.page("build", { method: "POST", headers })).status).toBe(403);
});

test("the graph has targets, files and actions, and a build tells what becomes of each", async () => {
  const rig = await pageRig();
  const data = JSON.parse((await rig.page("data")).text) as PageData;
  const ids = data.graph.nodes.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["//a:first", "//a:second", "//a:in.txt"]));
  const at = (id: string) => ids.indexOf(id);
  const pairs = Array.from({ length: data.graph.edges.length / 2 }, (_, i) =>
    data.graph.edges.slice(2 * i, 2 * i + 2).join(),
  );
  expect(pairs).toContain([at("//a:second"), at("//a:first")].join());
  const { status, told } = await rig.build();
  expect(status).toBe(202);
  const last = new Map(told.flatMap((one) => (one.kind === "run" ? [[one.run.id, one.run]] : [])));
  expect([...last.values()].map(({ state, owner }) => [owner, state])).toEqual([
    ["//a:first", "executed"],
    ["//a:second", "executed"],
  ]);
  expect(told.find(({ kind }) => kind === "build-finished")).toMatchObject({ ok: true });
  const id = last.keys().next().value ?? "";
  const detail = await rig.page(`detail?id=${encodeURIComponent(id)}`);
  expect(detail.text).toContain("cp $SRCS $OUT");
  expect((await rig.page("detail?id=nothing")).status).toBe(404);
});

test("a build that fails says what the action said", async () => {
  const rig = await pageRig();
  rig.write(
    "a/kraft.build.yaml",
    files["a/kraft.build.yaml"].replace("cp $SRCS", "false; cp $SRCS"),
  );
  const { told } = await rig.build();
  const runs = told.flatMap((one) => (one.kind === "run" ? [one.run] : []));
  const failed = runs.find(({ state }) => state === "failed");
  expect(failed).toMatchObject({ owner: "//a:first" });
  expect(failed?.failure).toContain("exit code 1");
  expect(told.find(({ kind }) => kind === "build-finished")).toMatchObject({ ok: false });
});
