import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { boot, coreRig, hasProgram, qemuOptions } from "./core-rig.ts";

const rig = coreRig();
afterAll(() => rig.remove());

const canBoot = ["make", "gcc", "cpio", "qemu-system-x86_64"].every(hasProgram);
const common = ["CONFIG_LIBVFSCORE=y", "CONFIG_LIBCRC=y", "CONFIG_LIBWORDCOUNT=y"];
const firecracker = ["CONFIG_PLAT_KVM=y", "CONFIG_KVM_VMM_FIRECRACKER=y"];

/** The root file system of `app` as an archive. */
function archiveOf(app: string): string {
  const archive = join(rig.directory, `${app}.cpio`);
  const command = `find . -mindepth 1 | sort | cpio --quiet -o -H newc > '${archive}'`;
  const packed = spawnSync("sh", ["-c", command], { cwd: join(rig.sources, app, "rootfs") });
  expect(packed.status).toBe(0);
  return archive;
}

/** Builds `app`, and gives the path of the kernel. */
function built(app: string, options: readonly string[], directory = app): string {
  const output = rig.output(`out-${directory}`);
  output.configure(app, options);
  output.compile(app, "UK_LDFLAGS=-Wl,--fatal-warnings");
  const platform = options.includes("CONFIG_KVM_VMM_FIRECRACKER=y") ? "fc" : "qemu";
  return join(output.build, `${app}_${platform}-x86_64`);
}

describe.skipIf(!canBoot)("kernels under QEMU", () => {
  let cat = "";
  beforeAll(() => {
    cat = built("cat", [...qemuOptions, ...common]);
  });
  const initrd = (app: string): string[] => ["-initrd", archiveOf(app)];

  test("hello says hello, and prints arguments, a variable and a file behind a link", async () => {
    const kernel = built("hello", [...qemuOptions, ...common]);
    const parameters = 'vfs.fstab=[ "initrd0:/:extract::ramfs=1:" ] env.vars=[ "USER=a b" "X=1" ]';
    const append = ["-append", `${parameters} -- one "two three" \\"`];
    const { console } = await boot(kernel, [...initrd("hello"), ...append], "49 bytes");
    expect(console).toContain(
      [
        "Hello from kraft-graph!",
        "argument 1: one",
        "argument 2: two three",
        'argument 3: "',
        "USER is a b",
        "This greeting is a file of the root file system.",
        "That was: 1 lines, 10 words, 49 bytes",
      ].join("\n"),
    );
    expect(console).toContain("built 1970-01-01T00:00:00+00:00\n");
    expect(console).not.toContain("Warn");
  });

  test("cat prints files, and the machine ends with 0", async () => {
    const append = ["-append", "-c /poems/sea.txt /latest"];
    const { console, status } = await boot(cat, [...initrd("cat"), ...append]);
    expect(console).toContain("The sea has no floor\nthat a boat ever found.\n-- /poems/sea.txt: ");
    expect(console).toContain("-- /latest: crc a14651c2, 2 lines, 6 words, 30 bytes\n");
    expect(status).toBe(0);
  });

  test("a main that fails ends the machine with twice its status plus one", async () => {
    const append = ["-append", "/latest/ /etc/../none /etc"];
    const { console, status } = await boot(cat, [...initrd("cat"), ...append]);
    expect(console).toContain("/latest/: not a directory\n");
    expect(console).toContain("/etc/../none: no such file or directory\n/etc: is a directory\n");
    expect(status).toBe(3);
  });

  test("a damaged archive stops the boot with a message", async () => {
    const archive = join(rig.directory, "damaged.cpio");
    writeFileSync(archive, "070701 and then something else, long enough to be a header".repeat(4));
    const { console, status } = await boot(cat, ["-initrd", archive]);
    expect(console).toContain("the archive is damaged");
    expect(status).toBe(3);
  });

  test("sum has its files inside, for Firecracker too, which boots by PVH here", async () => {
    const embedded = [
      ...common,
      "CONFIG_LIBCRC_ADLER32=y",
      "CONFIG_LIBUKBOOT_BANNER_NONE=y",
      "CONFIG_LIBVFSCORE_AUTOMOUNT_CI_EINITRD=y",
      `CONFIG_LIBVFSCORE_AUTOMOUNT_EINITRD_PATH="${archiveOf("sum")}"`,
    ];
    const sums = [
      "cbf43926 091e01de /data/check",
      "adaac02e 11e60398 /data/deep/name",
      "00000000 00000001 /data/empty",
      "adaac02e 11e60398 /link",
      "4 files: 0 lines, 1 words, 27 bytes\n",
    ].join("\n");
    const qemu = built("sum", [...qemuOptions, ...embedded]);
    expect(await boot(qemu, [])).toEqual({ console: sums, status: 0 });
    const other = built("sum", [...firecracker, ...embedded], "sum-fc");
    expect(await boot(other, ["-append", "sum /"])).toEqual({ console: sums, status: 0 });
  });

  test("a bug ends the machine as a crash, with the place", async () => {
    const app = join(rig.sources, "crash");
    mkdirSync(app);
    writeFileSync(
      join(app, "Makefile.uk"),
      "$(eval $(call addlib,appcrash))\nAPPCRASH_SRCS-y += $(APPCRASH_BASE)/main.c\n",
    );
    writeFileSync(join(app, "main.c"), "int main(void) { __builtin_trap(); }\n");
    const { console, status } = await boot(built("crash", qemuOptions), []);
    expect(console).toMatch(/Crash: invalid opcode \(exception 6, code 0x0\) at 0x1[0-9a-f]{5}\n/);
    expect(console).toMatch(/ {2}called from 0x1[0-9a-f]{5}\n/);
    expect(status).toBe(83);
  });
});
