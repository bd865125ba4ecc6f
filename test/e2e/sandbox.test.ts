import { rmSync } from "node:fs";
import { expect, test } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { rig } from "./rig.ts";

/** Nothing in it says where it was compiled. */
const placeless = {
  ...cWorkspace,
  "lib/kraft.build.yaml": cWorkspace["lib/kraft.build.yaml"].replace("-g, ", ""),
  "tree/kraft.build.yaml": `targets:
  - name: tree
    rule: exec
    srcs: [in]
    outs: [t]
    command: 'mkdir -p $OUT/a/b; cp $SRCS $OUT/a/b/x; ln -s b/x $OUT/a/l; : > $OUT/e; chmod +x $OUT/e'
  - {name: list, rule: exec, srcs: [":tree"], outs: [o], command: 'cd $SRCS; { find . | LC_ALL=C sort; cat a/l; } > $OLDPWD/$OUT'}
`,
  "tree/in": "in the tree\n",
};

test("the kinds of sandbox give the same outputs, and take each other's results", async () => {
  const { build, root, cache } = rig(placeless);
  const kinds = ["none", "links", "bwrap"];
  const first = await build("//...", "--sandbox", "bwrap");
  expect(first).toMatchObject({ code: 0, counts: { executed: 6 } });
  for (const sandbox of kinds) {
    rmSync(`${root}/.kraft`, { recursive: true });
    const cached = await build("//...", "--sandbox", sandbox);
    expect(cached.counts).toEqual({ localHit: 6 });
    rmSync(`${root}/.kraft`, { recursive: true });
    rmSync(cache, { recursive: true });
    const ran = await build("//...", "--sandbox", sandbox);
    expect(ran, sandbox).toMatchObject({ code: 0, counts: { executed: 6 } });
    expect(ran.outputs, sandbox).toEqual(first.outputs);
  }
});

test("an action in bwrap sees no home, no device and no process of the machine", async () => {
  const { build, read } = rig({
    "kraft.build.yaml": `targets:
  - name: look
    rule: exec
    outs: [o]
    command: '{ pwd; whoami; uname -n; ls -A /home $HOME /tmp; ls /sys || true; cat /proc/[0-9]*/comm /proc/self/comm; } > $OUT 2>&1'
`,
  });
  const ran = await build(":look", "--sandbox", "bwrap");
  expect(ran.code).toBe(0);
  expect(read(".kraft/out/look/o")).toBe(`\
/kraft
kraft
kraft
/home:
kraft

/home/kraft:

/tmp:
ls: cannot access '/sys': No such file or directory
bwrap
sh
cat
`);
});
