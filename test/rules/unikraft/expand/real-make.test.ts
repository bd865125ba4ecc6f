import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

import { removeTree } from "../../../../src/sandbox/remove-tree.ts";
import { type Ran, rig, temporaryDirectory } from "../../../e2e/rig.ts";

const examples = fileURLToPath(new URL("../../../../examples", import.meta.url));

/** A workspace with the core and the libraries of the examples, the app `name`, and `files`. */
function workspace(
  name: string,
  files: Readonly<Record<string, string>> = {},
  options: Parameters<typeof rig>[1] = {},
) {
  const here = rig({}, options);
  for (const part of ["core", "libs", name]) {
    cpSync(join(examples, part), here.path(part), { recursive: true, verbatimSymlinks: true });
  }
  here.write({ "kraft.workspace.yaml": `version: 1\npackages: [${name}]\n`, ...files });
  return here;
}

/** The mnemonics of the actions that came to `outcome`. */
function kindsOf({ events }: Ran, outcome: string): string[] {
  const kinds = events
    .filter((event) => event["outcome"] === outcome)
    .map(({ mnemonic }) => mnemonic);
  return [...new Set(kinds.map(String))].sort();
}

/** The part of `outputs` that is the kernel of the app `name`, by what it is called. */
function kernelOf({ outputs }: Ran, name: string): string {
  const [digest] = Object.entries(outputs).flatMap(([path, digest]) =>
    path.endsWith(`/${name}_qemu-x86_64`) ? [digest] : [],
  );
  if (digest === undefined) throw new Error(`no kernel among ${Object.keys(outputs).join(" ")}`);
  return digest;
}

/** The kernel that make itself makes of the app `name`, with the options that were resolved. */
function kernelOfMake(here: ReturnType<typeof workspace>, name: string): Buffer {
  const root = temporaryDirectory();
  const libraries = ["crc", "wordcount"].filter(
    (library) => library === "wordcount" || name === "sum",
  );
  const copy = (from: string, to: string): void => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(here.path(from), join(root, to), { recursive: true, verbatimSymlinks: true });
  };
  copy("core", "core");
  copy(name, "app");
  for (const library of libraries) copy(`libs/lib-${library}`, `libs/${library}`);
  mkdirSync(join(root, "build"));
  const out = `.kraft/out/${name}`;
  const config = readFileSync(here.path(`${out}/qemu-x86_64.config/.config.${name}_qemu-x86_64`));
  writeFileSync(join(root, "build/.config"), String(config).replaceAll("/kraft/", `${root}/`));
  mkdirSync(join(root, "rootfs"));
  const initrd = here.path(`${out}/rootfs-x86_64/initramfs-x86_64.cpio`);
  symlinkSync(initrd, join(root, "rootfs/initramfs-x86_64.cpio"));
  const map = `-ffile-prefix-map=${root}=/kraft`;
  execFileSync(
    "make",
    [
      "-s",
      "-j2",
      "-C",
      join(root, "core"),
      `A=${root}/app`,
      `O=${root}/build`,
      `L=${libraries.map((library) => `${root}/libs/${library}`).join(":")}`,
      `N=${name}`,
      `C=${root}/build/.config`,
      "HOSTUTC=1970-01-01T00:00:00+00:00",
      `UK_CFLAGS=${map}`,
      `UK_ASFLAGS=${map}`,
      "all",
    ],
    { env: { PATH: "/usr/bin:/bin" }, stdio: "pipe" },
  );
  return readFileSync(join(root, `build/${name}_qemu-x86_64`));
}

const sharedCache = mkdtempSync(join(tmpdir(), "kraft-real-make-"));
afterAll(() => removeTree(sharedCache));

for (const name of ["hello", "sum"]) {
  test(`the kernel of ${name} is to the byte what make makes of it, object by object`, async () => {
    const here = workspace(name, {}, { cache: sharedCache });
    const built = await here.build(
      `//${name}:qemu-x86_64`,
      `//${name}:qemu-x86_64.config`,
      `//${name}:rootfs-x86_64`,
    );
    expect(built.code, built.text).toBe(0);
    const kinds = [...kindsOf(built, "executed"), ...kindsOf(built, "localHit")];
    expect(kinds).toEqual(expect.arrayContaining(["AS", "CC", "LD", "LDS", "SCSTRIP"]));
    expect(kinds).not.toContain("Kernel");
    const kernel = readFileSync(
      here.path(`.kraft/out/${name}/qemu-x86_64.kernel/${name}_qemu-x86_64`),
    );
    expect(kernel.equals(kernelOfMake(here, name))).toBe(true);
  });
}

/** A library of which a header comes from a script of its own that is called configure. */
const odd = {
  "libs/lib-odd/configure": "#!/bin/sh\nexec echo '#define ODD 7' > \"$1\"\n",
  "libs/lib-odd/Config.uk": 'config LIBODD\n\tbool "odd"\n',
  "libs/lib-odd/odd.c": "#include <odd.h>\nint odd(void) { return ODD; }\n",
  "libs/lib-odd/Makefile.uk": `$(eval $(call addlib_s,libodd,$(CONFIG_LIBODD)))
CINCLUDES-$(CONFIG_LIBODD) += -I$(LIBODD_BUILD)
LIBODD_SRCS-y += $(LIBODD_BASE)/odd.c
$(LIBODD_BUILD)/odd.h: $(LIBODD_BASE)/configure
	$(call verbose_cmd,CONF,odd.h,sh $(LIBODD_BASE)/configure $(LIBODD_BUILD)/odd.h)
UK_PREPARE-$(CONFIG_LIBODD) += $(LIBODD_BUILD)/odd.h
`,
  "hello/Kraftfile": `spec: v0.6
name: hello
unikraft: {source: ../core, kconfig: {CONFIG_LIBVFSCORE: 'y'}}
libraries:
  wordcount: {source: ../libs/lib-wordcount}
  odd: {source: ../libs/lib-odd}
targets: [qemu/x86_64]
`,
};

test("a core that runs what nobody can see through is one call of make, which is told", async () => {
  const here = workspace("hello", odd);
  const built = await here.build("//hello:qemu-x86_64");
  expect(built.code, built.text).toBe(0);
  expect(built.text).toContain(
    "note: //hello:qemu-x86_64.kernel is built by one call of make, as /kraft/build/libodd/odd.h cannot be a step of its own: it runs configure (/kraft/libs/odd/Makefile.uk:",
  );
  expect(kindsOf(built, "executed")).toContain("Kernel");
  expect(kindsOf(built, "executed")).not.toContain("CC");
  expect(kernelOf(built, "hello")).toMatch(/^[0-9a-f]{64} x$/);
  expect((await here.build("//hello:qemu-x86_64")).counts).toEqual({
    upToDate: Object.values(built.counts).reduce((sum, count) => sum + count, 0),
  });
});

test("the same recipe is seen through when what it runs is no such tool", async () => {
  const renamed = Object.fromEntries(
    Object.entries(odd).map(([path, text]) => [
      path.replace("configure", "settle"),
      text.replaceAll("/configure", "/settle"),
    ]),
  );
  const here = workspace("hello", renamed, { cache: sharedCache });
  const built = await here.build("//hello:qemu-x86_64");
  expect(built.code, built.text).toBe(0);
  expect(built.text).not.toContain("one call of make");
  expect(kindsOf(built, "executed")).toEqual(expect.arrayContaining(["CC", "CONF", "LD"]));
  // An edit of the script reaches the objects that include what it says, and no others.
  here.write({ "libs/lib-odd/settle": "#!/bin/sh\nexec echo '#define ODD 8' > \"$1\"\n" });
  const again = await here.build("//hello:qemu-x86_64");
  expect(again.executed.filter((subject) => /\.[ocS]$|odd/.test(subject))).toEqual([
    "build/libodd.o",
    "build/libodd/odd.h",
    "build/libodd/odd.o",
    "libs/lib-odd",
  ]);
});

test("kernels are the same in every sandbox, by one plan", async () => {
  const runs = new Map<string, Ran>();
  for (const sandbox of ["none", "links", "bwrap"]) {
    const here = workspace("sum");
    const built = await here.build("//sum:qemu-x86_64", `--sandbox=${sandbox}`);
    expect(built.code, built.text).toBe(0);
    expect(built.text).not.toContain("one call of make");
    runs.set(sandbox, built);
  }
  const kernels = [...runs.values()].map((ran) => kernelOf(ran, "sum"));
  expect(new Set(kernels).size).toBe(1);
  expect(new Set([...runs.values()].map(({ counts }) => JSON.stringify(counts))).size).toBe(1);
});

test("a core inside of a workspace and one beside it share every object", async () => {
  const inside = workspace("hello", {}, { cache: sharedCache });
  const first = await inside.build("//hello:qemu-x86_64");
  expect(first.code, first.text).toBe(0);
  const place = temporaryDirectory();
  for (const part of ["core", "libs"]) {
    cpSync(join(examples, part), join(place, part), { recursive: true, verbatimSymlinks: true });
  }
  const outside = workspace("hello", {}, { cache: inside.cache, root: join(place, "deeper/work") });
  outside.write({
    "kraft.workspace.yaml":
      "version: 1\npackages: [hello]\ncomponents: {unikraft: ../../core, wordcount: ../../libs/lib-wordcount}\n",
  });
  const second = await outside.build("//hello:qemu-x86_64");
  expect(second.code, second.text).toBe(0);
  expect(second.outputs).toEqual(first.outputs);
  // Where the parts are is said once, in what lists the steps.
  expect(kindsOf(second, "executed")).toEqual(["Expand"]);
  expect(kindsOf(second, "localHit")).toEqual(expect.arrayContaining(["CC", "LD", "Configure"]));
});
