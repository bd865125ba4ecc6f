import { appendFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

const examples = join(import.meta.dirname, "../../examples");

const kraftfile = `# A comment.
spec: v0.6
name: app
unikraft:
  source: ../core
  kconfig:
    CONFIG_LIBVFSCORE: y # files
    CONFIG_LIBUKBOOT_MAXNBARGS: 99999
    CONFIG_LIBVFSCOER: y
targets:
  - qemu/x86_64
  - fc/x86_64
`;

/** A workspace with the example core and an app. */
function workspace() {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": kraftfile,
    "app/Config.uk": 'config APPAPP\n\tbool "app"\n',
    "app/Makefile.uk": "",
  });
  cpSync(join(examples, "core"), here.path("core"), { recursive: true });
  return here;
}

test("options are listed with where they are from, explained and compared", async () => {
  const { run, write } = workspace();
  const target = "//app:qemu-x86_64";
  const names = ["LIBVFSCORE", "CONFIG_LIBRAMFS", "PLAT_KVM", "LIBUKBOOT_MAXNBARGS"];
  const shown = await run(["config", "show", target, ...names]);
  expect(shown.stdout.replaceAll(/ +#/g, " #")).toBe(
    [
      "CONFIG_LIBVFSCORE=y # app/Kraftfile:7",
      "CONFIG_LIBRAMFS=y # selected by LIBVFSCORE (core/lib/vfscore/Config.uk:7)",
      "CONFIG_PLAT_KVM=y # the platform or target",
      "CONFIG_LIBUKBOOT_MAXNBARGS=60 # default of core/lib/ukboot/Config.uk:36\n",
    ].join("\n"),
  );
  expect(shown.text).toContain(
    [
      "warning[unknown-option]: no Config.uk file declares CONFIG_LIBVFSCOER: it has no effect",
      " --> app/Kraftfile:9",
      ' = help: did you mean "CONFIG_LIBVFSCORE"?',
    ].join("\n"),
  );
  const explained = await run(["config", "explain", `${target}.config`, "LIBUKBOOT_MAXNBARGS"]);
  expect(explained.stdout).toContain(
    "because:              the range from 2 to 4096 of core/lib/ukboot/Config.uk:35 does not hold it",
  );
  const other = await run(["config", "diff", target, "//app:fc-x86_64"]);
  expect(other.stdout).toContain("-CONFIG_KVM_VMM_QEMU=y\n+# CONFIG_KVM_VMM_QEMU is not set\n");
  write({ defconfig: "CONFIG_LIBVFSCORE=n\nCONFIG_LIBRAMFS=y\n" });
  const file = await run(["config", "diff", target, "defconfig"]);
  expect(file.stdout).toBe("-CONFIG_LIBVFSCORE=y\n+# CONFIG_LIBVFSCORE is not set\n");
  const wrong = await run(["config", "explain", target, "LIBRAMSF"]);
  expect([wrong.code, wrong.text.split("\n").slice(-3).join("\n")]).toEqual([
    2,
    'error[unknown-option]: no Config.uk file of this target declares CONFIG_LIBRAMSF\n = help: did you mean "CONFIG_LIBRAMFS"?\n',
  ]);
}, 120_000);

test("a core without a menu has none to show, and what is no image has no options", async () => {
  const { run, write } = workspace();
  const menu = await run(["menuconfig", "//app:qemu-x86_64"]);
  expect(menu.code).toBe(2);
  expect(menu.text).toContain("error[no-options]: this core has no menuconfig\n");
  write({
    "g/kraft.build.yaml": "targets:\n  - {name: t, rule: exec, outs: [a], command: 'true'}\n",
  });
  const other = await run(["config", "show", "//g:t"]);
  expect(other.text).toContain("error[no-options]: //g:t has no options\n");
}, 120_000);

test("what was changed in the menu is written back, less what follows by itself", async () => {
  const { run, path, read } = workspace();
  // A stand-in for the menu: a user who turns a library off and sets a number.
  appendFileSync(
    path("core/Makefile"),
    [
      "\nmenuconfig:",
      "\tsed -e 's/^CONFIG_LIBVFSCORE=y/# CONFIG_LIBVFSCORE is not set/' \\",
      "\t\t-e 's/^CONFIG_LIBUKBOOT_MAXNBARGS=.*/CONFIG_LIBUKBOOT_MAXNBARGS=12/' \\",
      "\t\t-e 's/^CONFIG_KVM_SERIAL_BAUD=.*/CONFIG_KVM_SERIAL_BAUD=9600/' $(C) > $(C).new",
      "\tmv $(C).new $(C)",
      "\t$(MAKE) -f $(UK_BASE)/Makefile A=$(A) O=$(O) L=$(L) N=$(N) C=$(C) olddefconfig\n",
    ].join("\n"),
  );
  const asked = await run(["menuconfig", "//app:qemu-x86_64"]);
  expect(asked.text).toContain("app/Kraftfile is as it was; --write writes without asking\n");
  expect(read("app/Kraftfile")).toBe(kraftfile);
  const done = await run(["menuconfig", "--write", "//app:qemu-x86_64"]);
  expect(done.text).toContain("app/Kraftfile is written\n");
  expect(done.stdout).toContain("-CONFIG_LIBVFSCORE=y\n+# CONFIG_LIBVFSCORE is not set\n");
  expect(read("app/Kraftfile")).toBe(
    kraftfile
      .replace("CONFIG_LIBVFSCORE: y # files", "CONFIG_LIBVFSCORE: n # files")
      .replace("99999", "12")
      .replace(
        "CONFIG_LIBVFSCOER: y\n",
        "CONFIG_LIBVFSCOER: y\n    CONFIG_KVM_SERIAL_BAUD: 9600\n",
      ),
  );
}, 120_000);
