import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";

import { rootfsProgram } from "../../../../rules/unikraft/program/rootfs.ts";
import { ProgramError } from "../../../../src/index.ts";
import type { StagedInput } from "../../../../src/sandbox/staged-input.ts";
import {
  type Tree,
  entriesOf,
  pack,
  temporaryDirectory,
  unpack,
  writeTree,
} from "../../../format/format-rig.ts";
import { sandboxRig } from "../../../sandbox/sandbox-rig.ts";
import { runProgram } from "./program-rig.ts";

const output = ".kraft/out/app/rootfs/initramfs.cpio";
const sample: Tree = new Map([
  ["bin", { kind: "directory", mode: 0o755 }],
  ["bin/app", { kind: "file", mode: 0o755, content: "\x7fELF" }],
  ["bin/own", { kind: "symlink", mode: 0o777, content: "/etc/hostname" }],
  ["etc", { kind: "directory", mode: 0o750 }],
  ["etc/hostname", { kind: "symlink", mode: 0o777, content: "/run/etc/hostname" }],
  ["etc/motd", { kind: "file", mode: 0o644, content: "hello\n" }],
  ["var", { kind: "directory", mode: 0o700 }],
]);
const expected = pack(entriesOf(sample), 5);

/** Packs `source` in `root`; gives the archive, and what was printed. */
async function packed(kind: "directory" | "cpio", root: string, source = "app/rootfs") {
  const type = kind === "directory" ? "dir" : kind;
  const request = { sources: [{ path: source, at: "", isSealed: false }], output, type };
  const rest = { format: "cpio", owners: "root", mtime: 5, architecture: "x86_64", leftOut: [] };
  const args = [JSON.stringify({ ...request, ...rest })];
  const printed = await runProgram(rootfsProgram, root, args, { output });
  return { archive: readFileSync(join(root, output)), printed };
}

test("a directory becomes the archive of what is in it, with the time that was asked for", async () => {
  const root = temporaryDirectory();
  writeTree(join(root, "app/rootfs"), sample);
  const { archive, printed } = await packed("directory", root);
  expect(archive.equals(expected)).toBe(true);
  expect(printed).toEqual([]);
});

test("an archive of other order, owners and times becomes the same one", async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app/old.cpio"), pack(entriesOf(sample), 1_000_000_000));
  const { archive } = await packed("cpio", root, "app/old.cpio");
  expect(archive.equals(expected)).toBe(true);
});

/** A workspace with what the engine hides, at several depths. */
function workspace(): string {
  const home = temporaryDirectory();
  writeTree(join(home, "app/rootfs"), sample);
  mkdirSync(join(home, "app/rootfs/.git"));
  writeFileSync(join(home, "app/rootfs/.git/HEAD"), "ref");
  mkdirSync(join(home, "app/rootfs/var/.unikraft"));
  return home;
}

function stagedRootfs(home: string): StagedInput {
  const directory = join(home, "app/rootfs");
  return { kind: "directory", path: "app/rootfs", directory, hidden: [".git", "var/.unikraft"] };
}

test("the links that a sandbox makes are not those of the user", async () => {
  const { sandbox } = sandboxRig({ kind: "links" });
  const inputs = [stagedRootfs(workspace())];
  const tree = sandbox.stage({ inputs, outputs: [output] });
  expect((await packed("directory", tree.root)).archive.equals(expected)).toBe(true);
  tree.dispose();
});

test("in a tree that all actions share, others see a part of the directory", async () => {
  const home = workspace();
  const { sandbox } = sandboxRig({ kind: "none" });
  const motd = join(home, "app/rootfs/etc/motd");
  const inputs: StagedInput[] = [
    { kind: "source", path: "app/rootfs/etc/motd", file: motd },
    { kind: "source", path: "other/motd", file: motd },
    stagedRootfs(home),
  ];
  const first = sandbox.stage({ inputs: inputs.slice(0, 2), outputs: ["other/out"] });
  const second = sandbox.stage({ inputs: inputs.slice(2), outputs: [output] });
  expect((await packed("directory", second.root)).archive.equals(expected)).toBe(true);
  first.dispose();
  second.dispose();
});

test("the whole workspace can be the root file system, without what the engine leaves there", async () => {
  const home = temporaryDirectory();
  writeTree(home, sample);
  mkdirSync(join(home, ".kraft/out"), { recursive: true });
  for (const kind of ["links", "none"] as const) {
    const { sandbox } = sandboxRig({ kind });
    const input = { kind: "directory", path: ".", directory: home, hidden: [".kraft"] } as const;
    const tree = sandbox.stage({ inputs: [input], outputs: [output] });
    expect((await packed("directory", tree.root, ".")).archive.equals(expected)).toBe(true);
    tree.dispose();
  }
});

test("an input that is a link to a directory is followed", async () => {
  const [root, home] = [temporaryDirectory(), temporaryDirectory()];
  writeTree(home, sample);
  mkdirSync(join(root, "app"));
  symlinkSync(home, join(root, "app/rootfs"));
  expect((await packed("directory", root)).archive.equals(expected)).toBe(true);
});

test("what no archive can hold is the user's mistake", async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, "app/rootfs/dev"), { recursive: true });
  execFileSync("mkfifo", [join(root, "app/rootfs/dev/log")]);
  await expect(packed("directory", root)).rejects.toThrow(
    new ProgramError(
      "the root file system app/rootfs cannot be packed: " +
        "dev/log is a fifo, which no root file system of Unikraft can hold",
    ),
  );
});

test("a broken archive is the user's mistake, with its place", async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app/old.cpio"), expected.subarray(0, 200));
  await expect(packed("cpio", root, "app/old.cpio")).rejects.toThrow(
    new ProgramError(
      "the root file system app/old.cpio cannot be packed: app/old.cpio is cut off at byte 200",
    ),
  );
});

test("devices in an archive are left out, and the user is told", async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, "app"));
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const nodes = names.map((name) => ({
    kind: "file" as const,
    path: Buffer.from(name),
    mode: 0o600,
    sizeBytes: 0,
    content: () => [],
  }));
  // Regular files made into character devices.
  const archive = pack(nodes).toString("latin1").replaceAll("00008180", "00002180");
  writeFileSync(join(root, "app/old.cpio"), archive, "latin1");
  const result = await packed("cpio", root, "app/old.cpio");
  expect((await unpack(result.archive)).tree.size).toBe(0);
  expect(result.printed).toEqual([
    "left out of app/old.cpio, as Unikraft makes no devices: a, b, c, d, e and 2 more",
  ]);
});

test.each(["directory", "cpio"] as const)(
  "work on a %s stops when the build does",
  async (kind) => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "app/rootfs"), { recursive: true });
    writeFileSync(join(root, "app/rootfs/disk"), "");
    truncateSync(join(root, "app/rootfs/disk"), 64 * 2 ** 20);
    const paths = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(6, "0"));
    const many = paths.map((path) => ({
      kind: "directory" as const,
      path: Buffer.from(path),
      mode: 0o755,
    }));
    writeFileSync(join(root, "app/many.cpio"), pack(many));
    const source = kind === "directory" ? "app/rootfs" : "app/many.cpio";
    const controller = new AbortController();
    const args = [kind, source, output, "0", "cpio"];
    const run = runProgram(rootfsProgram, root, args, { output, signal: controller.signal });
    const outcome = run.then(
      () => "done",
      () => "stopped",
    );
    // Others get their turn while it works, or this would come too late.
    await setImmediate();
    controller.abort();
    expect(await outcome).toBe("stopped");
  },
);
