import { expect, test } from "vitest";

import type { RequestedSetting } from "../../../rules/unikraft/settings.ts";
import { build, requestIn, scriptOf } from "./unikraft-rig.ts";

const template = `spec: v0.6
name: loader
unikraft:
  source: ../core
  kconfig: {CONFIG_A: template, CONFIG_B: template}
libraries:
  libelf: {source: ../libs/libelf, kconfig: {CONFIG_ELF: 'y'}}
  lwip: {source: ../libs/lwip, kconfig: {CONFIG_LWIP: template}}
targets: [qemu/x86_64, fc/x86_64]
cmd: [/of-the-template]
env: {KEPT: template, CHANGED: template}
`;
const files = {
  "/core/Makefile": "",
  "/libs/libelf/Makefile.uk": "",
  "/libs/lwip/Makefile.uk": "",
  "/mine/lwip/Makefile.uk": "",
  "/loader/Kraftfile": template,
  "/loader/main.c": "",
};

function buildWith(text: string, more: Readonly<Record<string, string>> = {}) {
  return build({ ...files, ...more, "apps/x/Kraftfile": `spec: v0.6\ntemplate: /loader\n${text}` });
}

function configureLine(built: ReturnType<typeof buildWith>): string {
  return scriptOf(built.withMnemonic("Configure")[0]);
}

test("a project with nothing but a template has its core, libraries, targets and arguments", () => {
  const built = buildWith("");
  expect(built.printed).toBe("");
  expect(built.labels).toContain("//apps/x:fc-x86_64");
  const line = configureLine(built);
  expect(/A=(\S+)/.exec(line)?.[1]).toBe('"$root"/app');
  expect(built.components).toMatchObject({
    "external/loader": "/loader",
    "external/unikraft": "/core",
    "external/libelf": "/libs/libelf",
  });
  const { machine } = built.resultOf("//apps/x:qemu-x86_64");
  expect(machine?.args).toEqual(["/of-the-template"]);
  expect(machine?.env).toEqual(["KEPT=template", "CHANGED=template"]);
});

test("what the project says counts more, one by one where there are names", () => {
  const built = buildWith(`name: own
unikraft: {kconfig: {CONFIG_B: own}}
libraries:
  lwip: {source: /mine/lwip}
targets: [xen/x86_64]
cmd: [/own]
env: {CHANGED: own, NEW: own}
`);
  expect(built.printed).toBe("");
  expect(built.labels.filter((label) => label.endsWith("x86_64"))).toEqual(["//apps/x:xen-x86_64"]);
  expect(built.components).toMatchObject({
    "external/unikraft": "/core",
    "external/libelf": "/libs/libelf",
    "external/lwip": "/mine/lwip",
  });
  const { settings } = requestIn(built.withMnemonic("Defconfig")[0]) as {
    settings: readonly RequestedSetting[];
  };
  const values = Object.fromEntries(settings.map(({ symbol, value }) => [symbol, value]));
  expect(values).toMatchObject({ CONFIG_A: "template", CONFIG_B: "own", CONFIG_ELF: "y" });
  // The library was replaced as a whole.
  expect(values).not.toHaveProperty("CONFIG_LWIP");
  const { machine } = built.resultOf("//apps/x:xen-x86_64");
  expect(machine?.args).toEqual(["/own"]);
  expect(machine?.env).toEqual(["KEPT=template", "CHANGED=own", "NEW=own"]);
  expect(machine?.name).toBe("own_xen-x86_64");
});

test("options beside the template stand between its own and the project's", () => {
  const text = `spec: v0.6
template: {source: /loader, kconfig: {CONFIG_A: beside, CONFIG_B: beside}}
unikraft: {kconfig: {CONFIG_B: own}}
`;
  const built = build({ ...files, "apps/x/Kraftfile": text });
  const { settings } = requestIn(built.withMnemonic("Defconfig")[0]) as {
    settings: readonly RequestedSetting[];
  };
  const values = Object.fromEntries(settings.map(({ symbol, value }) => [symbol, value]));
  expect(values).toMatchObject({ CONFIG_A: "beside", CONFIG_B: "own" });
});

test("the project's root file system goes beside the template's kernel", () => {
  const built = buildWith("rootfs: ./fs\n", { "apps/x/fs/etc/motd": "hello\n" });
  expect(built.printed).toBe("");
  expect(built.resultOf("//apps/x:qemu-x86_64").machine?.initrd).toContain("rootfs-x86_64");
});

test("a mistake in the template is told in its file, one without a Kraftfile at the project's", () => {
  const broken = { "/loader/Kraftfile": "spec: v0.6\nunikraft: []\n" };
  expect(buildWith("", broken).printed).toContain("--> /loader/Kraftfile:2:1");
  const { "/loader/Kraftfile": _, ...bare } = files;
  const text = "spec: v0.6\ntemplate: /loader\n";
  expect(build({ ...bare, "apps/x/Kraftfile": text }).printed).toMatchInlineSnapshot(`
    "error[missing-file]: there is no Kraftfile in /loader, the template of this one
     --> apps/x/Kraftfile:2:11
      |
    2 | template: /loader
      |           ^^^^^^^"
  `);
});

test("the template of a template is passed over, which is told", () => {
  const built = buildWith("", { "/loader/Kraftfile": `${template}template: ../other\n` });
  expect(built.printed).toMatchInlineSnapshot(`
    "warning[bad-attribute]: a template of a template has no effect
      --> /loader/Kraftfile:12:11
       |
    12 | template: ../other
       |           ^^^^^^^^
       = help: copy what it says into this one"
  `);
});

test("where the workspace says that a template is counts more than its repository", () => {
  const built = build({
    ...files,
    "kraft.workspace.yaml": "version: 1\ncomponents: {elfloader: ../loader}\n",
    "apps/x/Kraftfile":
      "spec: v0.6\ntemplate: {source: 'https://github.com/unikraft/app-elfloader.git'}\n",
  });
  expect(built.printed).toBe("");
  expect(built.components).toMatchObject({ "external/elfloader": "/loader" });
});
