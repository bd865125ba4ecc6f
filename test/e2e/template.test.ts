import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { gitBackend, repositoryAt } from "../fetch/git-rig.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** An app that goes on from another in a repository, of which core and libraries are on the disk. */
async function templateRig() {
  const repositories = temporaryDirectory();
  const loader = repositoryAt(join(repositories, "app-sum.git"));
  cpSync(join(examples, "sum"), loader.directory, { recursive: true });
  loader.commit({});
  const server = await gitBackend(repositories);
  const here = rig({});
  for (const name of ["core", "libs"])
    cpSync(join(examples, name), join(here.root, name), { recursive: true });
  here.write({
    "kraft.workspace.yaml": `version: 1
components:
  unikraft: ./core
  crc: ./libs/lib-crc
  wordcount: ./libs/lib-wordcount
`,
    "mine/Kraftfile": `spec: v0.6
name: mine
template:
  source: ${server.url}/app-sum.git
targets: [qemu/x86_64]
rootfs: ./fs
`,
    "mine/fs/motd": "hello\n",
  });
  return { ...here, loader, server };
}

test("an app is built from a template in a repository, which is pinned and fetched once", async () => {
  const here = await templateRig();
  const target = "//mine:qemu-x86_64.config";
  const first = await here.run(["build", target]);
  expect(first.text).toMatch(/^done: /m);
  expect(first.code).toBe(0);
  expect(here.read("kraft.lock.yaml")).toContain("app-sum.git\n    ref: refs/heads/main");
  const asked = here.server.requests.length;
  // A template that moves on is the same one here until its pin is moved.
  here.loader.commit({ Kraftfile: "spec: v0.6\n" });
  rmSync(join(here.root, ".kraft"), { recursive: true });
  const again = await here.run(["build", target, "--locked", "--offline"]);
  expect(again.code, again.text).toBe(0);
  expect(again.counts["executed"]).toBe(undefined);
  expect(here.server.requests.length).toBe(asked);
  const kernel = await here.run(["build", "//mine:qemu-x86_64"]);
  expect(kernel.code, kernel.text).toBe(0);
});

test("a query fetches a template that is not here, pins it, and never asks for it again", async () => {
  const here = await templateRig();
  const query = await here.run(["query", "//mine:all"]);
  expect(query.code, query.text).toBe(0);
  expect(query.stdout.split("\n").slice(0, 2)).toEqual(["//mine:oci", "//mine:qemu-x86_64"]);
  expect(here.read("kraft.lock.yaml")).toContain("app-sum.git\n    ref: refs/heads/main");
  const asked = here.server.requests.length;
  here.loader.commit({ Kraftfile: "spec: v0.6\n" });
  const again = await here.run(["query", "--locked", "--offline", "//mine:all"]);
  expect(again).toMatchObject({ code: 0, stdout: query.stdout, text: "" });
  const build = await here.run(["build", "//mine:qemu-x86_64.config", "--locked", "--offline"]);
  expect(build.code, build.text).toBe(0);
  expect(here.server.requests.length).toBe(asked);
});

test("a template that is not here is told of by who may not ask for it, or asks in vain", async () => {
  const here = await templateRig();
  for (const words of [
    ["query", "--offline", "//mine:all"],
    ["query", "--locked", "//mine:all"],
    ["build", "--offline", "//mine:all"],
  ]) {
    const refused = await here.run(words);
    expect(refused.code, words.join(" ")).not.toBe(0);
    expect(refused.stdout).toBe("");
    expect(refused.text).toContain("app-sum.git is not in kraft.lock.yaml");
    expect(refused.text).toContain('"kraft-graph lock" adds it');
  }
  expect(here.server.requests).toEqual([]);
  rmSync(here.loader.directory, { recursive: true });
  const query = await here.run(["query", "//mine:all"]);
  expect(query).toMatchObject({ code: 1, stdout: "" });
  expect(query.text).toContain("error[not-fetched]");
});

test("a query says of each value which file it comes from: the template, or the package", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "base/Kraftfile": `spec: v0.6
unikraft: {source: ../core, kconfig: {CONFIG_A: "y", CONFIG_B: "y"}}
libraries: {tls: {source: ../tls}}
`,
    "app/Kraftfile": `spec: v0.6
name: app
template: {name: base, source: ../base}
unikraft: {source: ../core, kconfig: {CONFIG_B: "n"}}
targets: [qemu/x86_64]
`,
    "core/Config.uk": "",
    "tls/Config.uk": "",
  });
  const query = await here.run(["query", "--output", "build", "//app:qemu-x86_64.config"]);
  expect(query.code, query.text).toBe(0);
  const lines = query.stdout.split("\n").map((line) => line.trim());
  const before = (text: string): readonly string[] =>
    lines.flatMap((line, i) => (line === text ? [lines[i - 1] ?? ""] : []));
  expect(before("- name: tls")).toContain("# base/Kraftfile:3:13");
  expect(before("- symbol: CONFIG_A")).toContain("# base/Kraftfile:2:39");
  expect(before("- symbol: CONFIG_B")).toContain("# app/Kraftfile:4:39");
  expect(before("platform: qemu").concat(before("- platform: qemu"))).toContain(
    "# app/Kraftfile:5:11",
  );
});
