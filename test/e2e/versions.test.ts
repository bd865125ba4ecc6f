import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";
import { versionsRig } from "./versions-rig.ts";

test("components that are only named are chosen from manifests, pinned, and built", async () => {
  const here = await versionsRig();
  const first = await here.config();
  expect(first.text).toMatch(/^done: /m);
  expect(first.code).toBe(0);
  expect(here.plain(here.lock())).toMatchInlineSnapshot(`
    "# Written by kraft-graph: which commit or file each source stands for. "kraft-graph lock" adds
    # what is missing, "kraft-graph lock --update" moves pins. Keep it under version control.

    version: 1
    sources:
      - git: http://git/core.git
        reference: RELEASE
        commit: COMMIT
      - git: http://git/crc.git
        reference: stable
        ref: refs/heads/stable
        commit: COMMIT
    components:
      - type: core
        name: unikraft
        version: 0.16.3
        chosen: RELEASE
        unikraft: 0.16.3
        git: http://git/core.git
        reference: RELEASE
      - type: lib
        name: crc
        version: stable
        chosen: stable
        git: http://git/crc.git
        reference: stable
      - type: lib
        name: wordcount
        version: ">=1.0"
        chosen: "1.1"
        unikraft: 0.16.3
        archive: http://files/wordcount-1.1.tar.gz
        sha256: SHA256
    "
  `);
  const kernel = await here.run(["build", "//sum:qemu-x86_64"]);
  expect(kernel.code, kernel.text).toBe(0);
});

test("manifests and the archives they name come from a mirror, and are locked by their own addresses", async () => {
  const here = await versionsRig();
  const own = "http://files.invalid/";
  const manifest = `${own}index.yaml`;
  const sources = `{manifests: [${manifest}], mirrors: {"${own}": "${here.files.url}/"}}`;
  here.write({ "kraft.workspace.yaml": `version: 1\nsources: ${sources}\n` });
  const { code, text } = await here.run(["lock", "--no-plan"]);
  expect(code, text).toBe(0);
  expect(here.lock()).toContain(`archive: ${own}wordcount-1.1.tar.gz\n`);
  expect((await here.config("--locked")).code).toBe(0);
});

test("a locked choice holds wherever manifests move, and without any, until it is updated", async () => {
  const here = await versionsRig();
  const lockedOut = await here.config("--locked");
  expect(lockedOut.code).not.toBe(0);
  expect(await here.run(["lock"])).toMatchObject({ code: 0 });
  const locked = here.lock();
  const built = await here.config("--locked");
  expect(built.code, built.text).toBe(0);
  const asked = here.asked();
  here.publish("1.1", "1.2");
  for (const place of [join(here.root, ".kraft"), join(here.cache, "manifests")]) {
    rmSync(place, { recursive: true });
  }
  const again = await here.config("--locked", "--offline");
  expect(again.code, again.text).toBe(0);
  expect(again.counts["executed"]).toBe(undefined);
  expect(here.asked()).toBe(asked);
  expect(here.lock()).toBe(locked);
  // Without manifests, there is nothing newer to be known.
  await here.run(["pkg", "update"]);
  const updated = await here.run(["lock", "--update", "wordcount"]);
  expect(updated.stdout).toBe("moved    lib/wordcount:>=1.0 1.1 -> 1.2\n");
  expect(here.lock()).toContain("wordcount-1.2.tar.gz");
  expect(await here.run(["lock", "--locked"])).toMatchObject({ code: 0, stdout: "" });
});

test("manifests are fetched by a build that needs them, and by none that may not or need not", async () => {
  const here = await versionsRig();
  const offline = await here.config("--offline");
  expect(offline.code).not.toBe(0);
  expect(here.asked()).toBe(0);
  expect((await here.config()).code).toBe(0);
  const asked = here.files.requests.filter((path) => path.endsWith(".yaml"));
  expect(asked.toSorted()).toEqual(["/core.yaml", "/crc.yaml", "/index.yaml", "/wordcount.yaml"]);
  expect((await here.config("--recheck")).code).toBe(0);
  expect(here.files.requests.filter((path) => path.endsWith(".yaml"))).toHaveLength(4);
});

test("manifests are fetched by a query, unless it may not", async () => {
  const here = await versionsRig();
  await here.run(["query", "--offline", "//sum:all"]);
  expect(here.asked()).toBe(0);
  const query = await here.run(["query", "//sum:all"]);
  expect(query.code, query.text).toBe(0);
  const asked = here.files.requests.toSorted();
  expect(asked).toEqual(["/core.yaml", "/crc.yaml", "/index.yaml", "/wordcount.yaml"]);
  expect((await here.run(["query", "--offline", "//sum:all"])).stdout).toBe(query.stdout);
  expect(here.files.requests).toHaveLength(4);
});

test("what no manifest provides is told where it is named, with what is nearest", async () => {
  const here = await versionsRig({ core: "0.16.33", crc: "stabel", wordcount: '">=2"' });
  const result = await here.config();
  expect(result.code).toBe(2);
  expect(result.text).toMatchInlineSnapshot(`
    "error[unknown-component]: unikraft has no version and no channel "0.16.33"
     --> sum/Kraftfile:5:1
      |
    5 | unikraft:
      | ^^^^^^^^
      = help: did you mean "0.16.3"?
    error[unknown-component]: lib/wordcount has no version >=2
      --> sum/Kraftfile:13:3
       |
    13 |   wordcount:
       |   ^^^^^^^^^
       = help: there are: 0.9, 0.16.3, 1.1
    error[unknown-component]: lib/crc has no version and no channel "stabel"
      --> sum/Kraftfile:15:3
       |
    15 |   crc:
       |   ^^^
       = help: did you mean "stable"?
    failed: no actions; TIME
    "
  `);
  here.write({
    "sum/Kraftfile": here.read("sum/Kraftfile").replace("  crc:", "  crk:"),
  });
  const misspelt = await here.config();
  expect(misspelt.text).toContain("error[unknown-component]: no manifest tells of lib/crk");
  expect(misspelt.text).toContain('did you mean "crc"?');
});

test("a library for another core is told of, and of several the one for the core is taken", async () => {
  const place = "origin: /nowhere\n";
  const here = rig({
    "own/index.yaml": "manifests: [{manifest: core.yaml}, {manifest: tls.yaml}]\n",
    "own/core.yaml": `name: unikraft\ntype: core\n${place}versions: [{version: 0.15.2}, {version: 0.16.0}, {version: 0.18.0}]\n`,
    "own/tls.yaml": `name: tls\ntype: lib\n${place}versions: [{version: "1.4", unikraft: 0.16.0}, {version: "1.3", unikraft: ^0.15}]\n`,
    "kraft.workspace.yaml": "version: 1\nsources: {manifests: [own/index.yaml]}\n",
    ...kraftfileOf("old", "0.15.2"),
    ...kraftfileOf("middle", "0.16.0"),
    ...kraftfileOf("new", '">0.16"'),
  });
  const listed = await here.run(["pkg", "ls", "tls", "--output", "ndjson"]);
  expect(listed.code, listed.text).toBe(0);
  expect(listed.text).toMatchInlineSnapshot(`
    "warning[other-core]: tls 1.4, which >=1 stands for, is for Unikraft 0.16.0, and the core is 0.18.0
     --> new/Kraftfile:4:18
      |
    4 | libraries: {tls: ">=1"}
      |                  ^^^^^
      = help: name a version for this core, or another core
    "
  `);
  expect(listed.stdout).toMatchInlineSnapshot(`
    "{"type":"lib","name":"tls","version":">=1","plat":["qemu/x86_64"],"packages":["//old"],"format":"git","source":"/nowhere at 1.3"}
    {"type":"lib","name":"tls","version":">=1","plat":["qemu/x86_64"],"packages":["//middle","//new"],"format":"git","source":"/nowhere at 1.4"}
    "
  `);
});

function kraftfileOf(name: string, core: string): Record<string, string> {
  return {
    [`${name}/Kraftfile`]: `spec: v0.6
name: ${name}
unikraft: {version: ${core}}
libraries: {tls: ">=1"}
targets: [qemu/x86_64]
`,
  };
}

test("a component of a lock that knew no manifest stays what it was", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\nsources: {manifests: [own.yaml]}\n",
    "own.yaml": "name: other\ntype: lib\norigin: /nowhere\nchannels: [{name: stable}]\n",
    "app/Kraftfile":
      "spec: v0.6\nname: app\nunikraft: {source: ../core}\nlibraries: {lwip: stable}\ntargets: [qemu/x86_64]\n",
    "core/Config.uk": "",
  });
  const unknown = await here.run(["pkg", "ls"]);
  expect(unknown.text).toContain("error[unknown-component]: no manifest tells of lib/lwip");
  const commit = "1".repeat(40);
  here.write({
    "kraft.lock.yaml": `version: 1\nsources:\n  - git: https://github.com/unikraft/lib-lwip.git\n    reference: stable\n    commit: "${commit}"\n`,
  });
  const known = await here.run(["pkg", "ls"]);
  expect(known.stdout).toMatch(/lwip +stable +git +1{12}/);
});
