import { expect, test } from "vitest";

import { actionFor, expanded, recipeOf, step, expansionAfter } from "./expand-rig.ts";

const config = step(
  "config",
  "/kraft/build/.config FORCE",
  "CP: { cmp -s /kraft/build/.config /kraft/build/config || cp /kraft/build/.config /kraft/build/config; }",
);
const header = step(
  "include/uk/bits/config.h",
  "/kraft/build/config /kraft/build/kconfig/conf",
  "GEN: KCONFIG_CONFIG=/kraft/build/.config KCONFIG_AUTOHEADER=/kraft/build/include/uk/bits/config.h UK_BASE=/kraft/core /kraft/build/kconfig/conf --syncconfig /kraft/core/Config.uk",
);
const fixdep =
  "/kraft/build/kconfig/fixdep x.d /kraft/build/libx/a.o 'sh a.cmd' > a.d && rm -f x.d";
const compile = step(
  "libx/a.o",
  "/kraft/core/lib/x/a.c /kraft/build/include/uk/bits/config.h",
  "CC: gcc -I/kraft/core/include -I/kraft/build/include -DBASE=/kraft/core -O2 -g3 -c /kraft/core/lib/x/a.c -o /kraft/build/libx/a.o -Wp,-MD,/kraft/build/libx/.a.o.d",
  fixdep,
);

test("a call of a compiler is preprocessing and compiling, below one root", () => {
  expect(actionFor("out/kernel/libx/a.o", config, header, compile)).toMatchObject({
    kind: "compile",
    mnemonic: "CC",
    subject: "build/libx/a.o",
    preprocess: expect.arrayContaining(["gcc", "-E", "core/lib/x/a.c", "-MF", "build/libx/a.d"]),
    compile: expect.arrayContaining(["gcc", "-c", "-O2", "-g", "-o", "build/libx/a.o"]),
    text: "build/libx/a.i",
    depfile: "build/libx/a.d",
    searchPath: ["core/include", "build/include"],
    options: { header: "build/include/uk/bits/config.h", prefix: "CONFIG_" },
    outputs: ["out/kernel/libx/a.o"],
    without: { "apps/x": ["/Kraftfile*"] },
  });
});

test("a header of options that is there already only gets its place", () => {
  const call =
    "KCONFIG_CONFIG=/kraft/build/.config KCONFIG_AUTOHEADER=/kraft/build/include/uk/bits/config.h  UK_BASE=/kraft/core\t/kraft/build/kconfig/conf --syncconfig /kraft/core/Config.uk\n";
  const headerAfter = (earlyCall: string) => {
    const expansion = expansionAfter(earlyCall, config, header);
    const actions = expansion.kind === "expanded" ? expansion.actions : [];
    return actions.find(({ outputs }) => outputs.includes("out/kernel/include/uk/bits/config.h"));
  };
  const about = { mnemonic: "GEN", subject: "build/include/uk/bits/config.h" };
  expect(headerAfter(call)).toMatchObject({
    ...about,
    kind: "program",
    program: "unikraft/copy-file",
    inputs: ["out/options.h"],
  });
  const other = headerAfter(call.replace("UK_BASE=/kraft/core", "UK_BASE=/kraft/other"));
  expect(other).toMatchObject({ ...about, kind: "command" });
  expect(other?.inputs).not.toContain("out/options.h");
});

test("a compiler may read what is generated, but for what is made of its own object", () => {
  const offsets = step(
    "libx/offsets.o",
    "/kraft/core/lib/x/offsets.c",
    "CC: gcc -c /kraft/core/lib/x/offsets.c -o /kraft/build/libx/offsets.o",
  );
  const offsetHeader = step(
    "include/offsets.h",
    "/kraft/build/libx/offsets.o",
    "GEN: nm /kraft/build/libx/offsets.o > /kraft/build/include/offsets.h",
  );
  const link = step(
    "x.dbg",
    "/kraft/build/libx/a.o /kraft/build/libx/offsets.o",
    "LD: ld /kraft/build/libx/a.o /kraft/build/libx/offsets.o -o /kraft/build/x.dbg",
  );
  const image = step(
    "x",
    "/kraft/build/x.dbg",
    "SCSTRIP: strip /kraft/build/x.dbg -o /kraft/build/x",
  );
  const packed = step("x.gz", "/kraft/build/x", "GZ: gzip -c /kraft/build/x > /kraft/build/x.gz");
  const plan = [header, offsets, offsetHeader, compile, link, image, packed];
  const [one, other] = ["a", "offsets"].map(
    (name) => actionFor(`out/kernel/libx/${name}.o`, ...plan).inputs,
  );
  expect(one).toContain("out/kernel/include/offsets.h");
  expect(one).not.toContain("out/kernel/x.gz");
  expect(other).toContain("out/kernel/include/uk/bits/config.h");
  expect(other).not.toContain("out/kernel/include/offsets.h");
  expect(other).not.toContain("out/kernel/x.gz");
});

test("paths become relative, and what a macro is worth does not", () => {
  const action = actionFor("out/kernel/libx/a.o", config, header, compile);
  const words = action.kind === "compile" ? action.preprocess : [];
  expect(words.filter((word) => word.includes("/kraft"))).toEqual([
    "-DBASE=/kraft/core",
    ...words.filter((word) => word.startsWith("-ffile-prefix-map=")),
  ]);
  // What __FILE__ says is what it would say in the place where make is told to be.
  expect(words).toContain("-ffile-prefix-map=core=/kraft/core");
  expect(words).toContain("-ffile-prefix-map=build=/kraft/build");
});

test("generated headers are there before any compiler, whoever includes them", () => {
  const awk = step(
    "libid/include/libid.h",
    "/kraft/core/lib/id/libid.awk /kraft/build/libid/list",
    "AWK: awk -f /kraft/core/lib/id/libid.awk /kraft/build/libid/list > /kraft/build/libid/include/libid.h",
  );
  const list = step("libid/list", "", "GEN: echo a b | tr ' ' '\\n' > /kraft/build/libid/list");
  const { inputs } = actionFor("out/kernel/libx/a.o", compile, awk, list, config, header);
  expect(inputs).toEqual(
    expect.arrayContaining([
      "out/kernel/libid/include/libid.h",
      "out/kernel/include/uk/bits/config.h",
    ]),
  );
});

test("what a generator names is what it reads: options only if it names them", () => {
  const needs = "/kraft/core/a.awk /kraft/build/include/uk/bits/config.h";
  const quiet = step("a.h", needs, "AWK: awk -f /kraft/core/a.awk > /kraft/build/a.h");
  const named = step(
    "b.h",
    needs,
    "AWK: awk -f /kraft/core/a.awk /kraft/build/include/uk/bits/config.h > /kraft/build/b.h",
  );
  expect(actionFor("out/kernel/a.h", config, header, quiet).inputs).toEqual([
    "external/unikraft/a.awk",
  ]);
  expect(actionFor("out/kernel/b.h", config, header, named).inputs).toEqual([
    "external/unikraft/a.awk",
    "out/kernel/include/uk/bits/config.h",
  ]);
});

test("a chain of copies and scripts is one action for each, linked by what they name", () => {
  const all = expanded(
    step("l.in.new", "", "GEN: echo b a | tr ' ' '\\n' | sort > /kraft/build/l.in.new"),
    step(
      "l.in",
      "/kraft/build/l.in.new",
      "CP: cmp -s /kraft/build/l.in.new /kraft/build/l.in; if [ $? -ne 0 ]; then cp /kraft/build/l.in.new /kraft/build/l.in; fi",
    ),
    step(
      "l.h",
      "/kraft/core/l.awk /kraft/build/l.in",
      "AWK: awk -f /kraft/core/l.awk /kraft/build/l.in > /kraft/build/l.h",
    ),
  );
  expect(all.map(({ mnemonic, inputs, outputs }) => [mnemonic, inputs, outputs])).toEqual([
    ["GEN", [], ["out/kernel/l.in.new"]],
    ["CP", ["out/kernel/l.in.new"], ["out/kernel/l.in"]],
    ["AWK", ["external/unikraft/l.awk", "out/kernel/l.in"], ["out/kernel/l.h"]],
  ]);
  expect(recipeOf(all[2]!)).toBe("( awk -f core/l.awk build/l.in > build/l.h\n)");
});

test("a library is linked and reduced to what it exports in one action", () => {
  const [action, ...others] = expanded(
    step(
      "x.ld.o",
      "/kraft/build/x/a.o",
      "LD: gcc -Wl,-r /kraft/build/x/a.o -o /kraft/build/x.ld.o",
    ),
    step(
      "x.o",
      "/kraft/build/x.ld.o /kraft/libs/crc/exportsyms.uk",
      "OBJCOPY: objcopy --keep-global-symbols=/kraft/libs/crc/exportsyms.uk /kraft/build/x.ld.o /kraft/build/x.o",
    ),
    step("x/a.o", "/kraft/core/a.c", "CC: gcc -c /kraft/core/a.c -o /kraft/build/x/a.o"),
  ).filter(({ mnemonic }) => mnemonic !== "CC");
  expect(others).toEqual([]);
  expect(action).toMatchObject({
    mnemonic: "LD",
    outputs: ["out/kernel/x.o"],
    inputs: ["out/kernel/x/a.o", "libs/crc/exportsyms.uk"],
  });
  expect(recipeOf(action!)).toBe(
    "( gcc -Wl,-r build/x/a.o -o build/x.ld.o\n) && ( objcopy --keep-global-symbols=libs/crc/exportsyms.uk build/x.ld.o build/x.o\n)",
  );
});

test.each([
  ["gcc /kraft/build/x.o -o /kraft/build/k", true],
  ['""x86_64-linux-gnu-ld.lld -r -o /kraft/build/k "/kraft/build/x.o" -z max-page-size=1', true],
  ["objcopy --strip-all /kraft/build/x.o /kraft/build/k", true],
  ["gcc /kraft/build/x.o -o /kraft/build/k && /kraft/core/sign.sh /kraft/build/k", false],
  ["ld $(/kraft/core/flags.sh) /kraft/build/x.o -o /kraft/build/k", false],
  ["ld /kraft/build/x.o -o /kraft/build/k &", false],
  ["/kraft/core/ld /kraft/build/x.o -o /kraft/build/k", false],
  ["python3 /kraft/core/ld.py -o /kraft/build/k", false],
])("the recipe %j may share a sandbox: %s", (recipe, may) => {
  const action = actionFor("out/kernel/k", step("k", "", recipe));
  expect("sharesSandbox" in action).toBe(may);
});

test("a recipe of which one line alone links may not", () => {
  const lines = ["ld -r -o /kraft/build/k", "perl -e 1 /kraft/build/k"];
  const action = actionFor("out/kernel/k", step("k", "", ...lines));
  expect("sharesSandbox" in action).toBe(false);
});

test("the header of options is made from a copy, by a tool that reads no source", () => {
  const action = actionFor("out/kernel/include/uk/bits/config.h", config, header);
  expect(action.inputs).toEqual([
    "external/skeleton.core",
    "external/skeleton.app",
    "out/config/.config",
    "external/kconfig/conf",
  ]);
  const script = action.kind === "command" ? (action.argv[2] ?? "") : "";
  // The core writes options down again, and what it is given is nobody's to change.
  expect(script).not.toMatch(/KCONFIG_CONFIG=\S*build\/\.config/);
  expect(script).toContain("KCONFIG_CONFIG=$root/build/options/.config");
});

test("all that is done to an image after linking is one action", () => {
  const action = actionFor(
    "out/kernel/k",
    step("k.dbg", "/kraft/build/x.o", "LD: gcc /kraft/build/x.o -o /kraft/build/k.dbg"),
    step("x.o", "", "LD: ld -r -o /kraft/build/x.o"),
    step(
      "k",
      "/kraft/build/k.dbg",
      "SCSTRIP: strip -s /kraft/build/k.dbg -o /kraft/build/k",
      "printf '  %-7s %s\\n' 'UKBI' ' : k.bootinfo' && /kraft/core/mkbootinfo.py /kraft/build/k /kraft/build/k.bootinfo && objcopy /kraft/build/k --update-section .b=/kraft/build/k.bootinfo",
      "printf '  %-7s %s\\n' 'MULTIBT' ' : k.multiboot' && /kraft/core/multiboot.py /kraft/build/k",
    ),
  );
  expect(action).toMatchObject({
    mnemonic: "SCSTRIP",
    outputs: ["out/kernel/k"],
    inputs: [
      "out/kernel/k.dbg",
      "external/unikraft/mkbootinfo.py",
      "external/unikraft/multiboot.py",
    ],
  });
  expect(recipeOf(action).match(/^\(|&& \(/g)).toHaveLength(3);
});

test("a root file system that a source embeds is there when it is assembled", () => {
  const action = actionFor(
    "out/kernel/libvfscore/einitrd.o",
    step(
      "libvfscore/einitrd.o",
      "/kraft/core/einitrd.S /kraft/rootfs/rootfs.cpio",
      "AS: gcc -DPATH='\"/kraft/rootfs/rootfs.cpio\"' -c /kraft/core/einitrd.S -o /kraft/build/libvfscore/einitrd.o",
    ),
  );
  expect(action.inputs).toContain("out/rootfs.cpio");
});

test("a linker script is preprocessed, and that is all", () => {
  const action = actionFor(
    "out/kernel/libx/link.lds",
    step(
      "libx/link.lds",
      "/kraft/core/link.lds.S",
      "LDS: gcc -E -P -x assembler-with-cpp -I/kraft/core/include /kraft/core/link.lds.S -o /kraft/build/libx/link.lds",
    ),
  );
  expect(action).toMatchObject({ kind: "compile", mnemonic: "LDS", text: "build/libx/link.lds" });
  expect(action).not.toHaveProperty("compile");
});

test("an object depends on its compiler alone, and what a shell makes on all tools", () => {
  const gcc = actionFor("out/kernel/libx/a.o", config, header, compile);
  expect(gcc).toMatchObject({ kind: "compile", tools: ["gcc"] });
  const clang = compile.replaceAll("gcc ", "clang ");
  expect(actionFor("out/kernel/libx/a.o", config, header, clang)).toMatchObject({
    kind: "compile",
    tools: ["clang"],
    compile: expect.arrayContaining(["-Qunused-arguments"]) as string[],
  });
  const made = expanded(config, header);
  expect(made).toContainEqual(
    expect.objectContaining({ kind: "command", tools: ["sh", "gcc", "perl?"] }),
  );
});

test("tools of the host are left out, as there is one of them for all images", () => {
  expect(
    expanded(
      step(
        "kconfig/fixdep",
        "/kraft/core/f.c",
        "HOSTCC: gcc -o /kraft/build/kconfig/fixdep /kraft/core/f.c",
      ),
      step("kconfig/conf", "", "MAKE: make -C /kraft/core/support/kconfig conf"),
      step("gen", "/kraft/core/g.c", "HOSTCC: gcc -o /kraft/build/gen /kraft/core/g.c"),
    ),
  ).toEqual([]);
});

test("what only talks leaves nothing, and is no action", () => {
  expect(
    expanded(step("/kraft/build/all", "", "touch /kraft/build/all"), step("all", "", ":")),
  ).toHaveLength(1);
  expect(expanded(step("./hello", "", "echo hello", "mkdir -p /kraft/build/x"))).toEqual([]);
});

test("each line of a recipe has a shell of its own, which a later one does not see", () => {
  const action = actionFor(
    "out/kernel/a",
    step("a", "", "GEN: x=1; exit 0", "echo $x > /kraft/build/a"),
  );
  expect(recipeOf(action)).toBe("( x=1; exit 0\n) && ( echo $x > build/a\n)");
});

test("an action can write wherever it says that it does", () => {
  const action = actionFor(
    "out/kernel/deep/er/a.h",
    step("deep/er/a.h", "", "GEN: echo > /kraft/build/deep/er/a.h"),
  );
  expect(action.kind === "command" && action.argv[2]).toMatch(
    /^mkdir -p build build\/deep\/er && /,
  );
});

test("the order of a plan's steps does not matter for what they come to", () => {
  const steps = [config, header, compile];
  const sorted = (all: readonly string[]): unknown =>
    expanded(...all)
      .map((action) => ({ ...action, inputs: action.inputs.toSorted() }))
      .toSorted((a, b) => (a.outputs[0] < b.outputs[0] ? -1 : 1));
  expect(sorted(steps.toReversed())).toEqual(sorted(steps));
});

test("a plan of make 4.4, which says of no target what it needs, is the same actions", () => {
  const text = [
    config,
    header,
    compile,
    step(
      "x.ld.o",
      "/kraft/build/libx/a.o",
      "LD: gcc -Wl,-r /kraft/build/libx/a.o -o /kraft/build/x.ld.o",
    ),
    step("x.o", "/kraft/build/x.ld.o", "OBJCOPY: objcopy /kraft/build/x.ld.o /kraft/build/x.o"),
  ].join("");
  const reasons = text.replaceAll(/due to: .*/g, "due to: target does not exist");
  const plain = (plan: string): unknown =>
    expanded(plan).map((action) => ({ ...action, inputs: [...new Set(action.inputs)].sort() }));
  expect(reasons).not.toBe(text);
  expect(plain(reasons)).toEqual(plain(text));
});
