import { appendFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";
import type { Ran } from "./rig.ts";

/** The mnemonics of the actions that ran. */
function executedKinds({ events }: Ran): Set<unknown> {
  const executed = events.filter(({ outcome }) => outcome === "executed");
  return new Set(executed.map(({ mnemonic }) => mnemonic));
}

/** The names of the objects that were not up to date. */
function objectsIn({ events }: Ran): string[] {
  return events
    .filter(({ kind, mnemonic, outcome }) => {
      return kind === "action-finished" && mnemonic === "CC" && outcome !== "upToDate";
    })
    .map(({ subject }) => basename(String(subject)));
}

test("a unikernel is built once, and taken from the cache in another workspace", async () => {
  const one = examplesRig();
  const first = await one.build("//hello:qemu-x86_64");
  expect(first.code, first.text).toBe(0);
  const { executed: actions = 0, ...others } = first.counts;
  expect(others).toEqual({});
  expect(actions).toBeGreaterThan(2);
  expect((await one.build("//hello:qemu-x86_64")).counts).toEqual({ upToDate: actions });
  const other = examplesRig({ cache: one.cache });
  const second = await other.build("//hello:qemu-x86_64");
  expect(second).toMatchObject({ counts: { localHit: actions }, outputs: first.outputs });
});

test("a comment in the core ends at the kernel: no image is packed again", async () => {
  const { build, path } = examplesRig();
  const first = await build("//hello:qemu-x86_64.oci");
  expect(executedKinds(first)).toContain("Package");
  appendFileSync(path("core/lib/nolibc/ctype.c"), "/* Nothing new. */\n");
  const second = await build("//hello:qemu-x86_64.oci");
  const kinds = executedKinds(second);
  expect(second.code, second.text).toBe(0);
  for (const kind of ["Configure", "Rootfs", "Package"]) expect(kinds).not.toContain(kind);
  expect(objectsIn(second)).toEqual(["ctype.o"]);
  expect(second.outputs).toEqual(first.outputs);
});

test("a touch of every file builds nothing", async () => {
  const { build, touch } = examplesRig();
  const { executed } = (await build("//hello:qemu-x86_64")).counts;
  touch(new Date("2001-02-03T04:05:06Z"));
  for (const words of [[], ["--recheck"]]) {
    expect((await build("//hello:qemu-x86_64", ...words)).counts).toEqual({ upToDate: executed });
  }
});

test("//...:oci is the image of every app, and passes over what is no app", async () => {
  const here = examplesRig();
  here.write({
    "kraft.workspace.yaml": "version: 1\npackages: [hello, cat, docs]\n",
    "docs/kraft.build.yaml": "targets: [{name: docs, rule: filegroup, srcs: [page.md]}]\n",
    "docs/page.md": "",
  });
  const query = await here.run(["query", "//...:oci"]);
  expect(query).toMatchObject({ code: 0, stdout: "//cat:oci\n//hello:oci\n" });
  const rest = await here.run(["query", "//... - //...:oci"]);
  expect(rest.stdout).toContain("//docs:docs\n");
  expect(rest.stdout).not.toContain(":oci\n");
  const built = await here.build("//...:oci");
  expect(built.code, built.text).toBe(0);
  for (const app of ["hello", "cat"]) {
    const index = here.read(`.kraft/out/${app}/oci/image/index.json`);
    for (const platform of ["qemu", "fc"]) {
      expect(index).toContain(`"unikraft.org/${app}:latest-${platform}-x86_64"`);
    }
  }
  const each = await here.build("//hello:oci", "//cat:oci");
  expect(Object.keys(each.counts)).toEqual(["upToDate"]);
});

for (const [words, label] of [
  [["hello", "--plat", "qemu"], "//hello:qemu-x86_64"],
  [["hello", "--plat", "fc", "--arch", "x86_64"], "//hello:fc-x86_64"],
  [["hello", "--target", "fc-x86_64"], "//hello:fc-x86_64"],
] as const) {
  test(`"${words.join(" ")}" chooses what ${label} is`, async () => {
    const { build } = examplesRig();
    const chosen = await build(...words);
    expect(chosen.code, chosen.text).toBe(0);
    const named = await build(label, "--recheck");
    expect(new Set(Object.keys(named.counts))).toEqual(new Set(["upToDate"]));
  });
}
