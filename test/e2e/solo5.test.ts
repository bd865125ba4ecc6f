import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";
import { realSolo5 as real, solo5Rig, solo5Test } from "./solo5-rig.ts";

const app = {
  "app/kraft.build.yaml": `version: 1
targets:
  - {name: app, rule: solo5, srcs: [main.c, say.c], abis: [spt, hvt], args: [by, default]}
`,
  "app/manifest.json": '{"type": "solo5.manifest", "version": 1, "devices": []}',
  "app/say.h": `#include "solo5.h"
#define SAID "it says "
void say(const char *text);
`,
  "app/say.c": `#include "say.h"
void say(const char *text) {
  size_t size = 0;
  while (text[size]) size++;
  solo5_console_write(text, size);
}
`,
  "app/main.c": `#include "say.h"
int solo5_app_main(const struct solo5_start_info *info) {
  say(SAID);
  say(info->cmdline);
  say("\\n");
  return info->cmdline[0] == '7' ? 7 : SOLO5_EXIT_SUCCESS;
}
`,
};

const store = {
  "store/kraft.build.yaml": `version: 1
targets:
  - {name: store, rule: solo5, srcs: [main.c], abis: [spt, virtio], disks: {data: ":disk"}}
  - {name: bare, rule: solo5, srcs: [main.c], abis: [spt]}
  - {name: disk, rule: exec, outs: [disk.img], command: "head -c 4096 /dev/zero | tr '\\\\0' d > $OUT"}
`,
  "store/manifest.json":
    '{"type": "solo5.manifest", "version": 1, "devices": [{"name": "data", "type": "BLOCK_BASIC"}]}',
  "store/main.c": `#include "solo5.h"
int solo5_app_main(const struct solo5_start_info *info) {
  (void)info;
  static uint8_t block[512];
  solo5_handle_t disk;
  struct solo5_block_info about;
  if (solo5_block_acquire("data", &disk, &about) != SOLO5_R_OK) return 2;
  if (about.capacity != 4096 || about.block_size != 512) return 3;
  if (solo5_block_read(disk, 512, block, 512) != SOLO5_R_OK) return 4;
  block[1] = '\\n';
  solo5_console_write((const char *)block, 2);
  block[0] = 'w';
  if (solo5_block_write(disk, 512, block, 512) != SOLO5_R_OK) return 5;
  return SOLO5_EXIT_SUCCESS;
}
`,
};

solo5Test("an application is built for each ABI from objects that are compiled once", async () => {
  const { build } = solo5Rig(app);
  const first = await build("//...");
  expect(first.text).toContain("done: 7 actions: 7 run");
  expect(Object.keys(first.outputs)).toEqual(["app/app.hvt/app.hvt", "app/app.spt/app.spt"]);
  expect((await build("//...")).counts).toEqual({ upToDate: 7 });
});

solo5Test("it runs in the tender of its ABI, with its own arguments or others", async () => {
  const { run } = solo5Rig(app);
  const own = await run(["run", "//app"]);
  expect(own.stdout).toContain("it says by default\n");
  expect(own.code).toBe(0);
  const other = await run(["run", "//app:app.spt", "--", "7", "and", "more"]);
  expect(other.stdout).toContain("it says 7 and more\n");
  expect(other.code).toBe(7);
});

solo5Test("a header makes what reads it again, and a comment in it nothing", async () => {
  const { build, write, read } = solo5Rig(app);
  await build("//app:app.spt");
  write({ "app/say.h": read("app/say.h").replace("SAID", "/* What is said. */ SAID") });
  const commented = await build("//app:app.spt");
  expect(commented.executed).toEqual([]);
  write({ "app/say.h": read("app/say.h").replace("it says", "it tells") });
  const changed = await build("//app:app.spt");
  expect(changed.executed).toEqual(["app/app.spt/app.spt", "app/main.c"]);
});

solo5Test("how a manifest is laid out makes nothing again, and a device does", async () => {
  const { build, write } = solo5Rig(app);
  await build("//app:app.spt");
  write({ "app/manifest.json": '{\n  "version": 1,\n "devices": [], "type": "solo5.manifest"}\n' });
  expect((await build("//app:app.spt")).executed).toHaveLength(1);
  write({
    "app/manifest.json":
      '{"type": "solo5.manifest", "version": 1, "devices": [{"name": "net0", "type": "NET_BASIC"}]}',
  });
  expect((await build("//app:app.spt")).executed).toHaveLength(4);
});

solo5Test("a guest writes to the copy of a disk, and to a file that is named", async () => {
  const { run, path, write } = solo5Rig(store);
  for (const _ of [1, 2]) {
    const copied = await run(["run", "//store:store.spt"]);
    expect([copied.code, copied.stdout.includes("d\n")]).toEqual([0, true]);
  }
  write({ "own.img": "o".repeat(4096) });
  const own = await run(["run", "--block", "data=own.img", "//store:bare.spt"]);
  expect([own.code, own.stdout.includes("o\n")]).toEqual([0, true]);
  expect(readFileSync(path("own.img"), "latin1").slice(510, 515)).toBe("oow\no");
});

solo5Test("what is not attached, or not declared, is told before anything is started", async () => {
  const { run } = solo5Rig(store);
  const bare = await run(["run", "//store:bare"]);
  expect(bare.code).toBe(2);
  expect(bare.stderr).toContain(
    'error: nothing is attached to the block device "data": --block data=FILE\n',
  );
  const words = ["--block", "date=x", "--net", "net0=tap0", "-p", "80:80", "-e", "A=1"];
  const strange = await run(["run", ...words, "//store:store"]);
  expect(strange.code).toBe(2);
  expect(
    strange.stderr,
  ).toContain(`error: ports cannot be forwarded to machines of Solo5: attach a network, --net NAME=INTERFACE
Solo5 has no variables for applications, only arguments
the kernel has no block device "date": it declares data
the kernel has no net device "net0": it declares none
`);
});

test("without Solo5, what is missing is told, and how to get it", async () => {
  const { run } = rig({
    "kraft.workspace.yaml": "version: 1\nbuild: {path: /usr/bin:/bin}\n",
    ...app,
  });
  const built = await run(["build", "--keep-going", "//app:app.spt"]);
  expect(built.code).toBe(1);
  expect(built.text).toContain(
    "there is no solo5-elftool in /usr/bin:/bin; install Solo5 (opam install solo5, " +
      "or from https://github.com/Solo5/solo5), and name its bin directory in build.path",
  );
  const examined = await run(["doctor", "//app:app.spt"]);
  expect(examined.code).toBe(1);
  expect(examined.stdout).toContain("MISSING  solo5-elftool");
});

solo5Test("of an edit, why tells what it made", async () => {
  const { build, write, read, run } = solo5Rig(app);
  await build("//app:app.spt");
  write({ "app/main.c": read("app/main.c").replace("? 7", "? 8") });
  await build("//app:app.spt");
  expect((await run(["why", "//app:app.spt"])).stdout).toContain("app/main.c");
});

test.skipIf(real !== undefined)(
  "another Solo5 links again, and compiles what reads its headers (stand-ins)",
  async () => {
    const { build, prefix } = solo5Rig(app);
    await build("//app:app.spt");
    const binding = join(prefix, "lib/x86_64-solo5-none-static/solo5_spt.c");
    expect(existsSync(binding)).toBe(true);
    writeFileSync(binding, `${readFileSync(binding, "utf8")}const int release = 2;\n`);
    const linked = await build("//app:app.spt");
    expect(linked.executed).toContain("app/app.spt/app.spt");
    const header = join(prefix, "include/solo5/solo5.h");
    writeFileSync(header, readFileSync(header, "utf8").replace("EXIT_SUCCESS 0", "EXIT_SUCCESS 3"));
    const compiled = await build("//app:app.spt");
    expect(compiled.executed).toEqual(["app/app.spt/app.spt", "app/main.c"]);
  },
);
