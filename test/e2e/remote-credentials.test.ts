import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { accessByTokens } from "../../src/serve/access.ts";
import { serving } from "../serve/serving.ts";
import { cWorkspace } from "./c-workspace.ts";
import { filesBelow, type Ran, rig, temporaryDirectory } from "./rig.ts";

const token = "t0ken-0f-test/that+nobody=sees";
const user = "somebody";

/** As a part of an address, and as a header of HTTP. */
const forms = [
  token,
  encodeURIComponent(token),
  Buffer.from(`${user}:${token}`).toString("base64"),
  Buffer.from(token).toString("base64").replaceAll("=", ""),
];

/** A server that knows nobody but who has the token. */
function guarded() {
  const tokens = `write ${token}\nread another\n`;
  return serving({ access: accessByTokens(tokens, false) });
}

/** Some action fails, which says all that it has been told. */
const telling = {
  ...cWorkspace,
  "tell/kraft.build.yaml": `version: 1
targets:
  - {name: tell, rule: exec, outs: [out], command: 'env >&2; exit 1'}
`,
};

/** The files below `directories` in which `text` stands. */
function filesWith(text: string, directories: readonly string[]): string[] {
  return directories.flatMap((directory) =>
    filesBelow(directory)
      .map((path) => join(directory, path))
      .filter((path) => readFileSync(path, "latin1").includes(text)),
  );
}

function remoteOf({ events }: Ran): unknown {
  return events.at(-1)?.["remote"];
}

describe.each([
  ["a bearer's token for gRPC", "grpc", "Bearer"],
  ["a bearer's token for HTTP", "http", "Bearer"],
  ["a name and a password in an address", "http", "Basic"],
] as const)("%s", (_, protocol, scheme) => {
  test("lets a build read and write, and stands nowhere behind it", async () => {
    const server = await guarded();
    const cache = server[protocol];
    const withPassword = cache.replace("://", `://${user}:${encodeURIComponent(token)}@`);
    const env: Record<string, string> =
      scheme === "Basic"
        ? { KRAFT_GRAPH_REMOTE_CACHE: withPassword }
        : {
            KRAFT_GRAPH_REMOTE_CACHE: cache,
            KRAFT_GRAPH_REMOTE_HEADERS: "authorization=Bearer ${TOKEN_OF_TEST}",
            TOKEN_OF_TEST: token,
          };
    const one = rig(telling);
    const profile = `--profile=${join(one.place, "trace.json")}`;
    const words = ["build", "//...", "--keep-going", "--explain", "--verbose", profile];
    const built = await one.run([...words, "--remote-upload=always"], { env });
    expect(built, built.text).toMatchObject({ code: 1, counts: { executed: 4, failed: 1 } });
    expect(remoteOf(built)).toMatchObject({ failed: 0 });
    const other = rig(cWorkspace);
    const second = await other.run(["build", "//..."], { env });
    expect(second, second.text).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
    const rans = [built, second];
    for (const more of [
      ["why", "//..."],
      ["why", "--export", "remote", "//app:sum"],
      ["info", "config"],
    ]) {
      rans.push(await other.run(more, { env }));
    }

    // All that says anything is looked at.
    const places = [one.place, other.place, server.directory];
    expect(filesWith("PATH=", places).join("\n")).toContain("/.kraft/logs/");
    expect(filesWith('"remote.cache"', places).join("\n")).toContain("/.kraft/why/builds/");
    expect(filesWith('"remote-call"', places)).toHaveLength(2);
    expect(filesWith("writeResult", places).join("\n")).toContain("/trace.json");
    for (const form of forms) {
      expect(filesWith(form, places), form).toEqual([]);
      for (const { stdout, stderr } of rans) expect(`${stdout}${stderr}`).not.toContain(form);
    }
  }, 180_000);

  test("costs the remote when it is wrong, and stands nowhere behind that either", async () => {
    const server = await guarded();
    const cache = server[protocol];
    const wrong = "wr0ng-token-of-test";
    const env: Record<string, string> =
      scheme === "Basic"
        ? { KRAFT_GRAPH_REMOTE_CACHE: cache.replace("://", `://${user}:${wrong}@`) }
        : {
            KRAFT_GRAPH_REMOTE_CACHE: cache,
            // As it is, for whoever does not know better.
            KRAFT_GRAPH_REMOTE_HEADERS: `authorization=Bearer ${wrong}`,
          };
    const { run, place } = rig(cWorkspace);
    const built = await run(["build", "//app:zero", "--remote-upload=always"], { env });
    expect(built, built.text).toMatchObject({ code: 0, counts: { executed: 1 } });
    expect(built.text).toContain("note: going on without the remote cache ");
    for (const form of [wrong, Buffer.from(`${user}:${wrong}`).toString("base64")]) {
      expect(filesWith(form, [place])).toEqual([]);
      expect(`${built.stdout}${built.stderr}`).not.toContain(form);
    }
  });
});

test.each(["grpc", "http"] as const)(
  "a helper is asked for headers, and once more when the server denies them, over %s",
  async (protocol) => {
    const server = await guarded();
    const directory = temporaryDirectory();
    const [helper, asked] = [join(directory, "helper"), join(directory, "asked")];
    mkdirSync(directory, { recursive: true });
    // What it gives first is too old.
    const script = `#!/bin/sh
echo "$* $(cat)" >> ${asked}
token='${token}'
test "$(wc -l < ${asked})" -gt 1 || token=old
printf '{"headers": {"authorization": ["Bearer %s"]}}' "$token"
`;
    writeFileSync(helper, script);
    chmodSync(helper, 0o755);
    const remote = [`--remote-cache=${server[protocol]}`, `--remote-header-helper=${helper}`];
    const question = `get {"uri":"${server[protocol]}"}\n`;

    const one = rig(cWorkspace);
    const first = await one.build("//...", ...remote, "--remote-upload=always");
    expect(first, first.text).toMatchObject({ code: 0, counts: { executed: 4 } });
    expect(remoteOf(first), first.text).toMatchObject({ failed: 0 });
    expect(readFileSync(asked, "utf8")).toBe(question.repeat(2));

    const other = rig(cWorkspace);
    const second = await other.build("//...", ...remote);
    expect(second, second.text).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
    expect(readFileSync(asked, "utf8")).toBe(question.repeat(3));
    for (const { stdout, stderr } of [first, second]) expect(stdout + stderr).not.toContain(token);
    expect(filesWith(token, [one.place, other.place])).toEqual([]);
  },
);
