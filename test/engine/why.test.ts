import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { removeTree } from "../../src/sandbox/remove-tree.ts";
import { whyRig } from "./why-rig.ts";

const buildFile = `version: 1
targets:
  - name: gen
    rule: exec
    srcs: [gen.txt]
    outs: [gen.h]
    command: sort $SRCS > $OUT
  - name: obj
    rule: exec
    srcs: [main.c, ":gen"]
    outs: [main.o]
    env: {MODE: fast}
    argv: [sh, -c, 'cat $SRCS > $OUT; echo $1 $MODE >> $OUT', obj, -O1]
    tools: [mycc]
  - name: lib
    rule: filegroup
    srcs: [one.a, two.a]
  - name: tune
    rule: alias
    actual: ":one.a"
  - name: app
    rule: exec
    srcs: [":obj", ":lib"]
    outs: [app]
    command: cat $SRCS | tee $OUTS
  - name: tuned
    rule: exec
    srcs: [":tune"]
    outs: [tuned]
    command: cat $SRCS > $OUT
  - name: list
    rule: exec
    glob: ["data/*.txt"]
    outs: [list]
    command: cat $SRCS > $OUT
  - name: image
    rule: exec
    srcs: [rootfs]
    outs: [image]
    command: 'find rootfs -printf "%P %l\\n" | sort > $OUT; cat rootfs/etc/motd >> $OUT'
`;

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\n",
  "kraft.build.yaml": buildFile,
  "gen.txt": "b\na\n",
  "main.c": "int main(void);\n",
  "one.a": "1\n",
  "two.a": "2\n",
  "data/a.txt": "alpha\n",
  "data/b.txt": "b\n",
  "rootfs/etc/motd": "hello\n",
  "rootfs/etc/hosts": "localhost\n",
  "bin/mycc": "#!/bin/sh\necho mycc 1.0\n",
};

type Rig = ReturnType<typeof whyRig>;

async function rigOf(): Promise<Rig> {
  const rig = whyRig(files);
  const at = (path: string) => join(rig.root, path);
  chmodSync(at("bin/mycc"), 0o755);
  rig.write(
    "kraft.workspace.yaml",
    `version: 1\nname: w\nbuild:\n  path: ${at("bin")}:/usr/bin:/bin\n`,
  );
  symlinkSync("motd", at("rootfs/etc/link"));
  return rig;
}

/** `buildFile` with one thing replaced. */
function edited(from: string, to: string): (rig: Rig) => void {
  return ({ write }) => {
    expect(buildFile.split(from), from).toHaveLength(2);
    write(
      "kraft.build.yaml",
      buildFile.replace(from, () => to),
    );
  };
}

const rewritten =
  (path: string, text: string) =>
  ({ write }: Rig): void =>
    write(path, text);

const changed =
  (use: (at: (path: string) => string) => void) =>
  ({ root }: Rig): void =>
    use((path) => join(root, path));

test.each<[string, (rig: Rig) => void, readonly string[]]>([
  ["a source", rewritten("main.c", "int main(void) {}\n"), ["main.c changed"]],
  ["a source of what is generated", rewritten("gen.txt", "c\na\n"), ["gen.txt changed"]],
  ["an argument", edited("-O1", "-O2"), ["argument 4: -O1 → -O2 (kraft.build.yaml:13)"]],
  [
    "an argument more",
    edited("obj, -O1", "obj, -O1, -g"),
    ["argument 5 is new: -g (kraft.build.yaml:13)"],
  ],
  [
    "an argument less",
    edited("obj, -O1", "obj"),
    ["argument 4 is gone: -O1 (kraft.build.yaml:13)"],
  ],
  [
    "a variable",
    edited("MODE: fast", "MODE: small"),
    ["variable MODE: fast → small (kraft.build.yaml:12)"],
  ],
  [
    "a variable more",
    edited("{MODE: fast}", "{MODE: fast, LEVEL: 3}"),
    ["variable LEVEL: not set → 3 (kraft.build.yaml:12)"],
  ],
  [
    "a variable less",
    edited("    env: {MODE: fast}\n", ""),
    ["variable MODE: fast → not set (kraft.build.yaml:12)"],
  ],
  [
    "a command line",
    edited("sort $SRCS", "sort -r $SRCS"),
    ["argument 2: sort $SRCS > $OUT → sort -r $SRCS > $OUT (kraft.build.yaml:7)"],
  ],
  [
    "an upgraded tool",
    (rig) => (rewritten("bin/mycc", "#!/bin/sh\necho mycc 2.0\n")(rig), undefined),
    ["the tool mycc changed: mycc 1.0 → mycc 2.0"],
  ],
  [
    "a tool that says nothing new",
    (rig) => rewritten("bin/mycc", "#!/bin/sh\n# patched\necho mycc 1.0\n")(rig),
    ["the tool mycc changed, though it says the same of its version: mycc 1.0"],
  ],
  [
    "a tool that is found elsewhere",
    (rig) => {
      mkdirSync(join(rig.root, "other"));
      writeFileSync(join(rig.root, "other/mycc"), "#!/bin/sh\necho mycc 3.0\n", { mode: 0o755 });
      const text = readFileSync(join(rig.root, "kraft.workspace.yaml"), "utf8");
      rig.write("kraft.workspace.yaml", text.replace("/bin:", "/other:"));
    },
    [
      'the tool mycc changed: mycc 1.0 → mycc 3.0 (the setting build.path: "ROOT/bin:/usr/bin:/bin" → "ROOT/other:/usr/bin:/bin")',
    ],
  ],
  [
    "a tool that is declared",
    edited("tools: [mycc]", "tools: [mycc, cat]"),
    ["the tool cat is new: VERSION (kraft.build.yaml:14)"],
  ],
  [
    "a tool that is no longer declared",
    edited("    tools: [mycc]\n", ""),
    ["the tool mycc is gone (kraft.build.yaml:14)"],
  ],
  ["a removed file of a glob", changed((at) => rmSync(at("data/b.txt"))), ["data/b.txt is gone"]],
  ["a new file of a glob", rewritten("data/c.txt", "c\n"), ["data/c.txt is a new input"]],
  [
    "a renamed file of a glob",
    changed((at) => renameSync(at("data/b.txt"), at("data/c.txt"))),
    ["data/b.txt was renamed to data/c.txt"],
  ],
  ["a changed file of a glob", rewritten("data/a.txt", "other\n"), ["data/a.txt changed"]],
  [
    "a glob",
    edited('glob: ["data/*.txt"]', 'glob: ["data/a*.txt"]'),
    ["data/b.txt is no longer an input (kraft.build.yaml:33)"],
  ],
  [
    "a mode bit",
    changed((at) => chmodSync(at("main.c"), 0o755)),
    ["the mode of main.c changed: not executable → executable"],
  ],
  [
    "a mode bit in a directory",
    changed((at) => chmodSync(at("rootfs/etc/motd"), 0o755)),
    ["the mode of rootfs/etc/motd changed: not executable → executable"],
  ],
  ["a file of a directory", rewritten("rootfs/etc/motd", "goodbye\n"), ["rootfs/etc/motd changed"]],
  ["a new file of a directory", rewritten("rootfs/etc/issue", "x\n"), ["rootfs/etc/issue is new"]],
  [
    "a removed file of a directory",
    changed((at) => rmSync(at("rootfs/etc/hosts"))),
    ["rootfs/etc/hosts is gone"],
  ],
  [
    "a renamed file of a directory",
    changed((at) => renameSync(at("rootfs/etc/hosts"), at("rootfs/etc/host"))),
    ["rootfs/etc/hosts was renamed to rootfs/etc/host"],
  ],
  [
    "a changed link",
    changed((at) => (rmSync(at("rootfs/etc/link")), symlinkSync("hosts", at("rootfs/etc/link")))),
    ["the link rootfs/etc/link changed: -> motd → -> hosts"],
  ],
  [
    "a link in place of a file",
    changed((at) => (rmSync(at("rootfs/etc/hosts")), symlinkSync("motd", at("rootfs/etc/hosts")))),
    ["rootfs/etc/hosts is now a link, and was a file"],
  ],
  ["a new empty directory", changed((at) => mkdirSync(at("rootfs/var"))), ["rootfs/var/ is new"]],
  [
    "a source that becomes a link to another",
    changed(
      (at) => (
        writeFileSync(at("main2.c"), "int x;\n"),
        rmSync(at("main.c")),
        symlinkSync("main2.c", at("main.c"))
      ),
    ),
    ["main.c, a link to main2.c, changed"],
  ],
  ["a member of a filegroup", rewritten("one.a", "one\n"), ["one.a changed"]],
  [
    "a new member of a filegroup",
    (rig) => (
      rig.write("three.a", "3\n"), edited("[one.a, two.a]", "[one.a, two.a, three.a]")(rig)
    ),
    ["three.a is a new input (kraft.build.yaml:17)"],
  ],
  [
    "a member less of a filegroup",
    edited("[one.a, two.a]", "[one.a]"),
    ["two.a is no longer an input (kraft.build.yaml:17)"],
  ],
  [
    "the order of libraries",
    edited("[one.a, two.a]", "[two.a, one.a]"),
    ["the order of its inputs changed: two.a comes before one.a (kraft.build.yaml:17)"],
  ],
  [
    "an alias",
    edited('actual: ":one.a"', 'actual: ":two.a"'),
    [
      "one.a is no longer an input (kraft.build.yaml:20)",
      "two.a is a new input (kraft.build.yaml:20)",
    ],
  ],
  [
    "a source more",
    (rig) => (
      rig.write("extra.c", "x\n"), edited('[main.c, ":gen"]', '[main.c, ":gen", extra.c]')(rig)
    ),
    ["extra.c is a new input (kraft.build.yaml:10)"],
  ],
  [
    "an output more",
    edited("outs: [app]", "outs: [app, map]"),
    [
      'its outputs: [".kraft/out/app/app"] → [".kraft/out/app/app",".kraft/out/app/map"] (kraft.build.yaml:24)',
    ],
  ],
  [
    "a renamed output",
    edited("outs: [tuned]", "outs: [tuned.bin]"),
    ["it was not built here before (kraft.build.yaml:29)"],
  ],
  [
    "a new target",
    ({ root }) =>
      appendFileSync(
        join(root, "kraft.build.yaml"),
        "  - {name: more, rule: exec, outs: [m], command: 'echo > $OUT'}\n",
      ),
    ["it was not built here before (kraft.build.yaml:41)"],
  ],
  [
    "a deleted output",
    changed((at) => rmSync(at(".kraft/out/app/app"))),
    [".kraft/out/app/app was laid out"],
  ],
  [
    "an overwritten output",
    changed(
      (at) => (rmSync(at(".kraft/out/app/app")), writeFileSync(at(".kraft/out/app/app"), "junk")),
    ),
    [".kraft/out/app/app was laid out"],
  ],
  [
    "an emptied cache",
    changed((at) => removeTree(at(".kraft/cache"))),
    ["its result is no longer in the cache"],
  ],
  [
    "a lost workspace state",
    changed((at) => rmSync(at(".kraft/records"))),
    ["it was not built here before"],
  ],
  ["a dynamic order of sources", rewritten("gen.txt", "a\nb\n"), ["gen.txt changed"]],
])("%s is told as the one cause", async (_, change, expected) => {
  const rig = await rigOf();
  expect((await rig.build()).result.kind).toBe("built");
  change(rig);
  const built = await rig.build("//...", { isThorough: true });
  expect(built.result.kind).toBe("built");
  const roots = await rig.roots();
  expect(
    roots.map((line) => line.replaceAll(rig.root, "ROOT").replace(/cat \(GNU.*? \(/, "VERSION (")),
  ).toEqual(expected);
});

test("what followed stands under its first cause, with a diff, and what stopped there says so", async () => {
  const rig = await rigOf();
  await rig.build();
  rig.write("gen.txt", "c\na\n");
  await rig.build();
  expect(await rig.ask(":app")).toBe(`build //...
gen.txt changed
    @@ -1,2 +1,2 @@
    -b
    +c
     a
  Exec gen/gen.h: run
    Exec obj/main.o: run, as .kraft/out/gen/gen.h changed
    Exec app/app: run, as .kraft/out/obj/main.o changed
`);
  rig.write("gen.txt", "a\nc\n");
  await rig.build();
  expect(await rig.ask()).toBe(`build //...
gen.txt changed
    @@ -1,2 +1,2 @@
    -c
     a
    +c
  Exec gen/gen.h: run; its outputs are the same, so nothing follows
`);
});

test("words choose: labels with what they need, kinds of work, outputs, inputs and build files", async () => {
  const rig = await rigOf();
  await rig.build();
  rig.write("main.c", "int main(void) {}\n");
  edited("cat $SRCS > $OUT\n  - name: list", "cat < $SRCS > $OUT\n  - name: list")(rig);
  await rig.build();
  const [source, argument] = [
    "main.c changed",
    "argument 2: cat $SRCS > $OUT → cat < $SRCS > $OUT (kraft.build.yaml:30)",
  ];
  expect(await rig.roots()).toEqual(expect.arrayContaining([source, argument]));
  expect(await rig.roots(":app")).toEqual([source]);
  expect(await rig.roots(".kraft/out/tuned/tuned")).toEqual([argument]);
  expect(await rig.roots("main.c")).toEqual([source]);
  expect(await rig.roots("kraft.build.yaml")).toEqual([argument]);
  expect(await rig.roots("Exec", ":tuned")).toEqual([argument]);
  expect(await rig.roots(":list")).toEqual(["it was not built here before"]);
  expect((await rig.roots("//none"))[0]).toMatch(/^error\[unknown-package\]/);
});

test("an action that failed meanwhile is traced to what changed before", async () => {
  const rig = await rigOf();
  await rig.build();
  rig.write("gen.txt", "c\na\n");
  edited("MODE: fast", "MODE: fast, PATH: /nowhere")(rig);
  expect((await rig.build()).result.kind).toBe("failed");
  rig.write("kraft.build.yaml", buildFile);
  await rig.build();
  expect(await rig.roots()).toEqual(["gen.txt changed"]);
  expect((await rig.json()).roots[0]?.buildsBefore).toBe(1);
});

test("what a cache had is told to be from there, and is not counted among what none had", async () => {
  const rig = await rigOf();
  await rig.build();
  const other = files["main.c"].replace("void", "");
  for (const text of [other, files["main.c"], other]) {
    rig.write("main.c", text);
    await rig.build();
  }
  rig.write("one.a", "one\n");
  rig.write("main.c", files["main.c"]);
  await rig.build();
  const answer = await rig.ask(":obj");
  expect(answer).toContain("  Exec obj/main.o: from the local cache\n");
  expect(await rig.askNotCached()).toBe(`2 actions were not from a cache:
    2  one.a changed
`);
});

test("a build that had nothing to do leaves the answer as it was", async () => {
  const rig = await rigOf();
  expect(await rig.ask()).toBe("no build is written down in which anything was to be done\n");
  await rig.build();
  rig.write("main.c", "int x;\n");
  await rig.build();
  rig.write("kraft.build.yaml", `# A remark.\n${buildFile}`);
  await rig.build();
  expect(await rig.ask(":obj")).toMatch(
    /^build \/\/\.\.\.; one build since had nothing to do for it\nmain\.c changed\n/,
  );
});

test("the records of two machines are compared, and the first difference is named", async () => {
  const [there, here] = [await rigOf(), await rigOf()];
  await there.build();
  await here.build();
  const file = join(there.root, "record.jsonl");
  expect(await there.exportTo(file, "//...")).toBe(`${file}: 6 actions\n`);
  const plain = async (...words: string[]) =>
    (await here.compareWith(file, ...words)).replaceAll(file, "FILE");
  expect(await plain()).toBe("nothing differs from FILE\n");
  here.write("gen.txt", "c\n");
  here.write("rootfs/etc/motd", "bye\n");
  here.write("bin/mycc", "#!/bin/sh\necho mycc 2.0\n");
  here.write("kraft.build.yaml", buildFile.replace("MODE: fast", "MODE: small"));
  await here.build();
  expect(await plain("//:app")).toBe(`3 actions differ from FILE (there → here)
gen.txt changed
    @@ -1,2 +1,1 @@
    -b
    -a
    +c
  Exec gen/gen.h: differs
the tool mycc changed: mycc 1.0 → mycc 2.0
  Exec obj/main.o: differs, as .kraft/out/gen/gen.h changed
    Exec app/app: differs, as .kraft/out/obj/main.o changed
variable MODE: fast → small
  Exec obj/main.o: differs, as .kraft/out/gen/gen.h changed
`);
  expect(await plain("//:image")).toContain("rootfs/etc/motd changed\n");
  rmSync(join(here.root, ".kraft"), { recursive: true });
  await here.build("//:list");
  expect(await plain("//:list")).toBe(
    "nothing differs from FILE\n5 of its actions are not known here, such as .kraft/out/gen/gen.h\n",
  );
});

test("what is no record is refused, and so is a file that is not there", async () => {
  const rig = await rigOf();
  await rig.build();
  const file = join(rig.root, "main.c");
  expect(await rig.compareWith(file)).toBe(`error: ${file} is nothing that "why --export" wrote\n`);
  expect(await rig.compareWith("none")).toBe("error: none cannot be read\n");
});
