import { expect, test } from "vitest";

import { bunix } from "../../../rules/bunny/bunix.ts";
import { build } from "./bunny-rig.ts";

const annotations = `{ unikernelType = "mirage"; hypervisor = "hvt"; binary = "/u/k"; cmdline = "a  b"; }`;

/** What is printed of an args.nix, beside which there is a kernel `k`. */
function printed(text: string): string {
  return build({ "app/args.nix": text, "app/k": "" }, [bunix]).printed;
}

/** An args.nix, of which some parts are as given. */
function args(parts: Readonly<Record<string, string>>): string {
  const all = { name: '"a/b"', tag: '"1"', files: '{ "./k" = "/u/k"; }', annotations, ...parts };
  const lines = Object.entries(all).filter(([, value]) => value !== "");
  return `{\n${lines.map(([key, value]) => `  ${key} = ${value};\n`).join("")}}\n`;
}

test("an args.nix has an image in three forms, of which one is only for who asks", () => {
  const {
    printed: text,
    labels,
    actions,
  } = build({ "app/args.nix": args({}), "app/k": "" }, [bunix]);
  expect(text).toBe("");
  expect(labels).toEqual(["//app:bunix", "//app:bunix.docker", "//app:bunix.strict"]);
  const requests = actions.map((action) =>
    action.kind === "program" ? (JSON.parse(action.args[1] ?? "") as unknown) : undefined,
  );
  const copies = [{ path: "app/k", name: "k", to: "/u/k", keepsModes: false }];
  expect(requests[0]).toMatchObject({
    form: "oci",
    name: "a/b",
    tag: "1",
    cmd: ["a", "b"],
    copies,
  });
  expect(requests[2]).toMatchObject({
    form: "strict",
    cmd: ["unikernel"],
    uruncJson: `{
  "com.urunc.unikernel.binary": "L3Uvaw==",
  "com.urunc.unikernel.blkMntPoint": "",
  "com.urunc.unikernel.block": "",
  "com.urunc.unikernel.cmdline": "YSAgYg==",
  "com.urunc.unikernel.hypervisor": "aHZ0",
  "com.urunc.unikernel.initrd": "",
  "com.urunc.unikernel.unikernelType": "bWlyYWdl",
  "com.urunc.unikernel.unikernelVersion": "",
  "com.urunc.unikernel.useDMBlock": ""
}
`,
  });
});

test("a file that is only called args.nix makes no package", () => {
  const files = { "app/args.nix": "{ pkgs, ... }: { packages = [ pkgs.hello ]; }\n" };
  expect(build(files, [bunix])).toMatchObject({ printed: "", labels: [] });
});

test("an args.nix and a bunnyfile stand side by side", () => {
  const bunnyfile = `version: v0.1
platforms: {framework: mirage, monitor: hvt}
kernel: {from: local, path: k}
`;
  const files = { "app/args.nix": args({}), "app/bunnyfile": bunnyfile, "app/k": "" };
  const { printed: text, labels } = build(files, [bunix]);
  expect(text).toBe("");
  expect(labels).toHaveLength(5);
});

test("an args.nix that lacks what an image needs is told", () => {
  const texts = [
    "[ annotations ]",
    args({ name: "", files: "" }),
    args({ tag: "1", nam: '"x"' }),
    args({ name: '"A b"', tag: '"a b"' }),
    args({ files: '{ "./k" = "u/k"; "./l" = [ ]; }' }),
    args({ files: '{ "./kernel" = "/u/k"; }' }),
    args({ annotations: '{ unikernelType = "mirage"; hypervisr = "hvt"; cmdline = 1; }' }),
    args({ annotations: '"none"' }),
    args({ files: '{ "./k" = "/u/other"; }' }),
    args({ annotations: annotations.replace("hvt", "firecracker") }),
  ];
  expect(texts.map(printed).join("\n\n")).toMatchInlineSnapshot(`
    "error[nix-syntax]: expected a value, and this is \`annotations\`, which only Nix can know
     --> app/args.nix:1:3
      |
    1 | [ annotations ]
      |   ^^^^^^^^^^^
      = help: a set of names and texts is all that may stand here

    error[bad-attribute]: this set has no \`files\`
     --> app/args.nix:1:1
      |
    1 | {
      | ^
    error[bad-attribute]: this set has no \`name\`
     --> app/args.nix:1:1
      |
    1 | {
      | ^

    error[bad-attribute]: \`tag\` must be a string
     --> app/args.nix:3:9
      |
    3 |   tag = 1;
      |         ^
    error[bad-attribute]: an args.nix has no \`nam\`
     --> app/args.nix:6:3
      |
    6 |   nam = "x";
      |   ^^^
      = help: did you mean "name"?

    error[bad-attribute]: no image can be called "A b"
     --> app/args.nix:2:10
      |
    2 |   name = "A b";
      |          ^^^^^
    error[bad-attribute]: no image can have the tag "a b"
     --> app/args.nix:3:9
      |
    3 |   tag = "a b";
      |         ^^^^^

    error[bad-attribute]: a place in the image begins with a slash
     --> app/args.nix:4:21
      |
    4 |   files = { "./k" = "u/k"; "./l" = [ ]; };
      |                     ^^^^^
    error[bad-attribute]: the place of "./l" in the image must be a string
     --> app/args.nix:4:36
      |
    4 |   files = { "./k" = "u/k"; "./l" = [ ]; };
      |                                    ^^^

    error[unknown-target]: package //app has no target "kernel"
     --> app/args.nix:4:13
      |
    4 |   files = { "./kernel" = "/u/k"; };
      |             ^^^^^^^^^^

    error[bad-attribute]: \`annotations\` has no \`binary\`
     --> app/args.nix:5:17
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisr = "hvt"; cmdline = 1; };
      |                 ^
    error[bad-attribute]: \`annotations\` has no \`hypervisor\`
     --> app/args.nix:5:17
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisr = "hvt"; cmdline = 1; };
      |                 ^
    error[bad-attribute]: urunc knows no annotation \`hypervisr\`
     --> app/args.nix:5:45
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisr = "hvt"; cmdline = 1; };
      |                                             ^^^^^^^^^
      = help: did you mean "hypervisor"?
    error[bad-attribute]: \`cmdline\` must be a string
     --> app/args.nix:5:74
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisr = "hvt"; cmdline = 1; };
      |                                                                          ^
      = help: write "1"

    error[bad-attribute]: \`annotations\` must be a set
     --> app/args.nix:5:17
      |
    5 |   annotations = "none";
      |                 ^^^^^^

    error[not-for-urunc]: none of the files is put to /u/k, where urunc is to find it
     --> app/args.nix:5:74
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisor = "hvt"; binary = "/u/k"; cmdline = "a  b"; };
      |                                                                          ^^^^^^

    error[not-for-urunc]: urunc boots no mirage in firecracker
     --> app/args.nix:5:58
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisor = "firecracker"; binary = "/u/k"; cmdline = "a  b"; };
      |                                                          ^^^^^^^^^^^^^
      = help: it boots mirage in hvt, spt, qemu"
  `);
});

test("useDMBlock is told to today's urunc in its own words", () => {
  const text = args({ annotations: annotations.replace("}", 'useDMBlock = "false"; }') });
  expect(printed(text)).toMatchInlineSnapshot(`
    "warning[not-for-urunc]: today's urunc has mountRootfs in place of useDMBlock, and is told it is false
     --> app/args.nix:5:113
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisor = "hvt"; binary = "/u/k"; cmdline = "a  b"; useDMBlock = "false"; };
      |                                                                                                                 ^^^^^^^
      = help: write mountRootfs = "false";"
  `);
});

test("useDMBlock is read as older runtimes read it", () => {
  const said = (value: string): string | undefined =>
    printed(args({ annotations: annotations.replace("}", `useDMBlock = "${value}"; }`) })).split(
      "\n",
    )[0];
  expect(["0", "False", "t", ""].map(said)).toEqual([
    `warning[not-for-urunc]: today's urunc has mountRootfs in place of useDMBlock, and is told it is false, as older ones read "0"`,
    `warning[not-for-urunc]: today's urunc has mountRootfs in place of useDMBlock, and is told it is false, as older ones read "False"`,
    "error[not-for-urunc]: mirage can mount no files of its image, so that urunc refuses it",
    "",
  ]);
});

test("what bunix does not know cannot be as strict as bunix", () => {
  const text = args({ annotations: annotations.replace("}", 'mountRootfs = "false"; }') });
  expect(printed(text)).toMatchInlineSnapshot(`
    "error[bad-attribute]: bunix itself takes no \`mountRootfs\`, so that there is nothing to be as strict as
     --> app/args.nix:5:114
      |
    5 |   annotations = { unikernelType = "mirage"; hypervisor = "hvt"; binary = "/u/k"; cmdline = "a  b"; mountRootfs = "false"; };
      |                                                                                                                  ^^^^^^^"
  `);
});
