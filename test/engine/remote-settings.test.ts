import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { headersOfHelper } from "../../src/engine/header-helper.ts";
import { headersFrom, isTrustedCi, tlsFrom } from "../../src/engine/remote-settings.ts";
import { readSettings } from "../../src/workspace/config.ts";
import { nodeDisk } from "../../src/workspace/disk.ts";
import { FileView } from "../../src/workspace/files.ts";
import { temporaryDirectory } from "../store/store-rig.ts";
import { realHost } from "../sandbox/sandbox-rig.ts";

function settings(env: Readonly<Record<string, string>>) {
  return readSettings({
    root: "/w",
    workspaceFile: undefined,
    files: new FileView({ disk: nodeDisk, epochMs: Date.now }),
    host: { ...realHost, env, workingDirectory: "/w", cpus: 2 },
    builtInRules: [],
    configs: [],
    flags: [],
    report: ({ message }) => expect(message).toBe(""),
  });
}

test.each([
  [{}, false],
  [{ CI: "false" }, false],
  [{ CI: "true" }, true],
  [{ CI: "1", GITHUB_EVENT_NAME: "push" }, true],
  [{ CI: "true", GITHUB_EVENT_NAME: "pull_request" }, false],
  [{ CI: "true", GITHUB_EVENT_NAME: "pull_request_target" }, false],
  [{ CI: "true", CI_MERGE_REQUEST_IID: "7" }, false],
  [{ CI: "true", BUILDKITE_PULL_REQUEST: "false" }, true],
  [{ CI: "true", BUILDKITE_PULL_REQUEST: "7" }, false],
  [{ CI: "true", CI_PIPELINE_EVENT: "pull_request" }, false],
  [{ TF_BUILD: "True", BUILD_REASON: "PullRequest" }, false],
  [{ JENKINS_URL: "http://x", CHANGE_ID: "7" }, false],
])("the environment %j is that of CI that may write: %s", (env, expected) => {
  expect(isTrustedCi(env)).toBe(expected);
});

test("headers hold secrets of variables and of files, and the password of the address", () => {
  const file = join(temporaryDirectory(), "token");
  writeFileSync(file, "of-file\n");
  const text = `x-one=\${ONE},authorization=Bearer \${file:${file}},x-plain=a`;
  const env = { KRAFT_GRAPH_REMOTE_HEADERS: text, ONE: "of-variable" };
  expect(headersFrom(settings(env), { env }, { user: "anna", password: "p" })).toEqual({
    "x-one": "of-variable",
    authorization: "Bearer of-file",
    "x-plain": "a",
  });
  expect(headersFrom(settings({}), { env: {} }, { user: "anna", password: "p" })).toEqual({
    authorization: "Basic YW5uYTpw",
  });
});

test("a secret or a certificate that is not there is told of by its name", () => {
  const env = { KRAFT_GRAPH_REMOTE_HEADERS: "authorization=${NONE}" };
  expect(() => headersFrom(settings(env), { env }, undefined)).toThrow(
    "the header authorization needs the variable NONE, which is not set",
  );
  expect(() => tlsFrom(settings({ KRAFT_GRAPH_REMOTE_CA: "/none.pem" }))).toThrow(/^remote\.ca: /);
});

function helper(script: string): string {
  const path = join(temporaryDirectory(), "helper");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("a helper is asked as Bazel asks its credential helpers, and gives headers", async () => {
  const path = helper(
    `read -r asked; printf '{"headers": {"X-Asked": ["%s"], "X-Words": ["%s", "b"]}}' "$(echo "$asked" | tr -d '"')" "$*"`,
  );
  const ask = {
    command: `${path} --for me`,
    root: "/",
    address: "grpc://cache",
    host: { env: { PATH: "/usr/bin:/bin" } },
  };
  expect(await headersOfHelper(ask)).toEqual({
    "x-asked": "{uri:grpc://cache}",
    "x-words": "--for me get, b",
  });
});

test.each([
  ["echo secret-of-helper; exit 0", /did not print \{"headers"/],
  ['echo \'{"headers": {"a": 7}}\'', /did not print/],
  ["echo no luck >&2; exit 3", /the header helper failed: no luck/],
])("a helper that does `%s` is told of without what it printed", async (script, message) => {
  const path = helper(script);
  const asked = headersOfHelper({
    command: path,
    root: "/",
    address: "grpc://cache",
    host: { env: {} },
  });
  await expect(asked).rejects.toThrow(message);
  await expect(asked).rejects.not.toThrow(/secret-of-helper/);
});

test("a helper that is not there is told of", async () => {
  const asked = headersOfHelper({
    command: "no-such-helper",
    root: "/",
    address: "grpc://cache",
    host: { env: { PATH: "/usr/bin" } },
  });
  await expect(asked).rejects.toThrow("there is no header helper no-such-helper");
});
