import { expect, test } from "vitest";

import { bootable, build, printed } from "./bunny-rig.ts";

const head = "version: v0.1\nplatforms: {framework: linux, monitor: qemu}\n";
const kernel = "kernel: {from: local, path: k}\n";

/** What is printed of each of `texts`, with a blank line between them. */
function each(...texts: readonly string[]): string {
  return texts.map(printed).join("\n\n");
}

test("a bunnyfile that is no map of what it needs is told", () => {
  expect(
    each(
      "#syntax=x\n",
      "- a\n",
      "version: [\n",
      "version: v0.1\n",
      `${head}kernel:\n`,
      `platforms: {framework: linux}\n${kernel}`,
      `version: v0.1\nplatforms: {monitor: qemu, framework: ''}\n${kernel}`,
      `version: v0.1\nplatforms: linux\n${kernel}`,
    ),
  ).toMatchInlineSnapshot(`
    "error[empty-file]: this bunnyfile says nothing
     --> app/bunnyfile:1:1
      |
    1 | #syntax=x
      | ^

    error[wrong-type]: a bunnyfile is a map, with \`version\`, \`platforms\` and \`kernel\`
     --> app/bunnyfile:1:1
      |
    1 | - a
      | ^^^

    error[yaml-syntax]: flow sequence in block collection must be sufficiently indented and end with a ]
     --> app/bunnyfile:2:1
      |
    2 | 
      | ^

    error[missing-attribute]: kernel field is necessary
     --> app/bunnyfile:1:1
      |
    1 | version: v0.1
      | ^
      = help: write kernel: {from: local, path: PATH}
    error[missing-attribute]: platforms field is necessary
     --> app/bunnyfile:1:1
      |
    1 | version: v0.1
      | ^
      = help: write platforms: {framework: unikraft, monitor: qemu}

    error[missing-attribute]: kernel field is necessary
     --> app/bunnyfile:1:1
      |
    1 | version: v0.1
      | ^
      = help: write kernel: {from: local, path: PATH}

    error[missing-attribute]: monitor field of platforms is necessary
     --> app/bunnyfile:1:1
      |
    1 | platforms: {framework: linux}
      | ^^^^^^^^^
    error[missing-attribute]: version field is necessary
     --> app/bunnyfile:1:1
      |
    1 | platforms: {framework: linux}
      | ^
      = help: write version: v0.1

    error[missing-attribute]: framework field of platforms is necessary
     --> app/bunnyfile:2:39
      |
    2 | platforms: {monitor: qemu, framework: ''}
      |                                       ^^

    error[wrong-type]: \`platforms\` must be a map, not text
     --> app/bunnyfile:2:12
      |
    2 | platforms: linux
      |            ^^^^^"
  `);
});

test("versions that nobody knows are told", () => {
  const of = (version: string): string =>
    `version: ${version}\nplatforms: {framework: linux, monitor: qemu}\n${kernel}`;
  expect(each(of("0.2.0"), of("999.99"), of("not.a.version"))).toMatchInlineSnapshot(`
    "error[unsupported-version]: the version 0.2.0 of bunnyfiles is not known; the newest is v0.1
     --> app/bunnyfile:1:10
      |
    1 | version: 0.2.0
      |          ^^^^^

    error[unsupported-version]: the version 999.99 of bunnyfiles is not known; the newest is v0.1
     --> app/bunnyfile:1:10
      |
    1 | version: 999.99
      |          ^^^^^^

    error[unsupported-version]: "not.a.version" is no version of bunnyfiles
     --> app/bunnyfile:1:10
      |
    1 | version: not.a.version
      |          ^^^^^^^^^^^^^
      = help: write v0.1"
  `);
});

test("a kernel that is not said, or not there, is told", () => {
  expect(
    each(
      `${head}kernel: {path: k}\n`,
      `${head}kernel: {from: local}\n`,
      `${head}kernel: {from: local, path: kernal}\n`,
      `${head}kernel: {from: local, path: conf/b}\n`,
      `${head}kernel: {from: //other:x}\n`,
    ),
  ).toMatchInlineSnapshot(`
    "error[missing-attribute]: from field of kernel is necessary
     --> app/bunnyfile:3:1
      |
    3 | kernel: {path: k}
      | ^^^^^^
      = help: local, a label such as //apps/x:qemu-x86_64, or an image

    error[missing-attribute]: path field of kernel is necessary
     --> app/bunnyfile:3:1
      |
    3 | kernel: {from: local}
      | ^^^^^^

    error[unknown-target]: package //app has no target "kernal"
     --> app/bunnyfile:3:29
      |
    3 | kernel: {from: local, path: kernal}
      |                             ^^^^^^
      = help: did you mean "kernel"?

    error[missing-file]: package //app has no file "conf/b"
     --> app/bunnyfile:3:29
      |
    3 | kernel: {from: local, path: conf/b}
      |                             ^^^^^^
      = help: did you mean "conf/a"?

    error[unknown-package]: there is no package //other
     --> app/bunnyfile:3:16
      |
    3 | kernel: {from: //other:x}
      |                ^^^^^^^^^"
  `);
});

test("a root file system of parts that do not fit together is told", () => {
  const of = (rootfs: string): string => `${head}${kernel}rootfs: ${rootfs}\n`;
  expect(
    each(
      of("{path: k}"),
      of("{from: scratch, path: k, type: initrd}"),
      of("{from: local, include: [conf]}"),
      of("{from: local, path: k, type: raw}"),
      of("{from: local, path: k}"),
      of("{from: local, type: initrd}"),
      of("{from: 'redis:alpine', type: initrd, include: [conf]}"),
      of("{from: 'redis:alpine', include: [conf]}"),
      of("{from: 'redis:alpine', type: initrd}"),
      of("{type: foo, include: [conf]}"),
    ),
  ).toMatchInlineSnapshot(`
    "error[bad-rootfs]: from field of rootfs can not be empty or scratch when there is a path
     --> app/bunnyfile:4:16
      |
    4 | rootfs: {path: k}
      |                ^
      = help: write from: local, or name the image that has it

    error[bad-rootfs]: from field of rootfs can not be empty or scratch when there is a path
     --> app/bunnyfile:4:31
      |
    4 | rootfs: {from: scratch, path: k, type: initrd}
      |                               ^
      = help: write from: local, or name the image that has it

    error[bad-rootfs]: invalid combination of includes and from fields
     --> app/bunnyfile:4:23
      |
    4 | rootfs: {from: local, include: [conf]}
      |                       ^^^^^^^
      = help: files are added to scratch, or to an image with type: raw

    error[bad-rootfs]: a raw rootfs is no file: it is made of an image, or of \`include\`
     --> app/bunnyfile:4:38
      |
    4 | rootfs: {from: local, path: k, type: raw}
      |                                      ^^^
      = help: write type: initrd or type: block

    error[missing-attribute]: rootfs does not say whether k is an initrd or a block device
     --> app/bunnyfile:4:29
      |
    4 | rootfs: {from: local, path: k}
      |                             ^
      = help: write type: initrd or type: block

    error[missing-attribute]: path field of rootfs is necessary when it is local
     --> app/bunnyfile:4:16
      |
    4 | rootfs: {from: local, type: initrd}
      |                ^^^^^

    error[bad-rootfs]: adding files to an existing non-raw rootfs is not yet supported
     --> app/bunnyfile:4:46
      |
    4 | rootfs: {from: 'redis:alpine', type: initrd, include: [conf]}
      |                                              ^^^^^^^
      = help: write type: raw

    error[bad-rootfs]: adding files to an existing non-raw rootfs is not yet supported
     --> app/bunnyfile:4:32
      |
    4 | rootfs: {from: 'redis:alpine', include: [conf]}
      |                                ^^^^^^^
      = help: write type: raw

    error[missing-attribute]: the image redis:alpine is no initrd by itself: \`path\` says which file of it is
     --> app/bunnyfile:4:16
      |
    4 | rootfs: {from: 'redis:alpine', type: initrd}
      |                ^^^^^^^^^^^^^^
      = help: give its path, or write type: raw for all files of the image

    error[bad-rootfs]: cannot set foo rootfs type for linux
     --> app/bunnyfile:4:16
      |
    4 | rootfs: {type: foo, include: [conf]}
      |                ^^^
      = help: it is one of initrd, raw, block"
  `);
});

test("files to include that say too little are told, all at once", () => {
  const text = `${head}${kernel}rootfs:
  type: raw
  includes: [conf]
  include:
    - :x
    - {source: conf}
    - {destination: /x}
    - [conf]
    - cnf:/conf
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "warning[unknown-attribute]: \`includes\` is no key of \`rootfs\`, and has no effect
     --> app/bunnyfile:6:3
      |
    6 |   includes: [conf]
      |   ^^^^^^^^
      = help: did you mean "include"?
    error[bad-rootfs]: src is empty: what stands before the colon is what is copied
     --> app/bunnyfile:8:7
      |
    8 |     - :x
      |       ^^
    error[missing-attribute]: this item of \`include\` has no \`destination\`
     --> app/bunnyfile:9:8
      |
    9 |     - {source: conf}
      |        ^^^^^^
    error[missing-attribute]: this item of \`include\` has no \`source\`
      --> app/bunnyfile:10:8
       |
    10 |     - {destination: /x}
       |        ^^^^^^^^^^^
    error[wrong-type]: an item of \`include\` is SOURCE:DESTINATION, or a map, and not a list
      --> app/bunnyfile:11:7
       |
    11 |     - [conf]
       |       ^^^^^^"
  `);
});

test("an item of a list that is no text, and text that is no list, are told", () => {
  const text = `${head}${kernel}cmd: [a, {b: c}]
entrypoint: /bin/app
envs: [A=1, =2]
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "error[wrong-type]: \`cmd\` must be a list of text, and this is a map
     --> app/bunnyfile:4:10
      |
    4 | cmd: [a, {b: c}]
      |          ^^^^^^
    error[wrong-type]: \`entrypoint\` must be a list, not text
     --> app/bunnyfile:5:13
      |
    5 | entrypoint: /bin/app
      |             ^^^^^^^^
      = help: write ["/bin/app"]
    error[bad-environment]: a variable is written NAME=VALUE
     --> app/bunnyfile:6:13
      |
    6 | envs: [A=1, =2]
      |             ^^"
  `);
});

test("a file to include that .dockerignore leaves out is told", () => {
  const { printed: told } = build({
    "app/bunnyfile": `version: v0.1
platforms: {framework: unikraft, monitor: qemu}
rootfs: {include: ["data:/data", "conf/x.bak:/x"]}
kernel: {from: local, path: k}
`,
    "app/k": "",
    "app/data/a": "",
    "app/conf/x.bak": "",
    "app/.dockerignore": "**/*.bak\n",
  });
  expect(told).toMatchInlineSnapshot(`
    "error[missing-file]: "conf/x.bak" is left out by .dockerignore
     --> app/bunnyfile:3:34
      |
    3 | rootfs: {include: ["data:/data", "conf/x.bak:/x"]}
      |                                  ^^^^^^^^^^^^^^^"
  `);
});

test("what has no effect is a warning", () => {
  const text = `${head}${kernel}cmd: [a]
cmdline: b
x-own: 1
platform: {}
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "warning[bad-attribute]: \`cmdline\` has no effect, as there is a \`cmd\`
     --> app/bunnyfile:5:10
      |
    5 | cmdline: b
      |          ^
    warning[unknown-attribute]: \`platform\` is no key of a bunnyfile, and has no effect
     --> app/bunnyfile:7:1
      |
    7 | platform: {}
      | ^^^^^^^^
      = help: did you mean "platforms"?"
  `);
});

test("what urunc does not boot is told at the line that says so", () => {
  const of = (platforms: string, rest = ""): string =>
    `version: v0.1\nplatforms: {${platforms}}\n${kernel}${rest}`;
  expect(
    each(
      of("framework: mirage, monitor: firecracker"),
      of("framework: mirrage, monitor: qemu"),
      of("framework: linux, monitor: qemu, architecture: sparc"),
      of("framework: mirage, monitor: spt", "rootfs: {type: raw, include: [conf]}\n"),
      of("framework: unikraft, monitor: qemu", "rootfs: {type: block, include: [conf]}\n"),
      of(
        "framework: linux, monitor: qemu",
        "rootfs: {from: 'redis:alpine', type: initrd, path: '/my root'}\n",
      ),
    ),
  ).toMatchInlineSnapshot(`
    "error[not-for-urunc]: urunc boots no mirage in firecracker
     --> app/bunnyfile:2:41
      |
    2 | platforms: {framework: mirage, monitor: firecracker}
      |                                         ^^^^^^^^^^^
      = help: it boots mirage in hvt, spt, qemu

    warning[not-for-urunc]: urunc knows no unikernelType "mirrage"
     --> app/bunnyfile:2:24
      |
    2 | platforms: {framework: mirrage, monitor: qemu}
      |                        ^^^^^^^
      = help: did you mean "mirage"?

    error[bad-attribute]: there is no architecture "sparc"
     --> app/bunnyfile:2:60
      |
    2 | platforms: {framework: linux, monitor: qemu, architecture: sparc}
      |                                                            ^^^^^
      = help: write one of x86_64, arm64

    error[not-for-urunc]: mirage can mount no files of its image, so that urunc refuses it
     --> app/bunnyfile:4:1
      |
    4 | rootfs: {type: raw, include: [conf]}
      | ^^^^^^
      = help: pack the files as an initrd, or leave them out

    error[bad-rootfs]: cannot set block rootfs type for unikraft
     --> app/bunnyfile:4:16
      |
    4 | rootfs: {type: block, include: [conf]}
      |                ^^^^^
      = help: it is one of initrd, raw

    error[not-for-urunc]: urunc takes no initrd "/my root": only A-Z, a-z, 0-9, . _ - and / may be in it
     --> app/bunnyfile:4:52
      |
    4 | rootfs: {from: 'redis:alpine', type: initrd, path: '/my root'}
      |                                                    ^^^^^^^^^^"
  `);
});

test("what no image can be called is told", () => {
  const text = `${head}kernel: {from: Local, path: k}
rootfs: {type: raw, include: [{from: "a b", source: x, destination: /}]}
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "error[bad-attribute]: "Local" is no name of an image
     --> app/bunnyfile:3:29
      |
    3 | kernel: {from: Local, path: k}
      |                             ^
      = help: write HOST/NAME:TAG, a label such as //apps/x, or local
    error[bad-attribute]: "a b" is no name of an image
     --> app/bunnyfile:4:53
      |
    4 | rootfs: {type: raw, include: [{from: "a b", source: x, destination: /}]}
      |                                                     ^
      = help: write HOST/NAME:TAG, a label such as //apps/x, or local"
  `);
});

test("a kernel of another target that the image cannot boot is told", () => {
  const of = (platforms: string): string =>
    build(
      {
        "images/app/bootable": "",
        "app/bunnyfile": `version: v0.1\nplatforms: {${platforms}}\nkernel: {from: //images/app}\n`,
      },
      [bootable("qemu", "x86_64")],
    ).printed;
  expect(
    [
      of("framework: unikraft, monitor: firecracker"),
      of("framework: unikraft, monitor: qemu, architecture: aarch64"),
    ].join("\n\n"),
  ).toMatchInlineSnapshot(`
    "error[not-for-urunc]: the kernel is built for qemu, and firecracker cannot boot it
     --> app/bunnyfile:3:16
      |
    3 | kernel: {from: //images/app}
      |                ^^^^^^^^^^^^
      = help: name a target that is built for fc

    error[not-for-urunc]: the kernel is built for x86_64, and the image is for arm64
     --> app/bunnyfile:2:63
      |
    2 | platforms: {framework: unikraft, monitor: qemu, architecture: aarch64}
      |                                                               ^^^^^^^"
  `);
});

test("labels that urunc does not know, or not from an image, are told where they stand", () => {
  const text = `#syntax=example.org/bunny:latest
FROM example.org/own:1
LABEL com.urunc.unikernel.unikernelTyp=linux own=1
LABEL com.urunc.unikernel.vAccel=vsock
`;
  expect(build({ "app/Containerfile": text }).printed).toMatchInlineSnapshot(`
    "warning[not-for-urunc]: urunc knows no key "unikernelTyp"
     --> app/Containerfile:3:1
      |
    3 | LABEL com.urunc.unikernel.unikernelTyp=linux own=1
      | ^^^^^
      = help: did you mean "unikernelType"?
    warning[not-for-urunc]: urunc takes vAccel from a container, and not from /urunc.json of its image
     --> app/Containerfile:4:1
      |
    4 | LABEL com.urunc.unikernel.vAccel=vsock
      | ^^^^^
      = help: give the container the annotation com.urunc.unikernel.vAccel"
  `);
});

test.each([
  [
    "a version that is too new",
    `version: "0.2.0"\n${head.split("\n")[1]}\n${kernel}`,
    "the version 0.2.0 of bunnyfiles is not known; the newest is v0.1",
    "1:10",
  ],
  ["no platforms", `version: v0.1\n${kernel}`, "platforms field is necessary", "1:1"],
  ["no kernel", head, "kernel field is necessary", "1:1"],
  [
    "a path without from",
    `${head}${kernel}rootfs: {path: r}\n`,
    "from field of rootfs can not be empty or scratch when there is a path",
    "4:16",
  ],
  [
    "local with include",
    `${head}${kernel}rootfs: {from: local, include: [conf]}\n`,
    "invalid combination of includes and from fields",
    "4:23",
  ],
  [
    "local and raw",
    `${head}${kernel}rootfs: {from: local, path: k, type: raw}\n`,
    "a raw rootfs is no file: it is made of an image, or of `include`",
    "4:38",
  ],
  [
    "an image with include that is not raw",
    `${head}${kernel}rootfs: {from: i, include: [conf]}\n`,
    "adding files to an existing non-raw rootfs is not yet supported",
    "4:19",
  ],
  [
    "a type that is none",
    `${head}${kernel}rootfs: {type: foo, include: [conf]}\n`,
    "cannot set foo rootfs type for linux",
    "4:16",
  ],
  [
    "an include of nothing",
    `${head}${kernel}rootfs: {type: raw, include: [":x"]}\n`,
    "src is empty: what stands before the colon is what is copied",
    "4:31",
  ],
  [
    "an include that goes nowhere",
    `${head}${kernel}rootfs: {type: raw, include: [{source: a}]}\n`,
    "this item of `include` has no `destination`",
    "4:32",
  ],
  [
    "a block device of Unikraft",
    `${head.replace("linux", "unikraft")}${kernel}rootfs: {type: block, include: [conf]}\n`,
    "cannot set block rootfs type for unikraft",
    "4:16",
  ],
])("of %s, one error is told at its place", (_, text, message, place) => {
  const lines = printed(text).split("\n");
  expect(lines.filter((line) => /^(error|warning)\[/.test(line))).toEqual([
    expect.stringMatching(/^error\[[a-z-]+\]: /),
  ]);
  expect(lines[0]?.replace(/^error\[[a-z-]+\]: /, "")).toBe(message);
  expect(lines[1]).toBe(` --> app/bunnyfile:${place}`);
});
