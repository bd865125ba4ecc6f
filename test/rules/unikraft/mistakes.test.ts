import { expect, test } from "vitest";

import { printed } from "./unikraft-rig.ts";

const core = { "/core/Makefile": "" };

test("a component in a directory that is not there is missing, each told at its place", () => {
  const text = `spec: v0.6
unikraft:
  source: ../../../core
libraries:
  lwip: ./lwip
  musl: {source: /libs/musl, version: stable}
targets: [qemu/x86_64, fc/x86_64]
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "error[missing-component]: there is no directory ../../../core for the component unikraft
     --> apps/x/Kraftfile:2:1
      |
    2 | unikraft:
      | ^^^^^^^^
      = help: paths are relative to the directory of the Kraftfile
    error[missing-component]: there is no directory ./lwip for the component lwip
     --> apps/x/Kraftfile:5:9
      |
    5 |   lwip: ./lwip
      |         ^^^^^^
      = help: paths are relative to the directory of the Kraftfile
    error[missing-component]: there is no directory /libs/musl for the component musl
     --> apps/x/Kraftfile:6:3
      |
    6 |   musl: {source: /libs/musl, version: stable}
      |   ^^^^
      = help: paths are relative to the directory of the Kraftfile"
  `);
});

test("a file is no directory of a component", () => {
  const text = "spec: v0.6\nunikraft: {source: ./core}\ntargets: [qemu/x86_64]\n";
  expect(printed(text, { "apps/x/core": "" })).toMatchInlineSnapshot(`
    "error[missing-component]: there is no directory ./core for the component unikraft
     --> apps/x/Kraftfile:2:1
      |
    2 | unikraft: {source: ./core}
      | ^^^^^^^^
      = help: paths are relative to the directory of the Kraftfile"
  `);
});

test("an archive that is to be on the disk has to be there", () => {
  const text = `spec: v0.6
unikraft: {source: /core}
libraries:
  musl: {source: ./musl.zip}
targets: [qemu/x86_64, fc/x86_64]
`;
  expect(printed(text, core)).toMatchInlineSnapshot(`
    "error[missing-component]: there is no archive ./musl.zip
     --> apps/x/Kraftfile:4:3
      |
    4 |   musl: {source: ./musl.zip}
      |   ^^^^
      = help: paths are relative to the directory of the Kraftfile"
  `);
});

test("a template that is not here cannot be gone on from", () => {
  const text = `spec: v0.6
name: web
template: {source: 'https://github.com/unikraft/app-elfloader.git', version: staging}
targets: [fc/x86_64]
`;
  expect(printed(text)).toMatchInlineSnapshot(`
    "error[not-cached]: the template elfloader is not here yet
     --> apps/x/Kraftfile:3:1
      |
    3 | template: {source: 'https://github.com/unikraft/app-elfloader.git', version: staging}
      | ^^^^^^^^
      = help: "kraft-graph pkg pull" brings it"
  `);
});

test("targets without anything to build them from are no use", () => {
  expect(printed("spec: v0.6\ntargets: [qemu/x86_64]\n")).toMatchInlineSnapshot(`
    "error[unsupported-source]: x names neither a core nor a runtime
     --> apps/x/Kraftfile:1:1
      |
    1 | spec: v0.6
      | ^^^^
      = help: name the core, as in \`unikraft: stable\`, or a kernel, as in \`runtime: base:latest\`"
  `);
});

test("a root file system that cannot be packed is told, with what can be done", () => {
  const rootfs = (text: string): string =>
    printed(`spec: v0.6\nrootfs: ${text}\n`, { "apps/x/fs/a": "" });
  expect(rootfs("./Dockerfile.web")).toMatchInlineSnapshot(`
    "error[missing-file]: there is no Dockerfile at ./Dockerfile.web
     --> apps/x/Kraftfile:2:9
      |
    2 | rootfs: ./Dockerfile.web
      |         ^^^^^^^^^^^^^^^^
      = help: paths are relative to the directory of the Kraftfile"
  `);
  expect(rootfs("./nothing")).toMatchInlineSnapshot(`
    "error[missing-file]: there is no root file system at ./nothing
     --> apps/x/Kraftfile:2:9
      |
    2 | rootfs: ./nothing
      |         ^^^^^^^^^
      = help: paths are relative to the directory of the Kraftfile"
  `);
  expect(rootfs("{source: nginx:Upper/case, type: oci}")).toMatchInlineSnapshot(`
    "error[unsupported-source]: the root file system "nginx:Upper/case" is no name of an image (write HOST/NAME:TAG)
     --> apps/x/Kraftfile:2:1
      |
    2 | rootfs: {source: nginx:Upper/case, type: oci}
      | ^^^^^^"
  `);
  expect(rootfs("//apps/x:none")).toMatchInlineSnapshot(`
    "error[unknown-target]: package //apps/x has no target "none"
     --> apps/x/Kraftfile:2:9
      |
    2 | rootfs: //apps/x:none
      |         ^^^^^^^^^^^^^"
  `);
});

test("two targets of one name, platform and architecture are one too many", () => {
  const text = "spec: v0.6\nunikraft: {source: /core}\ntargets: [qemu/x86_64, kvm/x86_64]\n";
  expect(printed(text, core)).toMatchInlineSnapshot(`
    "error[duplicate-target]: a second target is for qemu/x86_64
     --> apps/x/Kraftfile:3:24
      |
    3 | targets: [qemu/x86_64, kvm/x86_64]
      |                        ^^^^^^^^^^
    note: the first
     --> apps/x/Kraftfile:3:11
      |
    3 | targets: [qemu/x86_64, kvm/x86_64]
      |           ^^^^^^^^^^^
      = help: give each of them a \`name\` of its own"
  `);
});

test("a target may not take the name of another of its package", () => {
  const text = `spec: v0.6
unikraft: {source: /core}
targets:
  - {name: oci, platform: qemu, architecture: x86_64}
`;
  expect(printed(text, core)).toMatchInlineSnapshot(`
    "error[duplicate-target]: the target "oci" is stated twice in this package
     --> apps/x/Kraftfile:1:1
      |
    1 | spec: v0.6
      | ^^^^
    note: first here
     --> apps/x/Kraftfile:4:12
      |
    4 |   - {name: oci, platform: qemu, architecture: x86_64}
      |            ^^^"
  `);
});

test("a prebuilt kernel that is not there is missing", () => {
  expect(printed("spec: v0.6\nruntime: kernel://./kernel\n")).toMatchInlineSnapshot(`
    "error[missing-file]: there is no kernel at ./kernel
     --> apps/x/Kraftfile:2:10
      |
    2 | runtime: kernel://./kernel
      |          ^^^^^^^^^^^^^^^^^
      = help: paths are relative to the directory of the Kraftfile"
  `);
});

test("an override of the workspace that leads nowhere is told at the component", () => {
  const text = "spec: v0.6\nunikraft: stable\ntargets: [qemu/x86_64]\n";
  const workspace = "version: 1\ncomponents: {unikraft: ../core}\n";
  expect(printed(text, { "kraft.workspace.yaml": workspace })).toMatchInlineSnapshot(`
    "error[missing-component]: there is no directory /core for the component unikraft
     --> apps/x/Kraftfile:2:11
      |
    2 | unikraft: stable
      |           ^^^^^^
      = help: the setting components.unikraft names it"
  `);
});
