import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import { parseChallenges } from "../../src/registry/challenge.ts";
import { registryCredentials } from "../../src/registry/credentials.ts";
import { freshDirectory } from "../fetch/fetch-rig.ts";

/** A home directory with `files`, by path, and the programs that are needed in it. */
function home(files: Readonly<Record<string, unknown>>) {
  const directory = freshDirectory();
  for (const [path, value] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    const text = typeof value === "string" ? value : JSON.stringify(value);
    writeFileSync(join(directory, path), text);
    if (path.startsWith("bin/")) chmodSync(join(directory, path), 0o755);
  }
  const environment = { HOME: directory, PATH: `${join(directory, "bin")}:/usr/bin:/bin` };
  const { signal } = new AbortController();
  return {
    directory,
    find: (registry: string, repository = "team/app", more: Record<string, string> = {}) =>
      registryCredentials(registry, repository, {
        environment: { ...environment, ...more },
        signal,
      }),
  };
}

const encoded = (text: string) => Buffer.from(text).toString("base64");
const person = (user: string) => ({ kind: "password", user, password: "p:w" });
const entry = (user: string) => ({ auth: encoded(`${user}:p:w`) });

test("nobody is known without a file", async () => {
  expect(await home({}).find("ghcr.io")).toBeUndefined();
});

test("the longest name of auth.json counts, before Docker's config.json, before netrc", async () => {
  const { find } = home({
    ".config/containers/auth.json": {
      auths: { "ghcr.io": entry("host"), "ghcr.io/team": entry("team") },
    },
    ".docker/config.json": {
      auths: { "ghcr.io": entry("docker"), "https://index.docker.io/v1/": entry("hub") },
    },
    ".netrc": "machine quay.io login net password p:w",
  });
  expect(await find("ghcr.io", "team/app")).toEqual(person("team"));
  expect(await find("ghcr.io", "other/app")).toEqual(person("host"));
  expect(await find("docker.io")).toEqual(person("hub"));
  expect(await find("quay.io")).toEqual(person("net"));
  expect(await find("quay.io:5000")).toEqual(person("net"));
});

test("REGISTRY_AUTH_FILE is the only file, where it is given", async () => {
  const { find, directory } = home({
    ".docker/config.json": { auths: { "ghcr.io": entry("docker") } },
    "own.json": { auths: {} },
  });
  const only = { REGISTRY_AUTH_FILE: join(directory, "own.json") };
  expect(await find("ghcr.io", "app", only)).toBeUndefined();
  expect(await find("ghcr.io", "app")).toEqual(person("docker"));
});

const helper = (answer: string) =>
  `#!/bin/sh\nread server\necho "$1 $server" >> "$HOME/asked"\n${answer}\n`;

test("a helper is asked for its host, and the store for all others", async () => {
  const { find, directory } = home({
    ".docker/config.json": {
      credHelpers: { "ghcr.io": "one" },
      credsStore: "all",
      auths: { "ghcr.io": {}, "quay.io": {} },
    },
    "bin/docker-credential-one": helper(`echo '{"Username":"<token>","Secret":"refresh"}'`),
    "bin/docker-credential-all": helper(`echo '{"Username":"all","Secret":"p:w"}'`),
  });
  expect(await find("ghcr.io")).toEqual({ kind: "identity", token: "refresh" });
  expect(await find("docker.io")).toEqual(person("all"));
  const asked = readFileSync(join(directory, "asked"), "utf8");
  expect(asked).toBe("get ghcr.io\nget https://index.docker.io/v1/\n");
});

test("a helper that knows nothing is passed over, and one that fails is told of", async () => {
  const { find } = home({
    ".docker/config.json": {
      credHelpers: { "a.io": "none", "b.io": "broken", "c.io": "gone", "d.io": "../x" },
    },
    "bin/docker-credential-none": helper(`echo "credentials not found in native keychain"; exit 1`),
    "bin/docker-credential-broken": helper(`echo "no keychain" >&2; exit 3`),
  });
  expect(await find("a.io")).toBeUndefined();
  await expect(find("b.io")).rejects.toThrow("docker-credential-broken fails: no keychain");
  await expect(find("c.io")).rejects.toThrow("docker-credential-gone cannot be run");
  await expect(find("d.io")).rejects.toThrow("is no name of a helper");
});

test("a file that is not JSON is told of, and none of it", async () => {
  const { find, directory } = home({ ".docker/config.json": "{secret" });
  const path = join(directory, ".docker/config.json");
  await expect(find("ghcr.io")).rejects.toThrow(
    `${path}, with credentials of registries, cannot be read`,
  );
});

test.each([
  ['Basic realm="x"', [{ kind: "basic" }]],
  [
    'Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"',
    [{ kind: "bearer", realm: "https://a/t", service: "s", scope: "repository:a:pull,push" }],
  ],
  [
    'Negotiate, bearer realm="https://a/t\\"q", Basic realm=x',
    [
      { kind: "bearer", realm: 'https://a/t"q', service: undefined, scope: undefined },
      { kind: "basic" },
    ],
  ],
  ["Bearer", []],
  ["", []],
])("the challenge %j is understood", (header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges);
});
