import { expect, test } from "vitest";

import { build } from "./solo5-rig.ts";

const manifest = '{"type": "solo5.manifest", "version": 1, "devices": []}';
const statement = (more: string): string => `version: 1
targets:
  - name: app
    rule: solo5
${more}`;

const files = (more: string) => ({
  "app/kraft.build.yaml": statement(more),
  "app/manifest.json": manifest,
  "app/main.c": "",
  "app/lib/util.c": "",
  "app/boot.S": "",
});

test("a statement is a target for each ABI, and one for all", () => {
  const { graph, printed, resultOf } = build(files("    srcs: [main.c]\n    abis: [spt, xen]\n"));
  expect(printed).toBe("");
  const names = [...graph.targets.values()].flatMap(({ kind, label }) =>
    kind === "rule" ? [label] : [],
  );
  expect(names).toEqual(["//app:app", "//app:app.objects", "//app:app.spt", "//app:app.xen"]);
  expect(resultOf("//app:app").outputs).toEqual([
    ".kraft/out/app/app.spt/app.spt",
    ".kraft/out/app/app.xen/app.xen",
  ]);
});

test("of several binaries, that one is run that asks least of a machine", () => {
  const { resultOf } = build(files("    srcs: [main.c]\n    abis: [virtio, hvt, spt]\n"));
  expect(resultOf("//app:app").machine?.platform).toBe("spt");
  expect(resultOf("//app:app.hvt").machine?.platform).toBe("hvt");
});

test("each file is compiled by an action of its own, once for all ABIs", () => {
  const { actions } = build(
    files("    srcs: [main.c, lib/util.c, boot.S]\n    cflags: [-O1, -DX=1, -I, app/inc]\n"),
  );
  const lines = actions.flatMap((action) => {
    if (action.kind === "compile")
      return [`${action.preprocess.join(" ")} | ${(action.compile ?? []).slice(5).join(" ")}`];
    return action.kind === "command" ? [action.argv.join(" ")] : [];
  });
  expect(lines).toMatchInlineSnapshot(`
    [
      "x86_64-solo5-none-static-cc -E -O1 -DX=1 -I app/inc app/main.c -fno-working-directory -MD -MF .kraft/out/app/app.objects/objects/app/main.d -o .kraft/out/app/app.objects/objects/app/main.i | x86_64-solo5-none-static-cc -c -O1 -o .kraft/out/app/app.objects/objects/app/main.o -x cpp-output",
      "x86_64-solo5-none-static-cc -E -O1 -DX=1 -I app/inc app/lib/util.c -fno-working-directory -MD -MF .kraft/out/app/app.objects/objects/app/lib/util.d -o .kraft/out/app/app.objects/objects/app/lib/util.i | x86_64-solo5-none-static-cc -c -O1 -o .kraft/out/app/app.objects/objects/app/lib/util.o -x cpp-output",
      "x86_64-solo5-none-static-cc -E -O1 -DX=1 -I app/inc app/boot.S -fno-working-directory -MD -MF .kraft/out/app/app.objects/objects/app/boot.d -o .kraft/out/app/app.objects/objects/app/boot.s | x86_64-solo5-none-static-cc -c -O1 -o .kraft/out/app/app.objects/objects/app/boot.o -x assembler",
      "solo5-elftool gen-manifest .kraft/out/app/app.objects/manifest.json .kraft/out/app/app.objects/manifest.c",
      "x86_64-solo5-none-static-cc -E -O1 -DX=1 -I app/inc .kraft/out/app/app.objects/manifest.c -fno-working-directory -MD -MF .kraft/out/app/app.objects/objects/app/app.objects/manifest.d -o .kraft/out/app/app.objects/objects/app/app.objects/manifest.i | x86_64-solo5-none-static-cc -c -O1 -o .kraft/out/app/app.objects/objects/app/app.objects/manifest.o -x cpp-output",
      "x86_64-solo5-none-static-cc -z solo5-abi=hvt .kraft/out/app/app.objects/objects/app/main.o .kraft/out/app/app.objects/objects/app/lib/util.o .kraft/out/app/app.objects/objects/app/boot.o .kraft/out/app/app.objects/objects/app/app.objects/manifest.o -o .kraft/out/app/app.hvt/app.hvt",
      "x86_64-solo5-none-static-cc -z solo5-abi=spt .kraft/out/app/app.objects/objects/app/main.o .kraft/out/app/app.objects/objects/app/lib/util.o .kraft/out/app/app.objects/objects/app/boot.o .kraft/out/app/app.objects/objects/app/app.objects/manifest.o -o .kraft/out/app/app.spt/app.spt",
    ]
  `);
});

test("a library gives its objects and its headers, and counts once", () => {
  const { actions, printed } = build({
    ...files("    srcs: [main.c]\n    deps: [//libs/a, //libs/b]\n    abis: [spt]\n"),
    "libs/a/kraft.build.yaml":
      "version: 1\ntargets: [{name: a, rule: solo5_library, srcs: [a.c], includes: [include], deps: [//libs/b]}]",
    "libs/b/kraft.build.yaml":
      "version: 1\ntargets: [{name: b, rule: solo5_library, srcs: [b.c], includes: [.]}]",
    "libs/a/a.c": "",
    "libs/b/b.c": "",
  });
  expect(printed).toBe("");
  const link = actions.find(({ mnemonic }) => mnemonic === "Solo5Link");
  expect(link?.inputs).toEqual([
    ".kraft/out/app/app.objects/objects/app/main.o",
    ".kraft/out/libs/a/a/objects/libs/a/a.o",
    ".kraft/out/libs/b/b/objects/libs/b/b.o",
    ".kraft/out/app/app.objects/objects/app/app.objects/manifest.o",
  ]);
  const compiled = actions.flatMap((one) => (one.kind === "compile" ? [one] : []));
  expect(compiled.find(({ subject }) => subject === "app/main.c")?.searchPath).toEqual([
    "libs/a/include",
    "libs/b",
  ]);
});

test("mistakes of a statement are told once, at their place", () => {
  const { printed } = build({
    "app/kraft.build.yaml": statement(
      "    srcs: main.c\n    abis: [spt, kvm]\n    cflags: [-c]\n    architecture: arm\n    optimize: true\n",
    ),
    "app/manifest.json": '{"type": "solo5.manifest", "version": 1, "devices": [{"name": "a"}]}',
  });
  expect(printed).toMatchInlineSnapshot(`
    "error[bad-attribute]: the attribute "srcs" of //app:app is not valid: expected a list of labels
     --> app/kraft.build.yaml:5:11
      |
    5 |     srcs: main.c
      |           ^^^^^^
    error[bad-attribute]: the attribute "abis" of //app:app is not valid: expected a list of hvt, spt, virtio, muen, xen, each once
     --> app/kraft.build.yaml:6:5
      |
    6 |     abis: [spt, kvm]
      |     ^^^^
    error[bad-attribute]: the attribute "cflags" of //app:app is not valid: expected a list of options for the compiler, without -c, -E, -S, -o and -M
     --> app/kraft.build.yaml:7:5
      |
    7 |     cflags: [-c]
      |     ^^^^^^
    error[bad-attribute]: the attribute "architecture" of //app:app is not valid: expected one of x86_64, arm64
     --> app/kraft.build.yaml:8:19
      |
    8 |     architecture: arm
      |                   ^^^
    error[unknown-attribute]: the rule solo5 has no attribute "optimize"
     --> app/kraft.build.yaml:9:15
      |
    9 |     optimize: true
      |               ^^^^
    error[bad-manifest]: a device needs type
     --> app/manifest.json:1:54
      |
    1 | {"type": "solo5.manifest", "version": 1, "devices": [{"name": "a"}]}
      |                                                      ^^^^^^^^^^^^^"
  `);
});

test("what is no C file gives nothing to link, and no library is what is none", () => {
  const { printed } = build({
    ...files("    srcs: [manifest.json]\n    deps: [main.c]\n"),
    "app/manifest.json": manifest,
  });
  expect(printed).toMatchInlineSnapshot(`
    "error[bad-attribute]: //app:app.objects has nothing to compile: "srcs" has no .c and no .S
     --> app/kraft.build.yaml:3:11
      |
    3 |   - name: app
      |           ^^^
    error[bad-attribute]: //app:main.c is no solo5_library
     --> app/kraft.build.yaml:3:11
      |
    3 |   - name: app
      |           ^^^"
  `);
});
