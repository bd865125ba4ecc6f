import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { openDaemon } from "./buildkit-daemon.ts";
import { makeDebianBase, serveBase } from "./base-image.ts";
import { openCases } from "./case-rig.ts";
import { cases } from "./cases.ts";
import { debianCases } from "./debian-cases.ts";

const files: Readonly<Record<string, string>> = {
  "a.txt": "a",
  "b.txt": "b",
  "with space": "blank",
  "dir/one.c": "1",
  "dir/one.h": "h",
  "dir/sub/three.c": "3",
  "links/file": "f",
  "closed/in/file": "c",
  "closed/ü/é.txt": "u",
  "modes/plain": "p",
  "modes/run": "r",
  "modes/secret": "s",
};

function makeContext(directory: string): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  mkdirSync(join(directory, "empty/inner"), { recursive: true });
  writeFileSync(join(directory, "empty/file"), "");
  symlinkSync("file", join(directory, "links/to-file"));
  symlinkSync("../dir", join(directory, "links/to-dir"));
  symlinkSync("/nowhere", join(directory, "links/broken"));
  chmodSync(join(directory, "closed/in"), 0o711);
  chmodSync(join(directory, "modes/run"), 0o755);
  chmodSync(join(directory, "modes/secret"), 0o600);
  const tar = [
    "--sort=name",
    "--mtime=@0",
    "--owner=5",
    "--group=6",
    "-C",
    join(directory, "dir"),
    ".",
  ];
  execFileSync("tar", ["-cf", join(directory, "archive.tar"), ...tar]);
  execFileSync("tar", ["-czf", join(directory, "archive.tar.gz"), ...tar]);
}

const hasBuildah = existsSync("/usr/bin/buildah") && process.getuid?.() === 0;
const hasPodman = existsSync("/usr/bin/podman") && process.getuid?.() === 0;
const place = openCases(makeContext);
afterAll(() => place.close());

await serveBase(join(place.root, "base"));
const lack = makeDebianBase(join(place.root, "debian"));
if (lack === undefined) await serveBase(join(place.root, "debian"));
const all = [
  ...cases.map((one) => ({ ...one, lack: undefined })),
  ...debianCases.map((one) => {
    return { ...one, name: `on a distribution: ${one.name}${lack ? `: ${lack}` : ""}`, lack };
  }),
];

/** What buildah leaves of its own where a RUN was. */
const left = /^(?:dev|proc|sys|run|etc\/(?:hosts|hostname|resolv\.conf))(?: |\/)/;

/** Of the case `name`, as a name of directories and images. */
function idOf(name: string): string {
  return name.replaceAll(/[^\w]+/g, "-").toLowerCase();
}

function comparable(lines: readonly string[]): string[] {
  return lines.filter((line) => !left.test(line));
}

const daemon = openDaemon();
afterAll(() => daemon.close());

describe(`the same tree and config as by BuildKit${daemon.kind === "running" ? "" : `: ${daemon.reason}`}`, () => {
  const address = daemon.kind === "running" ? daemon.address : undefined;
  for (const { name, text, lack } of all) {
    test.skipIf(address === undefined || lack !== undefined)(name, async () => {
      const id = idOf(name);
      const own = await place.embedded(`own-${id}`, text);
      const how = { builder: "buildctl", buildkit: address ?? "" } as const;
      const theirs = await place.embedded(`buildkit-${id}`, text, how);
      expect(comparable(own)).toEqual(comparable(theirs));
      expect(place.configOf(`own-${id}`)).toEqual(place.configOf(`buildkit-${id}`));
    });
  }
});

const copying = openCases(makeContext);
afterAll(() => copying.close());
for (const base of ["base", "debian"]) {
  const from = join(place.root, base);
  if (existsSync(from)) cpSync(from, join(copying.root, base), { recursive: true });
}

describe("the same tree where overlay file systems are refused", () => {
  const path = `${refusingMount(copying.root)}:/usr/sbin:/usr/bin:/sbin:/bin`;
  for (const { name, text, lack } of all) {
    if (!/\bRUN\b/.test(text)) continue;
    test.skipIf(lack !== undefined)(name, async () => {
      const id = idOf(name);
      const copied = await copying.embedded(id, text, { path });
      expect(copied).toEqual(await place.embedded(`overlay-${id}`, text));
    });
  }
});

/** A directory with a program `mount` that knows no overlay file systems. */
function refusingMount(root: string): string {
  const directory = join(root, "refusing");
  mkdirSync(directory);
  const script = `#!/bin/sh
case "$*" in *"-t overlay"*) echo "mount: unknown filesystem type" >&2; exit 32;; esac
exec /usr/bin/mount "$@"
`;
  writeFileSync(join(directory, "mount"), script, { mode: 0o755 });
  return directory;
}

describe("the same tree as by buildah", () => {
  for (const { name, text, expected, isForBuildkit, lack } of all) {
    if (expected !== undefined || isForBuildkit === true) continue;
    test.skipIf(!hasBuildah || lack !== undefined)(name, async () => {
      const id = idOf(name);
      const own = await place.embedded(id, text);
      expect(comparable(own)).toEqual(comparable(place.buildah(id, text)));
    });
  }
});

const same = openCases((directory) => {
  for (const name of ["one", "two"]) writeFileSync(join(directory, name), `${name}\n`);
});
afterAll(() => same.close());
// As on a machine without overlays, where files are compared by size and time.
mkdirSync(join(same.root, "images/vfs"), { recursive: true });

describe("what is copied over a file of the same size and time is there", () => {
  const base = "FROM localhost/base\nCOPY one /usr/lib/libc.so.6\n";
  const text = `${base}COPY two /usr/lib/libc.so.6\nCOPY two /x\nCOPY one /x\n`;
  const builders = [undefined, ...(hasBuildah ? (["buildah"] as const) : [])];
  for (const builder of [...builders, ...(hasPodman ? (["podman"] as const) : [])]) {
    test(`as ${builder ?? "the engine"} builds it`, async () => {
      const lines = await same.embedded(builder ?? "own", text, builder && { builder });
      expect(lines).toContain('usr/lib/libc.so.6 file 0644 0:0 "two\\n"');
      expect(lines).toContain('x file 0644 0:0 "one\\n"');
    });
  }
});

describe("the tree that BuildKit gives", () => {
  for (const { name, text, expected } of cases) {
    if (expected === undefined) continue;
    test(name, async () => {
      expect(await place.embedded(idOf(name), text)).toEqual(expected);
    });
  }
});
