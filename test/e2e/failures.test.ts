import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { digestsBelow, rig, temporaryDirectory, wrongBlobs } from "./rig.ts";

const isRoot = process.getuid?.() === 0;

/** `targets` as a build file, each of the form `name < srcs: command`. */
function execs(...targets: readonly string[]): string {
  const lines = targets.map((target) => {
    const [, name, srcs = "", command = ""] = /^(\S+)(?: < (.*?))?: (.*)$/.exec(target)!;
    const list = srcs === "" ? "[]" : JSON.stringify(srcs.split(" "));
    return `  - {name: ${name}, rule: exec, srcs: ${list}, outs: [o], command: '${command}'}\n`;
  });
  return `targets:\n${lines.join("")}`;
}

/** With short names for what is kept of a failure. */
function briefly(text: string): string {
  return text.replaceAll(/kept\/[\w-]+/g, "kept/ID").replaceAll(/-[0-9a-f]{8}\.log/g, "-ID.log");
}

for (const sandbox of ["none", "links", "bwrap"]) {
  test(`a command that fails is shown with a line that repeats it, in ${sandbox}`, async () => {
    const command = "cat in; echo one; i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo $i >&2; done";
    const { build, read } = rig({
      "kraft.build.yaml": execs(`a < in: ${command}; exit 3`, "b < :a: cp $SRCS $OUT"),
      in: "from the input\n",
    });
    const ran = await build("//...", "--sandbox", sandbox);
    expect(ran).toMatchObject({ code: 1, stdout: "", counts: { failed: 1, skipped: 1 } });
    const note = sandbox === "none" ? "note: actions are not kept apart: sandbox none\n" : "";
    const last = Array.from({ length: 20 }, (_, index) => `  | ${index + 11}\n`).join("");
    expect(briefly(ran.text)).toBe(`\
${note}error: //:a: Exec a/o: exit code 3
${last}  it ran because it was not built here before
  all it printed: ROOT/.kraft/logs/.kraft-out-a-o-ID.log
  to repeat it:   sh ROOT/.kraft/sandbox/kept/ID/repeat.sh
failed: 2 actions: 1 failed, 1 skipped; TIME
`);
    const printed = ["from the input", "one", ...Array.from({ length: 30 }, (_, i) => `${i + 1}`)];
    const [log = ""] = /\.kraft\/logs\/\S+/.exec(ran.text) ?? [];
    expect(read(log)).toBe(`${printed.join("\n")}\n`);
    const [, repeat = ""] = /to repeat it: {3}(.*)/.exec(ran.stderr) ?? [];
    const again = spawnSync("/bin/sh", ["-c", repeat], { encoding: "utf8", env: {}, cwd: "/" });
    expect(again.status).toBe(3);
    expect(`${again.stdout}${again.stderr}`).toBe(read(log));
  });
}

test("a failure is never cached, and the next build tries again", async () => {
  const { build, write } = rig({
    "kraft.build.yaml": execs("a < in: grep good $SRCS > $OUT"),
    in: "bad\n",
  });
  expect(await build(":a")).toMatchObject({ code: 1, counts: { failed: 1 } });
  expect(await build(":a")).toMatchObject({ code: 1, counts: { failed: 1 } });
  write({ in: "good\n" });
  expect(await build(":a")).toMatchObject({ code: 0, counts: { executed: 1 } });
});

test("programs that are missing are named, with what to install", async () => {
  const empty = temporaryDirectory();
  symlinkSync("/bin/sh", `${empty}/sh`);
  const { build } = rig({
    "kraft.workspace.yaml": `version: 1\nbuild: {path: ${empty}}\n`,
    "kraft.build.yaml": `targets:
  - {name: a, rule: exec, outs: [o], argv: [cc, -c, x.c]}
  - {name: b, rule: exec, outs: [o], command: ':', tools: [nonesuch]}
`,
  });
  const ran = await build("//...", "--keep-going", "--jobs", "1");
  expect(ran).toMatchObject({ code: 1, counts: { failed: 2 } });
  expect(ran.text.replaceAll(empty, "EMPTY")).toBe(`\
error[missing-tool]: //:a: Exec a/o: there is no cc in EMPTY; on Debian: apt-get install gcc
error[missing-tool]: //:b: Exec b/o: there is no nonesuch in EMPTY
failed: 2 actions: 2 failed; TIME
`);
});

test("an output that was not made is a failure", async () => {
  const { build } = rig({ "kraft.build.yaml": execs("a: true") });
  const ran = await build(":a", "--sandbox", "links");
  expect(ran).toMatchObject({ code: 1, counts: { failed: 1 } });
  expect(briefly(ran.text)).toBe(`\
error: //:a: Exec a/o: it did not make .kraft/out/a/o
  it ran because it was not built here before
  to repeat it:   sh ROOT/.kraft/sandbox/kept/ID/repeat.sh
failed: 1 action: 1 failed; TIME
`);
});

for (const sandbox of ["links", "bwrap"]) {
  test(`an action in ${sandbox} that writes to what another made fails, and spoils nothing`, async () => {
    const spoil = "chmod u+w $SRCS; echo more >> $SRCS; cp $SRCS $OUT";
    const { build, write, cache, read } = rig({
      "kraft.build.yaml": execs("a < in: cp $SRCS $OUT", `b < :a: ${spoil}`),
      in: "in\n",
    });
    const ran = await build("//...", "--sandbox", sandbox);
    expect(ran).toMatchObject({ code: 1, counts: { executed: 1, failed: 1 } });
    expect(ran.text).toContain("error: //:b: Exec b/o: it wrote to its input .kraft/out/a/o\n");
    write({ "kraft.build.yaml": execs("a < in: cp $SRCS $OUT", "b < :a: cp $SRCS $OUT") });
    const next = await build("//...", "--sandbox", sandbox);
    expect(next.code).toBe(0);
    expect(read(".kraft/out/b/o")).toBe("in\n");
    expect(wrongBlobs(cache)).toEqual([]);
  });
}

test("an action in bwrap cannot write to a source", async () => {
  const { build, read } = rig({
    "kraft.build.yaml": execs("a < in: echo more >> in; cp in $OUT"),
    in: "in\n",
  });
  const ran = await build(":a", "--sandbox", "bwrap");
  expect(ran).toMatchObject({ code: 1, counts: { failed: 1 } });
  expect(ran.text).toMatch(/^ {2}\| \/usr\/bin\/sh: 1: cannot create in: /m);
  expect(read("in")).toBe("in\n");
});

test("what an action made of a source that it changed is not stored", async () => {
  const { build } = rig({
    "kraft.build.yaml": execs("a < in: echo more >> in; cp in $OUT"),
    in: "in\n",
  });
  for (let round = 0; round < 2; round++) {
    const ran = await build(":a", "--sandbox", "links");
    expect(ran).toMatchObject({ code: 0, counts: { executed: 1 } });
  }
});

test("a file in place of the cache directory is named", async () => {
  const { build, cache } = rig({ "kraft.build.yaml": execs("a: : > $OUT") });
  writeFileSync(cache, "");
  const ran = await build(":a");
  expect(ran).toMatchObject({ code: 1, stdout: "", counts: {} });
  expect(ran.text).toMatch(
    /^error: CACHE: cannot be written \((ENOTDIR|EEXIST)\)\nfailed: no actions; TIME\n$/,
  );
});

test.skipIf(!isRoot)("a cache that the user may not write to is named", async () => {
  const { run, root, home, place, cache } = rig({ "kraft.build.yaml": execs("a: : > $OUT") });
  for (const directory of [root, home, place]) chownSync(directory, 65_534, 65_534);
  mkdirSync(cache);
  const wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const ran = await run(["build", ":a"], { wrapper });
  expect(ran).toMatchObject({ code: 1, stdout: "", counts: {} });
  expect(ran.text).toBe("error: CACHE/tmp: cannot be written (EACCES)\nfailed: no actions; TIME\n");
});

test("a sandbox that was asked for by name and does not work is refused", async () => {
  const broken = temporaryDirectory();
  writeFileSync(`${broken}/bwrap`, "#!/bin/sh\necho 'bwrap: no namespaces here' >&2\nexit 1\n");
  chmodSync(`${broken}/bwrap`, 0o755);
  const { build, path } = rig({
    "kraft.workspace.yaml": `version: 1\nbuild: {path: "${broken}:/usr/bin:/bin"}\n`,
    "kraft.build.yaml": execs("a: : > $OUT"),
  });
  const ran = await build(":a", "--sandbox", "bwrap");
  expect(ran).toMatchObject({ code: 2, stdout: "", counts: {} });
  expect(ran.text.replaceAll(broken, "BROKEN")).toBe(
    "error: the sandbox cannot be used: bwrap does not work here: bwrap: no namespaces here\nfailed: no actions; TIME\n",
  );
  const other = await build(":a");
  expect(other).toMatchObject({ code: 0, counts: { executed: 1 } });
  expect(other.events).toContainEqual({
    kind: "sandbox",
    sandbox: "links",
    reason: "bwrap does not work here: bwrap: no namespaces here",
  });
  // Nor is any chosen where nothing runs.
  rmSync(path(".kraft"), { recursive: true });
  const cached = await build(":a");
  expect(cached).toMatchObject({ code: 0, counts: { localHit: 1 } });
  expect(cached.events.map(({ kind }) => kind)).not.toContain("sandbox");
});

/** Runs what follows with a file system of 2 MiB at `directory`. */
function onSmallDisk(directory: string): string[] {
  const script = `mount -t tmpfs -o size=2m kraft "$0" && exec "$@"`;
  return ["unshare", "-m", "sh", "-c", script, directory];
}

const canMount = isRoot && spawnSync("unshare", ["-m", "true"]).status === 0;

test.skipIf(!canMount)(
  "a full disk below the cache is told, and the next build is right",
  async () => {
    const { run, build, cache, root } = rig({
      "kraft.build.yaml": execs("a: head -c 8000000 /dev/zero > $OUT"),
    });
    mkdirSync(cache);
    const ran = await run(["build", ":a"], { wrapper: onSmallDisk(cache) });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.text.replaceAll(/CACHE\/tmp\/\S+/g, "DRAFT:")).toBe(`\
error: DRAFT: no space is left (ENOSPC); "kraft-graph clean --cache" makes room
failed: no actions; TIME
`);
    expect(await build(":a")).toMatchObject({ code: 0, counts: { executed: 1 } });
    expect(digestsBelow(`${root}/.kraft/out`)).toHaveProperty(["a/o"]);
  },
);

test.skipIf(!canMount)("a full disk below the workspace fails what writes to it", async () => {
  const { run, build, root } = rig({
    "kraft.build.yaml": execs("a: head -c 8000000 /dev/zero > $OUT"),
  });
  mkdirSync(`${root}/.kraft`);
  const ran = await run(["build", ":a"], { wrapper: onSmallDisk(`${root}/.kraft`) });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.text).toMatch(/^error: .*ROOT\/\.kraft\/\S+: no space is left \(ENOSPC\)/m);
  expect(ran.text).not.toContain("please report");
  expect(await build(":a")).toMatchObject({ code: 0, counts: { executed: 1 } });
  execFileSync("cmp", ["-n", "8000000", `${root}/.kraft/out/a/o`, "/dev/zero"]);
});
