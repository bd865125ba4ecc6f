import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import { buildRig } from "./build-rig.ts";

/** A build file of which the target `text` makes text.txt of main.c with `line`. */
function command(line: string, outs = "text.txt"): string {
  const quoted = JSON.stringify(line);
  return `targets:\n  - {name: text, rule: exec, srcs: [main.c], outs: [${outs}], default: true, command: ${quoted}}\n`;
}

/** A workspace with a package that has one target, and one with two machines. */
function rig(files: Readonly<Record<string, string>> = {}) {
  const made = buildRig({
    "kraft.workspace.yaml": "version: 1\nrules: [generic, machines]\n",
    "app/kraft.build.yaml": command("cp $SRCS $OUT"),
    "app/main.c": "x",
    "vm/MACHINES": "q qemu x86_64\nf fc x86_64\n",
    ...files,
  });
  const read = (path: string): string => readFileSync(join(made.root, path), "utf8");
  return { ...made, read };
}

const output = ".kraft/out/app/text/text.txt";

test("a build tells of itself in order, and lays out what was asked for", async () => {
  const { run, root, read } = rig();
  const built = await run("//app");
  expect(built.kinds).toEqual([
    "started",
    "loaded",
    "sandbox",
    "planned",
    "action-started",
    "action-finished",
    "finished",
  ]);
  expect(built.result).toEqual({
    kind: "built",
    root,
    isPlaced: true,
    results: new Map([["//app:text", { outputs: [output] }]]),
  });
  expect(built.events[0]).toMatchObject({ version: "1.2.3", patterns: ["//app"] });
  expect(built.events.at(-1)).toMatchObject({ ok: true, actions: { executed: 1 } });
  expect(read(output)).toBe("x");
});

test("no pattern stands for the package that the user is in", async () => {
  const { run } = rig();
  const built = await run("", { directory: "app" });
  expect(built.result).toMatchObject({ kind: "built" });
  expect(built.counts).toEqual({ executed: 1 });
});

test("what is there already is left alone, and what is not is laid out anew", async () => {
  const { run, root, read } = rig();
  await run("//app");
  const changedNs = (): bigint => lstatSync(dirname(join(root, output)), { bigint: true }).mtimeNs;
  const before = changedNs();
  expect((await run("//app")).counts).toEqual({ upToDate: 1 });
  expect(changedNs()).toBe(before);
  rmSync(join(root, ".kraft/out"), { recursive: true });
  expect((await run("//app")).counts).toEqual({ upToDate: 1 });
  expect(read(output)).toBe("x");
});

test("an output that the user overwrote is put right, and so is one of another kind", async () => {
  const { run, root, read } = rig();
  await run("//app");
  rmSync(join(root, output));
  writeFileSync(join(root, output), "edited");
  await run("//app");
  expect(read(output)).toBe("x");
  rmSync(join(root, output));
  mkdirSync(join(root, output, "full"), { recursive: true });
  await run("//app");
  expect(read(output)).toBe("x");
});

test("links and directories are laid out as they were made, without what is stale", async () => {
  const make =
    "mkdir -p $OUT/bin && echo hi >$OUT/bin/tool && chmod +x $OUT/bin/tool && ln -s bin/tool $OUT/tool && ln -s nowhere $(dirname $OUT)/link";
  const { run, root, write, read } = rig({
    "app/kraft.build.yaml": command(make, "tree, link"),
  });
  const at = (path: string): string => join(root, ".kraft/out/app/text", path);
  expect((await run("//app")).printed).toBe("");
  expect(read(".kraft/out/app/text/tree/tool")).toBe("hi\n");
  expect(lstatSync(at("tree/bin/tool")).mode & 0o111).not.toBe(0);
  expect(readlinkSync(at("link"))).toBe("nowhere");
  write(".kraft/out/app/text/tree/stale", "");
  await run("//app");
  expect(existsSync(at("tree/stale"))).toBe(false);
  expect(readlinkSync(at("tree/tool"))).toBe("bin/tool");
});

test("what fails leaves nothing of an earlier build out of place, and says so at the end", async () => {
  const { run, write } = rig();
  write("app/kraft.build.yaml", command("echo no >&2; exit 2"));
  const failed = await run("//...");
  expect(failed.result).toEqual({ kind: "failed" });
  expect(failed.events.at(-1)).toMatchObject({ ok: false, actions: { failed: 1 } });
});

test("with the layout of KraftKit, outputs are linked to where it has them", async () => {
  const { run, root, write, read } = rig();
  write("vm/.config", "of the user's own making");
  const built = await run("//vm:q", { kraftLayout: true });
  expect(built.result).toMatchObject({ kind: "built" });
  expect(readlinkSync(join(root, "vm/.unikraft/build/k_qemu-x86_64"))).toBe(
    "../../../.kraft/out/vm/q/kernel",
  );
  expect(read("vm/.unikraft/build/k_qemu-x86_64")).toBe("qemu/x86_64");
  expect(read("vm/.config")).toBe("CONFIG_A=y\n");
  const changedNs = (): bigint => lstatSync(join(root, "vm"), { bigint: true }).mtimeNs;
  const before = changedNs();
  await run("//vm:q", { kraftLayout: true, isThorough: true });
  expect(changedNs()).toBe(before);
});

test("what it takes to boot a target is laid out with it", async () => {
  const { run, read } = rig();
  await run("//vm:q");
  expect(read(".kraft/out/vm/q/config")).toBe("CONFIG_A=y\n");
  expect(existsSync("vm/.config")).toBe(false);
});

test("a build of which nothing changed is remembered, and told as up to date", async () => {
  const { run, write, read } = rig();
  const minute = { aheadMs: 60_000 };
  await run("//app", minute); // Makes `.kraft`, which changes the root that was listed before.
  const first = await run("//app", minute);
  const again = await run("//app", minute);
  expect(again.kinds).toEqual(["started", "loaded", "finished"]);
  expect(again).toMatchObject({ isRemembered: true, counts: { upToDate: 1 } });
  expect(again.result).toEqual(first.result);
  expect((await run("//app", { ...minute, isThorough: true })).isRemembered).toBe(false);
  write("app/main.c", "y");
  expect((await run("//app", minute)).counts).toEqual({ executed: 1 });
  expect(read(output)).toBe("y");
});

test("what else a build depends on makes it another one", async () => {
  const { run, write } = rig();
  const minute = { aheadMs: 60_000 };
  await run("//app", minute);
  await run("//app", minute);
  expect((await run("//app:text", minute)).isRemembered).toBe(false);
  const env = { KRAFT_GRAPH_BUILD_JOBS: "1" };
  expect((await run("//app", { ...minute, env })).isRemembered).toBe(false);
  expect((await run("//app", { ...minute, kraftLayout: true })).isRemembered).toBe(false);
  const engine = { version: "1.2.3", buildId: "another" };
  expect((await run("//app", { ...minute, engine })).isRemembered).toBe(false);
  expect((await run("//app", minute)).isRemembered).toBe(true);
  write("new/kraft.build.yaml", "targets: []");
  expect((await run("//app", minute)).isRemembered).toBe(false);
});

test("a build that failed, or that warned, is not remembered", async () => {
  const { run, write } = rig({ "other/kraft.build.yaml": "targets:\n  - {rule: exec}\n" });
  const minute = { aheadMs: 60_000 };
  await run("//app", minute);
  await run("//app", minute);
  expect((await run("//app", minute)).isRemembered).toBe(false);
  write("other/kraft.build.yaml", "targets: []");
  write("app/kraft.build.yaml", command("exit 1"));
  await run("//app", minute);
  await run("//app", minute);
  expect(await run("//app", minute)).toMatchObject({ isRemembered: false, counts: { failed: 1 } });
});

test("mistakes in the package that is built refuse the build, all at once", async () => {
  const { run } = rig({
    "app/kraft.build.yaml": "targets:\n  - {name: text, rule: exce, outs: [a]}\n  - {rule: exec}\n",
  });
  const refused = await run("//app");
  expect(refused.result).toEqual({ kind: "refused" });
  expect(refused.printed).toMatchInlineSnapshot(`
    "error[unknown-rule]: no rule set has a rule "exce"
     --> app/kraft.build.yaml:2:12
      |
    2 |   - {name: text, rule: exce, outs: [a]}
      |            ^^^^
      = help: did you mean "exec"?
    error[missing-attribute]: this target has no \`name\`
     --> app/kraft.build.yaml:3:5
      |
    3 |   - {rule: exec}
      |     ^^^^^^^^^^^^"
  `);
  expect(refused.kinds).toEqual(["started", "loaded", "diagnostic", "diagnostic", "finished"]);
  expect(refused.counts).toEqual({});
});

test("mistakes in other packages are only counted", async () => {
  const { run } = rig({ "other/kraft.build.yaml": "targets:\n  - {rule: exec}\n" });
  const built = await run("//app");
  expect(built.result.kind).toBe("built");
  expect(built.printed).toBe(
    '1 error in 1 file of other packages is not shown; "kraft-graph build //..." shows it',
  );
  expect((await run("//...")).result.kind).toBe("refused");
});

test("an interrupted build ends as such", async () => {
  const { run } = rig();
  const interrupt = new AbortController();
  interrupt.abort();
  const stopped = await run("//app", { signal: interrupt.signal });
  expect(stopped.result).toEqual({ kind: "interrupted" });
  expect(stopped.counts).toEqual({ skipped: 1 });
});

test("a store that cannot be written is told in a line, and the build has failed", async () => {
  const { run, root } = rig();
  writeFileSync(join(root, ".kraft"), "a file in the way");
  const failed = await run("//app");
  expect(failed.result).toEqual({ kind: "failed" });
  expect(failed.kinds.at(-2)).toBe("fault");
  expect(failed.printed).toBe("ROOT/.kraft: cannot be written (EEXIST)");
});

test("a sandbox that does not work is told, and nothing is built", async () => {
  const { run, root } = rig();
  writeFileSync(join(root, "bwrap"), "#!/bin/sh\necho no user namespaces >&2\nexit 1\n");
  chmodSync(join(root, "bwrap"), 0o755);
  const refused = await run("//app", {
    flags: [
      { name: "--sandbox", key: "build.sandbox", text: "bwrap" },
      { name: "--path", key: "build.path", text: `${root}:/usr/bin:/bin` },
    ],
  });
  expect(refused.result).toEqual({ kind: "refused" });
  expect(refused.printed).toContain("the sandbox cannot be used: ");
});

test("SOURCE_DATE_EPOCH reaches actions, and a wrong one is refused", async () => {
  const { run, read } = rig({ "app/kraft.build.yaml": command("echo $SOURCE_DATE_EPOCH >$OUT") });
  await run("//app", { env: { SOURCE_DATE_EPOCH: "86400" } });
  expect(read(output)).toBe("86400\n");
  const refused = await run("//app", { env: { SOURCE_DATE_EPOCH: "today" } });
  expect(refused.result).toEqual({ kind: "refused" });
});
