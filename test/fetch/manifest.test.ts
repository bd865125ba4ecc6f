import { describe, expect, test } from "vitest";

import { parseComponentName } from "../../src/fetch/component-name.ts";
import { FetchError } from "../../src/fetch/fetch-error.ts";
import { ManifestCatalog } from "../../src/fetch/manifest-catalog.ts";

const digest = "0123456789abcdef".repeat(4);

/** Files of a server and of the machine, by address. */
const files: Readonly<Record<string, string>> = {
  "https://manifests.example/index.yaml": `
name: official
last_updated: 2024-06-01T00:00:00Z
manifests:
  - name: unikraft
    type: core
    manifest: unikraft.yaml
  - { name: musl, type: lib, manifest: ./libs/musl.yaml }
  - { name: nginx, type: lib, manifest: libs/nginx.yaml }
  - { name: nginx, type: app, manifest: apps/nginx.yaml }
  - manifest: libs/lwip.yaml
`,
  "https://manifests.example/unikraft.yaml": `
name: unikraft
type: core
origin: https://github.com/unikraft/unikraft.git
provider: github
channels:
  - name: staging
    resource: https://github.com/unikraft/unikraft/archive/refs/heads/staging.tar.gz
  - name: stable
    default: true
    latest: 0.17.0
    resource: https://github.com/unikraft/unikraft/archive/refs/heads/stable.tar.gz
versions:
  - version: 0.17.0
    type: semver
    resource: https://github.com/unikraft/unikraft/archive/refs/tags/RELEASE-0.17.0.tar.gz
    sha256: ${digest}
  - version: 1.10
    resource: releases/1.10.tar.gz
    sha256: ${digest.toUpperCase()}
`,
  "https://manifests.example/libs/musl.yaml": `
name: musl
type: lib
description: A C library
origin: https://github.com/unikraft/lib-musl.git
provider: git
channels: [{ name: stable, default: true }, { name: staging }]
versions:
  - { version: 1a2b3c4, type: gitsha, unikraft: 0.17.0 }
  - { version: 0.17.0, type: semver, unikraft: 0.16.0 }
  - { version: 5d6e7f8, type: gitsha, unikraft: 0.15.0, sha256: "" }
`,
  "https://manifests.example/libs/lwip.yaml": "{ name: lwip, type: lib }",
  "/manifests/single.yaml": `
name: my-lib
type: lib
channels:
  - { name: only, resource: ../archives/my lib.tar.gz }
`,
};

const official = ["https://manifests.example/index.yaml"];

describe("a component is found", () => {
  const github = "https://github.com/unikraft/unikraft/archive/refs";
  test.each([
    ["unikraft", { kind: "archive", moves: true, urls: [`${github}/heads/stable.tar.gz`] }],
    ["unikraft:staging", { moves: true, urls: [`${github}/heads/staging.tar.gz`] }],
    [
      "unikraft:0.17.0",
      { moves: false, sha256: digest, urls: [`${github}/tags/RELEASE-0.17.0.tar.gz`] },
    ],
    ["unikraft:1.10", { sha256: digest, urls: ["https://manifests.example/releases/1.10.tar.gz"] }],
    ["musl", { kind: "git", url: "https://github.com/unikraft/lib-musl.git", reference: "stable" }],
    ["lib-musl:staging", { kind: "git", moves: true, reference: "staging" }],
    ["libs/musl:1a2b3c4", { kind: "git", moves: false, reference: "1a2b3c4" }],
    [`musl:1a2b3c4${"0".repeat(33)}`, { reference: "1a2b3c4" }],
    ["musl:0.15.0", { reference: "5d6e7f8" }],
    ["musl:0.17.0", { reference: "0.17.0" }],
    ["musl:0.16.0", { reference: "0.17.0" }],
    ["musl:>=0.16", { reference: "0.17.0", moves: true, chosen: "0.17.0", unikraft: "0.16.0" }],
    ["musl:<0.16", { reference: "5d6e7f8", unikraft: "0.15.0" }],
    ["unikraft:^1.2", { urls: ["https://manifests.example/releases/1.10.tar.gz"] }],
  ])("%s", (name, expected) => {
    expect(resolved(name)).toMatchObject(expected);
  });

  test("in a manifest of its own, with paths beside it", () => {
    expect(resolved("my-lib", ["/manifests/single.yaml"])).toMatchObject({
      kind: "archive",
      urls: ["/archives/my lib.tar.gz"],
      sha256: undefined,
    });
  });

  test("in the first source that tells of it", () => {
    const own = {
      "/own.yaml": "{name: musl, type: lib, channels: [{name: own, resource: a.tgz}]}",
    };
    expect(resolved("musl", ["/own.yaml", ...official], own)).toMatchObject({
      urls: ["/a.tgz"],
    });
  });

  test("in the version that is for the core, and else in the latest", () => {
    const text = `
name: tls
type: lib
origin: https://host/tls.git
versions:
  - { version: 2.1.0, unikraft: ">=0.17" }
  - { version: 2.0.0, unikraft: 0.16.3 }
  - { version: 1.9.0, unikraft: "^0.16.0" }
`;
    const { catalog } = catalogOf(["/tls.yaml"], { "/tls.yaml": text });
    const chosen = (version: string, core?: string) =>
      catalog.resolve({ type: "lib", name: "tls", version }, core).chosen;
    expect(chosen(">=1")).toBe("2.1.0");
    expect(chosen(">=1", "0.16.3")).toBe("2.0.0");
    expect(chosen("^1", "0.18.0")).toBe("1.9.0");
    expect(chosen("0.16.9")).toBe("1.9.0");
  });

  test("in a source that has the version, when the first one that tells of it has not", () => {
    const own = { "/own.yaml": "{name: musl, type: lib, channels: [{name: own, resource: a}]}" };
    expect(resolved("musl:staging", ["/own.yaml", ...official], own)).toMatchObject({
      reference: "staging",
    });
  });

  test("and only the files on the way to it are read", () => {
    const { catalog, asked } = catalogOf(official);
    catalog.resolve({ type: "lib", name: "musl", version: undefined });
    catalog.resolve({ type: "lib", name: "musl", version: "staging" });
    expect(asked.map((address) => address.replace("https://manifests.example/", ""))).toEqual([
      "index.yaml",
      "libs/lwip.yaml",
      "libs/musl.yaml",
    ]);
  });
});

describe("what cannot be found is told in one line, with what to do", () => {
  test.each([
    ["mussl", "unknown-component: no manifest tells of mussl", 'did you mean "musl"?'],
    ["app/musl", "unknown-component: no manifest tells of app/musl", 'did you mean "musl"?'],
    [
      "nginx:stable",
      "unknown-component: nginx may be lib/nginx:stable or app/nginx:stable",
      "say which of them",
    ],
    [
      "unikraft:0.71.0",
      'unknown-component: unikraft has no version and no channel "0.71.0"',
      'did you mean "0.17.0"?',
    ],
    [
      "musl:main",
      'unknown-component: lib/musl has no version and no channel "main"',
      "there are: stable, staging, 1a2b3c4, 0.17.0, 0.16.0, 5d6e7f8, 0.15.0",
    ],
    [
      "musl:>=3",
      "unknown-component: lib/musl has no version >=3",
      "there are: stable, staging, 1a2b3c4, 0.17.0, 0.16.0, 5d6e7f8, 0.15.0",
    ],
    ["lwip", "unknown-component: lib/lwip has no default channel", undefined],
  ])("%s", (name, says, help) => {
    expect(failure(name, official, {})).toEqual({ says, help });
  });
});

/** Nine lists of nine of the one before: 400 million names. */
function aliasBomb(): string {
  const lists = Array.from({ length: 9 }, (_, i) => {
    const items = Array(9).fill(i === 0 ? "x" : `*list${i - 1}`);
    return `l${i}: &list${i} [${items.join(", ")}]`;
  });
  return [...lists, "name: *list8", "type: lib"].join("\n");
}

/** Each is a manifest of a server, unless it is of this machine. */
const hostile: readonly (readonly [title: string, text: string, says: string])[] = [
  ["nothing", "", "ADDRESS is not a manifest"],
  ["a list", "[a, b]", "ADDRESS is not a manifest"],
  [
    "no YAML",
    "name: [a",
    "ADDRESS:1:9: flow sequence in block collection must be sufficiently indented",
  ],
  ["no name", "type: lib", "ADDRESS:1:1: a manifest has no name"],
  ["no type", "name: a", "ADDRESS:1:1: the manifest a has no type"],
  [
    "an unknown type",
    "{name: a, type: virus}",
    "ADDRESS:1:1: the manifest a has the unknown type virus",
  ],
  ["a name that is a map", "{name: {a: b}, type: lib}", "ADDRESS:1:8: name is not text"],
  ["a key twice", "name: a\nname: b\ntype: lib", 'ADDRESS:2:1: "name" stands here again'],
  ["a bomb of aliases", aliasBomb(), "ADDRESS:"],
  ["depth", "[".repeat(10_000), "ADDRESS:1:"],
  [
    "an archive of this machine",
    "{name: a, type: lib, channels: [{name: stable, resource: 'file:///etc/passwd'}]}",
    "ADDRESS names file:///etc/passwd, a file of this machine",
  ],
  [
    "an archive that cannot be fetched",
    "{name: a, type: lib, channels: [{name: stable, resource: 'ftp://host/a'}]}",
    "ADDRESS names ftp://host/a, which cannot be fetched",
  ],
  [
    "an unprotected archive",
    "{name: a, type: lib, channels: [{name: stable, resource: 'http://u:secret@host/a?secret'}]}",
    "ADDRESS names http://host/a?…, which is unprotected",
  ],
  [
    "a repository of this machine",
    "{name: a, type: lib, origin: /home/me, channels: [{name: stable}]}",
    "ADDRESS names /home/me, which is refused",
  ],
  [
    "a program for git to run",
    "{name: a, type: lib, origin: 'ext::sh -c x', channels: [{name: stable}]}",
    "ADDRESS names ext::sh -c x, which is refused",
  ],
  [
    "an option for git",
    "{name: a, type: lib, origin: '--upload-pack=x', channels: [{name: stable}]}",
    "ADDRESS names --upload-pack=x, which is refused",
  ],
  [
    "no place at all",
    "{name: a, type: lib, channels: [{name: stable}]}",
    "ADDRESS does not say where lib/a:stable is",
  ],
  [
    "a link to itself",
    "{name: a, type: lib, manifest: a.yaml}",
    "ADDRESS: manifests name one another without end",
  ],
  [
    "a link to a file of this machine",
    "{name: a, type: lib, manifest: 'file:///etc/passwd'}",
    "ADDRESS names file:///etc/passwd, a file of this machine",
  ],
  [
    "a checksum that is none, which leaves no version",
    "{name: a, type: lib, channels: [{name: stable, resource: a.tgz, sha256: abc}]}",
    "lib/a has no default channel",
  ],
  [
    "channels of a wrong kind, which are left out",
    "{name: a, type: lib, channels: {stable: x}, versions: [1, [2]]}",
    "lib/a has no default channel",
  ],
];

test.each(hostile)("a manifest with %s does no harm", (_, text, says) => {
  const address = "https://host/a.yaml";
  const found = failure("lib-a", [address], { [address]: text });
  const expected = says.replace("ADDRESS", address);
  expect(found.says.slice(found.says.indexOf(": ") + 2)).toContain(expected);
});

test("manifests that name one another in a circle end", () => {
  const shards = {
    "https://host/1.yaml": "{name: a, type: lib, manifest: 2.yaml}",
    "https://host/2.yaml": "{name: a, type: lib, manifest: 1.yaml}",
    "https://host/3.yaml": "{manifests: [{manifest: 4.yaml}]}",
    "https://host/4.yaml": "{manifests: [{manifest: 3.yaml}]}",
  };
  const circle = failure("lib-a", ["https://host/1.yaml"], shards);
  expect(circle.says).toMatch(/manifests name one another without end$/);
  const indexes = failure("lib-a", ["https://host/3.yaml"], shards);
  expect(indexes.says).toBe("unknown-component: no manifest tells of lib/a");
});

test("an index that goes on for ever ends", () => {
  const asked: string[] = [];
  const catalog = new ManifestCatalog(["https://host/0.yaml"], (address) => {
    asked.push(address);
    return `{manifests: [{manifest: ${asked.length}.yaml}]}`;
  });
  expect(() => catalog.list()).toThrow("https://host/6.yaml: manifests name one another");
  expect(asked).toHaveLength(6);
});

test("an entry that makes no sense spoils no other, and is told of", () => {
  const address = "https://host/index.yaml";
  const text = `
manifests:
  - 5
  - {name: a, type: virus}
  - {name: b, type: lib, versions: [{resource: x}], channels: [{name: stable, resource: b.tgz}]}
`;
  const { catalog } = catalogOf([address], { [address]: text });
  expect(catalog.resolve({ type: "lib", name: "b", version: undefined })).toMatchObject({
    urls: ["https://host/b.tgz"],
  });
  expect(catalog.list().map(({ manifest }) => manifest.name)).toEqual(["b"]);
  expect(catalog.problems()).toEqual([
    `${address}:3:5: an entry of manifests is not a map`,
    `${address}:4:5: the manifest a has the unknown type virus`,
    `${address}:5:37: a version has no version`,
  ]);
});

test.each([
  ["musl", undefined, "musl", undefined],
  ["lib-musl", "lib", "musl", undefined],
  ["Libs/musl:1.2", "lib", "musl", "1.2"],
  ["app/nginx:stable", "app", "nginx", "stable"],
  ["plat-xen", "plat", "xen", undefined],
  ["archs/arm64", "arch", "arm64", undefined],
  ["unikraft:0.17.0", "core", "unikraft", "0.17.0"],
  ["library", undefined, "library", undefined],
])("the name %s is understood", (text, type, name, version) => {
  expect(parseComponentName(text)).toEqual({ type, name, version });
});

test.each(["", ":stable", "a b", "a:"])("%j is no name", (text) => {
  expect(parseComponentName(text)).toBeUndefined();
});

function catalogOf(sources: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const catalog = new ManifestCatalog(sources, (address) => {
    asked.push(address);
    const text = more[address] ?? files[address];
    if (text === undefined) throw new FetchError("not-found", `${address} is not there`);
    return text;
  });
  return { catalog, asked };
}

function resolved(
  name: string,
  sources: readonly string[] = official,
  more: Readonly<Record<string, string>> = {},
) {
  const wanted = parseComponentName(name);
  const { catalog } = catalogOf(sources, more);
  if (wanted === undefined) throw new Error(`${name} is no name`);
  return catalog.resolve(wanted);
}

function failure(name: string, sources: readonly string[], more: Readonly<Record<string, string>>) {
  try {
    return { says: `resolved: ${JSON.stringify(resolved(name, sources, more))}` };
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    return { says: `${error.code}: ${error.message}`, help: error.help };
  }
}
