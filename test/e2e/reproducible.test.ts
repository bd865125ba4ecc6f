import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { examplesRig } from "./examples-rig.ts";
import { rig, wrongBlobs } from "./rig.ts";

const isRoot = process.getuid?.() === 0;

/** Whoever owns nothing. */
const nobody = 65534;
const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];

/** Tells in its outputs whatever it can find out about where, when and for whom it runs. */
const curious = {
  ...cWorkspace,
  "spy/kraft.build.yaml": `targets:
  - name: spy
    rule: exec
    srcs: [spy.c, data/one, data/two]
    outs: [report, tree]
    command: |
      mkdir -p $(dirname $OUT) .kraft/out/spy/spy/tree/sub
      { env | grep -v ^TMPDIR= | grep -v ^HOME= | grep -v ^PWD= | LC_ALL=C sort; umask; } > $OUT
      cp spy/data/* .kraft/out/spy/spy/tree/sub
      ls spy/data >> $OUT
      stat -c '%a %F' .kraft/out/spy/spy/tree >> $OUT
  - {name: objects, rule: exec, srcs: [spy.c], outs: [a.o], command: cc -g -c -o $OUT $SRCS}
`,
  "spy/spy.c": "const char where[] = __FILE__, when[] = __TIMESTAMP__ __DATE__ __TIME__;\n",
  "spy/data/one": "1",
  "spy/data/two": "2",
};

test("another directory, locale, time zone, home, umask and time give the same outputs", async () => {
  const one = rig(curious);
  const other = rig(curious);
  one.touch(new Date("2001-02-03T04:05:06Z"));
  const first = await one.build("//...");
  const second = await other.run(["build", "//...", "--jobs", "1"], {
    umask: "0077",
    env: {
      LC_ALL: "de_DE.UTF-8",
      LANG: "tr_TR",
      TZ: "Asia/Kolkata",
      CC: "false",
      CFLAGS: "-O3",
      USER: "somebody",
      TMPDIR: "/nowhere",
    },
  });
  expect(first.counts).toEqual({ executed: 6 });
  expect(second.counts).toEqual({ executed: 6 });
  expect(second.outputs).toEqual(first.outputs);
});

test("another workspace that shares the cache runs nothing", async () => {
  const one = rig(curious);
  const other = rig(curious, { cache: one.cache });
  const first = await one.build("//...");
  const second = await other.build("//...");
  expect(second.text).toBe("done: 6 actions: 6 from the local cache; TIME\n");
  expect(second.counts).toEqual({ localHit: 6 });
  expect(second.outputs).toEqual(first.outputs);
  expect(wrongBlobs(one.cache)).toEqual([]);
});

test("a cached output is equal to one that is built again", async () => {
  const { build, cache, root } = rig(curious);
  const first = await build("//...");
  rmSync(join(root, ".kraft"), { recursive: true });
  rmSync(cache, { recursive: true });
  const second = await build("//...");
  expect(second.counts).toEqual({ executed: 6 });
  expect(second.outputs).toEqual(first.outputs);
});

test.skipIf(!isRoot)("another user gets the same outputs", async () => {
  const one = rig(curious);
  const other = rig(curious);
  give(other.place);
  const first = await one.build("//...");
  const second = await other.run(["build", "//..."], { wrapper: asNobody });
  expect(second).toMatchObject({ code: 0, counts: { executed: 6 }, outputs: first.outputs });
});

test.skipIf(!isRoot)("another user, who has another umask, gets the same unikernel", async () => {
  const one = examplesRig();
  const other = examplesRig();
  give(other.place);
  const [label, rootfs] = ["//hello:qemu-x86_64.oci", "hello/rootfs"];
  execFileSync("chmod", ["-R", "g-w", one.path(rootfs)]);
  execFileSync("chmod", ["-R", "g+w", other.path(rootfs)]);
  const first = await one.build(label);
  const second = await other.run(["build", label], { wrapper: asNobody, umask: "0002" });
  expect(second, second.text).toMatchObject({ code: 0, outputs: first.outputs });
  expect(Object.keys(first.outputs).some((path) => path.endsWith("index.json"))).toBe(true);
});

test.skipIf(!isRoot)("two users can share a cache that both may write to", async () => {
  const one = rig(curious);
  const other = rig(curious, { cache: one.cache });
  give(other.place);
  const first = await one.run(["build", "//..."], { umask: "0000" });
  chmodSync(one.place, 0o777);
  const second = await other.run(["build", "//..."], { wrapper: asNobody, umask: "0000" });
  expect(second).toMatchObject({ code: 0, counts: { localHit: 6 }, outputs: first.outputs });
  other.write({ "spy/data/one": "changed" });
  const third = await other.run(["build", "//..."], { wrapper: asNobody, umask: "0000" });
  expect(third).toMatchObject({ code: 0, counts: { executed: 1, upToDate: 5 } });
  one.write({ "spy/data/one": "changed" });
  const fourth = await one.build("//...");
  expect(fourth).toMatchObject({ code: 0, counts: { localHit: 1, upToDate: 5 } });
});

/** Makes `directory` and all in it that of {@link nobody}. */
function give(directory: string): void {
  chownSync(directory, nobody, nobody);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) give(path);
    else chownSync(path, nobody, nobody);
  }
}

test("another SOURCE_DATE_EPOCH makes another result, and the old one is found again", async () => {
  const { run, read } = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "a/kraft.build.yaml": `version: 1
targets:
  - name: dated
    rule: exec
    srcs: []
    outs: [date]
    command: echo "$SOURCE_DATE_EPOCH" > $OUT
`,
  });
  const at = (seconds: string) =>
    run(["build", "//a:dated"], { env: { SOURCE_DATE_EPOCH: seconds } });
  expect((await at("1000")).counts).toEqual({ executed: 1 });
  expect(read(".kraft/out/a/dated/date")).toBe("1000\n");
  expect((await at("2000")).counts).toEqual({ executed: 1 });
  expect(read(".kraft/out/a/dated/date")).toBe("2000\n");
  expect((await at("1000")).counts).toEqual({ localHit: 1 });
  expect(read(".kraft/out/a/dated/date")).toBe("1000\n");
});
