import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { openTree } from "../../src/format/open-tree.ts";
import { decompressTo } from "../../src/fetch/decompress-to.ts";
import { lacks, noSignal } from "../format/format-rig.ts";
import { linesOf } from "../format/tree-rig.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const host = process.arch === "arm64" ? "arm64" : "x86_64";

/** What is in the archive of the package `path`, which ends in `ending`. */
async function linesIn(root: string, path: string, ending = "cpio"): Promise<string[]> {
  const file = join(root, `.kraft/out/${path}/rootfs-${host}/initramfs-${host}.${ending}`);
  const { tree, close } = await openTree(file, {
    name: file,
    architecture: host,
    spool: join(temporaryDirectory(), "spool"),
    decompress: (from, into) => decompressTo(from, into, noSignal),
    signal: noSignal,
  });
  onTestFinished(close);
  return linesOf(tree, { owners: true });
}

/** A directory with what CPIO can hold. */
function writeFiles(directory: string): void {
  mkdirSync(join(directory, "etc/empty"), { recursive: true });
  writeFileSync(join(directory, "etc/app.conf"), "key=value\n");
  writeFileSync(join(directory, "app"), "#!/bin/sh\n");
  chmodSync(join(directory, "app"), 0o4755);
  linkSync(join(directory, "app"), join(directory, "same"));
  symlinkSync("etc/app.conf", join(directory, "conf"));
}

const files = [
  "app file 4755 10 a8076d3d28d2 0:0",
  "conf symlink etc/app.conf 0:0",
  "etc directory 0755 0:0",
  "etc/app.conf file 0644 10 d5c5f09b69f2 0:0",
  "etc/empty directory 0755 0:0",
  "same file 4755 10 a8076d3d28d2 0:0",
];

const sources = ["directory", "tar", "tgz", "tar.xz", "tar.zst", "tar.bz2", "cpio", "odc", "image"];

test.skipIf(lacks("bsdtar") || lacks("zstd") || lacks("umoci"))(
  "directories, archives of all kinds and image layouts give one and the same file",
  async () => {
    const here = rig({ "kraft.workspace.yaml": "version: 1\n" });
    const base = join(here.root, "base");
    writeFiles(base);
    for (const source of sources) {
      const name = source === "directory" ? "../base" : `./rootfs.${source}`;
      here.write({ [`from-${source}/Kraftfile`]: `spec: v0.6\nname: x\nrootfs: ${name}\n` });
      if (source === "directory") continue;
      const output = join(here.root, `from-${source}/rootfs.${source}`);
      if (source === "image") cpSync(layoutOf(base), output, { recursive: true });
      else {
        const format = { cpio: "newc", odc: "odc" }[source] ?? "pax";
        const flags = ["--auto-compress", `--format=${format}`, "--uid=5", "--gid=7"];
        const auto = /^(cpio|odc)$/.test(source) ? flags.slice(1) : flags;
        execFileSync("bsdtar", [...auto, "-cf", output, "-C", base, "."]);
      }
    }
    const built = await here.run(["build", "//..."]);
    expect(built.text).toContain("done: ");
    expect(await linesIn(here.root, "from-directory")).toEqual(files);
    const outputs = Object.entries(built.outputs).map(([path, digest]) => [
      path.split("/")[0],
      digest,
    ]);
    const [, digest] = outputs.find(([name]) => name === "from-directory") ?? [];
    expect(Object.fromEntries(outputs)).toEqual(
      Object.fromEntries(sources.map((source) => [`from-${source}`, digest])),
    );
  },
);

/** An image of one compressed layer with what is in `directory`. */
function layoutOf(directory: string): string {
  const home = temporaryDirectory();
  const layout = join(home, "layout");
  execFileSync("umoci", ["init", "--layout", layout]);
  execFileSync("umoci", ["new", "--image", `${layout}:one`]);
  execFileSync("umoci", ["insert", "--image", `${layout}:one`, directory, "/"]);
  return layout;
}

test.skipIf(lacks("fsck.erofs") || lacks("e2fsck") || lacks("sqfstar"))(
  "every format is made, and the tools of each find it sound",
  async () => {
    const here = rig({ "kraft.workspace.yaml": "version: 1\n" });
    const base = join(here.root, "base");
    writeFiles(base);
    const formats = ["tar", "erofs", "ext2", "ext4", "squashfs"];
    for (const format of formats) {
      const rootfs = `rootfs: {source: ../base, format: ${format}}`;
      here.write({ [`to-${format}/Kraftfile`]: `spec: v0.6\nname: x\n${rootfs}\n` });
    }
    const built = await here.run(["build", "//..."]);
    expect(built.text).toContain("done: ");
    const output = (format: string): string =>
      join(here.root, `.kraft/out/to-${format}/rootfs-${host}/initramfs-${host}.${format}`);
    execFileSync("fsck.erofs", [output("erofs")]);
    execFileSync("e2fsck", ["-fn", output("ext2")], { stdio: "ignore" });
    execFileSync("e2fsck", ["-fn", output("ext4")], { stdio: "ignore" });
    const listed = execFileSync("unsquashfs", ["-lln", "-d", "", output("squashfs")], {
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC" },
    });
    expect(listed).toMatch(/^drwxr-xr-x 0\/0 +\d+ 1970-01-01 00:00 $/m);
    expect(listed).toMatch(/^-rwsr-xr-x 0\/0 +10 1970-01-01 00:00 \/app$/m);
    expect(await linesIn(here.root, "to-tar", "tar")).toEqual([
      ...files.slice(0, -1),
      "same = app",
    ]);
  },
);

test("a target's output is a root file system, and so are files of several", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "gen/kraft.build.yaml": `targets:
  - {name: tree, rule: exec, outs: [root], command: "mkdir -p $OUT/bin; echo hi > $OUT/bin/app; chmod 700 $OUT/bin/app; cp $OUT/bin/app $OUT/twin"}
  - {name: files, rule: filegroup, srcs: [etc/a.conf, top.txt]}
`,
    "gen/etc/a.conf": "a\n",
    "gen/top.txt": "top\n",
    "tree/Kraftfile": "spec: v0.6\nrootfs: //gen:tree\n",
    "tar/Kraftfile": "spec: v0.6\nrootfs: {source: //gen:tree, format: tar}\n",
    "files/Kraftfile": "spec: v0.6\nrootfs: //gen:files\n",
    "again/Kraftfile": `spec: v0.7\nrootfs: {source: {path: //tree:rootfs-${host}}}\n`,
  });
  const built = await here.run(["build", "//..."]);
  expect(built.text).toContain("done: ");
  const tree = [
    "bin directory 0755 0:0",
    "bin/app file 0755 3 98ea6e4f216f 0:0",
    "twin file 0755 3 98ea6e4f216f 0:0",
  ];
  expect(await linesIn(here.root, "tree")).toEqual(tree);
  expect(await linesIn(here.root, "again")).toEqual(tree);
  expect(await linesIn(here.root, "tar", "tar")).toEqual(tree);
  expect(await linesIn(here.root, "files")).toEqual([
    "etc directory 0755 0:0",
    "etc/a.conf file 0644 2 87428fc52280 0:0",
    "top.txt file 0644 4 f7de2947c64c 0:0",
  ]);
});

test("what a list leaves out is no part of the root file system, and of no account to it", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": "spec: v0.6\nrootfs: ./fs\n",
    "app/fs/.kraftignore": "# not needed there\n*.md\n/docs\n!keep.md\n",
    "app/fs/bin/app": "x",
    "app/fs/bin/README.md": "x",
    "app/fs/bin/keep.md": "x",
    "app/fs/docs/page": "x",
  });
  const first = await here.run(["build", "//app"]);
  expect(first.text).toContain("done: ");
  const lines = (await linesIn(here.root, "app")).map((line) => line.split(" ")[0]);
  expect(lines).toEqual(["bin", "bin/app", "bin/keep.md"]);
  appendFileSync(join(here.root, "app/fs/docs/page"), "more");
  const second = await here.run(["build", "//app"]);
  expect(second.counts["executed"]).toBe(undefined);
  appendFileSync(join(here.root, "app/fs/bin/keep.md"), "more");
  expect((await here.run(["build", "//app"])).executed).toHaveLength(1);
});

test.skipIf(lacks("zstd"))("--compress and --keep-file-owners say how it is made", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "a/Kraftfile": "spec: v0.6\nrootfs: ./r.tar\n",
  });
  const files = temporaryDirectory();
  writeFileSync(join(files, "own"), "x".repeat(1000));
  const tar = join(here.root, "a/r.tar");
  execFileSync("tar", ["--owner=:12", "--group=:34", "-C", files, "-cf", tar, "own"]);
  for (const [tool, ending] of [
    ["gzip", "cpio.gz"],
    ["zstd", "cpio.zst"],
  ] as const) {
    const built = await here.run(["build", "//a", `--compress=${tool}`, "--keep-file-owners"]);
    expect(built.text).toContain("done: ");
    const [line] = await linesIn(here.root, "a", ending);
    expect(line).toMatch(/^own file 0644 1000 \w+ 12:34$/);
  }
  const plain = await here.run(["build", "//a"]);
  expect(plain.text).toContain("done: ");
  expect((await linesIn(here.root, "a"))[0]).toMatch(/ 0:0$/);
});

test("what can be no root file system is told, with what it is", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "text/Kraftfile": "spec: v0.6\nrootfs: ./Kraftfile\n",
    "wrong/Kraftfile": "spec: v0.7\nrootfs: {source: {type: tarball, path: ./fs}}\n",
    "wrong/fs/a": "",
  });
  const text = await here.run(["build", "//text"]);
  expect(text.code).toBe(1);
  expect(text.text).toContain(
    "the root file system text/Kraftfile cannot be packed: text/Kraftfile is no directory, no archive, and no image layout",
  );
  expect((await here.run(["build", "//wrong"])).text).toContain(
    "wrong/fs should be of type tarball, but is of another kind: directory",
  );
});

test("rootfs ls, cat and diff show what is inside, and what an edit changed", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": "spec: v0.6\nrootfs: ./fs\n",
    "app/fs/etc/app.conf": "key=value\n",
    "app/fs/old": "gone soon\n",
  });
  const listed = await here.run(["rootfs", "ls", "//app"]);
  expect(listed.stdout).toBe(
    [
      "drwxr-xr-x 0:0                  etc",
      "-rw-r--r-- 0:0               10 etc/app.conf",
      "-rw-r--r-- 0:0               10 old",
      "",
    ].join("\n"),
  );
  const below = await here.run(["rootfs", "ls", "//app", "/etc", "--output", "json"]);
  expect(JSON.parse(below.stdout)).toEqual([
    { path: "etc", kind: "directory", mode: "0755", uid: 0, gid: 0 },
    { path: "etc/app.conf", kind: "file", mode: "0644", uid: 0, gid: 0, sizeBytes: 10 },
  ]);
  const shown = await here.run(["rootfs", "cat", "//app", "/etc/app.conf"]);
  expect(shown.stdout).toBe("key=value\n");
  const same = await here.run(["rootfs", "diff", "//app"]);
  expect(same.stdout).toBe("");
  expect(same.stderr).toContain(`//app:rootfs-${host} is as it was when it was first built here`);
  rmSync(join(here.root, "app/fs/old"));
  here.write({ "app/fs/etc/app.conf": "key=other value\n", "app/fs/new": "" });
  const lines = "~ etc/app.conf 10 -> 16 bytes (content)\n+ new 0 bytes\n- old 10 bytes\n";
  // Whether it is this build that changes it, or was one before.
  expect((await here.run(["rootfs", "diff", "//app"])).stdout).toBe(lines);
  expect((await here.run(["rootfs", "diff", "//app"])).stdout).toBe(lines);
  here.write({ "app/fs/newer": "n" });
  await here.run(["build", "//app"]);
  expect((await here.run(["rootfs", "diff", "//app"])).stdout).toBe("+ newer 1 bytes\n");
  const none = await here.run(["rootfs", "cat", "//app", "etc"]);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain(
    `error[no-rootfs]: //app:rootfs-${host} has no file at etc, but directory`,
  );
});

test.skipIf(lacks("gcc"))(
  "a program without its libraries is told, at the line of the Kraftfile",
  async () => {
    const here = rig({
      "kraft.workspace.yaml": "version: 1\n",
      "app/Kraftfile": "spec: v0.6\nname: x\nrootfs: ./fs\n",
      "app/fs/motd": "",
    });
    const app = join(here.root, "app/fs/app");
    execFileSync("gcc", ["-x", "c", "-", "-o", app], { input: "int main(void){return 0;}" });
    const built = await here.run(["build", "//app"]);
    expect(built.text).toMatch(
      /^warning: app needs \/lib.*\/ld-linux.*, libc\.so\.6, which the root file system lacks$/m,
    );
    const listed = await here.run(["rootfs", "ls", "//app"]);
    expect(listed.stderr).toContain("warning[missing-library]: app needs /");
    expect(listed.stderr).toContain("--> app/Kraftfile:3:9");
    execFileSync("gcc", ["-static", "-x", "c", "-", "-o", app], {
      input: "int main(void){return 0;}",
    });
    expect((await here.run(["build", "//app"])).text).not.toContain("warning");
  },
);
