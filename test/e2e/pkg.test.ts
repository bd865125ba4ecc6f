import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";

import { zip } from "../fetch/forge.ts";
import { rig } from "./rig.ts";
import { archiveOf, fileServer, sourcesRig } from "./sources-rig.ts";

/** A server of an index with two components, and what it was asked. */
async function manifestServer() {
  const asked: string[] = [];
  let musl = manifestOf("1.2.3");
  const files: Record<string, () => string> = {
    "/index.yaml": () =>
      "name: test\nmanifests:\n  - name: musl\n    type: lib\n    manifest: musl.yaml\n  - name: unikraft\n    type: core\n    manifest: core.yaml\n",
    "/musl.yaml": () => musl,
    "/core.yaml": () =>
      "name: unikraft\ntype: core\norigin: https://example.com/core.git\nchannels:\n  - name: stable\n    default: true\n",
  };
  const server = createServer((request, response) => {
    const text = files[request.url ?? ""]?.();
    const etag = JSON.stringify(text?.length);
    const isKnown = request.headers["if-none-match"] === etag;
    asked.push(`${request.url} ${isKnown ? 304 : 200}`);
    if (text === undefined) response.writeHead(404).end();
    else if (isKnown) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked.splice(0).sort(),
    publish: (...versions: readonly string[]) => (musl = manifestOf(...versions)),
  };
}

function manifestOf(...versions: readonly string[]): string {
  const entries = versions.map((version) => {
    const sha256 = version.replaceAll(".", "").repeat(64).slice(0, 64);
    return `  - version: ${version}\n    unikraft: 0.16.1\n    resource: /musl-${version}.tar.gz\n    sha256: "${sha256}"\n`;
  });
  return `name: musl\ntype: lib\ndescription: A C library.\norigin: https://example.com/musl.git\nversions:\n${entries.join("")}`;
}

test("pkg update fetches indexes, says what changed, and fetches again only what did", async () => {
  const server = await manifestServer();
  const workspace = `version: 1\nsources: {manifests: ["${server.url}/index.yaml"]}\n`;
  const here = rig({ "kraft.workspace.yaml": workspace });
  const first = await here.run(["pkg", "update"]);
  expect(first.text).toContain("2 components known, 2 changed");
  expect(first.stdout).toBe("added    lib/musl\nadded    unikraft\n");
  expect(first.code).toBe(0);
  expect(server.asked()).toEqual(["/core.yaml 200", "/index.yaml 200", "/musl.yaml 200"]);
  const again = await here.run(["pkg", "update"]);
  expect(again.stdout).toBe("");
  expect(server.asked()).toEqual(["/core.yaml 304", "/index.yaml 304", "/musl.yaml 304"]);
  server.publish("1.2.3", "1.2.4");
  const third = await here.run(["pkg", "update"]);
  expect(third.stdout).toBe("changed  lib/musl: new version 1.2.4\n");
  expect(server.asked()).toEqual(["/core.yaml 304", "/index.yaml 304", "/musl.yaml 200"]);
  const listed = await here.run(["pkg", "ls", "--all"]);
  expect(listed.stdout).toMatchInlineSnapshot(`
    "TYPE  NAME      VERSION  FORMAT   DIGEST        PLAT
    lib   musl      1.2.3    archive  123123123123
    lib   musl      1.2.4    archive  124124124124
    core  unikraft  stable   git
    "
  `);
  const musl = await here.run(["pkg", "ls", "musl", "--all", "--output", "ndjson"]);
  expect(
    musl.stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { type: "lib", name: "musl", version: "1.2.3", format: "archive" },
    { type: "lib", name: "musl", version: "1.2.4", format: "archive" },
  ]);
  expect(server.asked()).toEqual([]);
  const info = await here.run(["pkg", "info", "musl"]);
  expect(info.stdout).toMatchInlineSnapshot(`
    "musl:
      about    A C library.
      origin   https://example.com/musl.git
      version  1.2.3 for unikraft 0.16.1
      version  1.2.4 for unikraft 0.16.1
    "
  `);
});

test("an index that cannot be had is told, and the others are known all the same", async () => {
  const server = await manifestServer();
  const sources = `"${server.url}/nothing.yaml", "${server.url}/index.yaml"`;
  const here = rig({ "kraft.workspace.yaml": `version: 1\nsources: {manifests: [${sources}]}\n` });
  const updated = await here.run(["pkg", "update"]);
  expect(updated.code).toBe(1);
  expect(updated.stdout).toBe("added    lib/musl\nadded    unikraft\n");
  expect(updated.text).toContain(`${server.url}/nothing.yaml`);
  const offline = await here.run(["pkg", "update", "--offline"]);
  expect(offline.code).toBe(2);
  expect(offline.text).toBe("error: nothing can be fetched, as sources.offline is set\n");
});

test("pkg source and unsource change the workspace file, of which comments stay", async () => {
  const text = `# Ours.
version: 1
name: team # short
sources:
  manifests:
    # The one that everybody has.
    - https://example.com/index.yaml
`;
  const here = rig({ "kraft.workspace.yaml": text, "own/index.yaml": "manifests: []\n" });
  const added = await here.run(["pkg", "source", "index.yaml"], { directory: "own" });
  expect(added.text).toBe("");
  expect(added.stdout).toBe("added    own/index.yaml\n");
  expect(here.read("kraft.workspace.yaml")).toBe(`${text}    - own/index.yaml\n`);
  const listed = await here.run(["pkg", "source"]);
  expect(listed.stdout).toBe(`https://example.com/index.yaml\n${here.root}/own/index.yaml\n`);
  const twice = await here.run(["pkg", "source", "own/index.yaml", "none.yaml"]);
  expect(twice.code).toBe(2);
  expect(twice.text).toBe("error: there is no file none.yaml\n");
  expect((await here.run(["pkg", "unsource", "own/index.yaml"])).code).toBe(0);
  expect(here.read("kraft.workspace.yaml")).toBe(text);
  const strange = await here.run(["pkg", "unsource", "https://example.com/other"]);
  expect(strange.code).toBe(2);
});

test("pkg ls and info say what packages are made of, and what it is pinned to", async () => {
  const here = await sourcesRig();
  expect((await here.run(["lock"])).code).toBe(0);
  const listed = await here.run(["pkg", "ls"]);
  expect(listed.text).toBe("");
  expect(listed.stdout).toMatchInlineSnapshot(`
    "TYPE  NAME       VERSION  FORMAT   DIGEST        PLAT
    core  unikraft   v1       git      25ffec11b53c  fc/x86_64,qemu/x86_64
    lib   crc                 git      61313d7e2b49  fc/x86_64,qemu/x86_64
    lib   wordcount           archive  054f6a3f1244  fc/x86_64,qemu/x86_64
    "
  `);
  const info = await here.run(["pkg", "info", "unikraft", "crk"]);
  expect(here.plain(info.stdout)).toMatchInlineSnapshot(`
    "unikraft:
      from     http://git/core.git at v1 (git, v1)
      pinned   25ffec11b53c9252a0e76e937da2fa289c455020
      for      fc/x86_64, qemu/x86_64
      used by  //sum
    "
  `);
  expect(info.text).toBe(
    'error: no package names crk, and no manifest that is known; did you mean "crc"?\n',
  );
  expect(info.code).toBe(2);
});

test("what pkg pull fetched is enough to build offline, and what pkg rm drops is not", async () => {
  const here = await sourcesRig();
  const pulled = await here.run(["pkg", "pull", "//sum:all"]);
  expect(pulled.text).toContain("in the cache: 3 sources\n");
  expect(pulled.code).toBe(0);
  expect(here.lock()).toContain("/wordcount-1.0.tar.gz");
  const asked = here.asked();
  const built = await here.config("--locked", "--offline");
  expect(built.code).toBe(0);
  expect(here.asked()).toBe(asked);
  const removed = await here.run(["pkg", "rm", "crc"]);
  expect(removed.stdout).toBe("removed  crc: its pin, and what was fetched\n");
  expect(here.lock()).not.toContain("lib-crc");
  const refused = await here.config("--offline");
  expect(refused.text).toContain("[not-locked]");
  expect(refused.code).not.toBe(0);
  const one = await here.run(["pkg", "pull", "crc"]);
  expect(one.text).toContain("in the cache: 1 source\n");
  expect(here.asked()).toBeGreaterThan(asked);
  expect((await here.config("--locked", "--offline")).code).toBe(0);
  const strange = await here.run(["pkg", "rm", "crk"]);
  expect(strange.text).toBe(
    'error: no component from elsewhere is called crk; did you mean "crc"?\n',
  );
});

test("a source that is down does not keep the others away", async () => {
  const here = await sourcesRig();
  const kraftfile = here.read("sum/Kraftfile").replace("wordcount-1.0", "wordcount-9.9");
  here.write({ "sum/Kraftfile": kraftfile });
  const pulled = await here.run(["pkg", "pull"]);
  expect(pulled.code).toBe(1);
  expect(pulled.text).toContain("wordcount-9.9.tar.gz");
  expect(here.lock()).toContain("lib-crc.git");
});

test("archives at addresses that end in nothing are known by where they are, or say what they are", async () => {
  const here = await sourcesRig();
  const forge = await fileServer({
    "/unikraft/lib-wordcount/tar.gz/refs/tags/v1": () => archiveOf("lib-wordcount"),
    "/unikraft/lib-wordcount/zip/refs/tags/v1": () =>
      zip({ name: "lib-wordcount-1/Makefile.uk", body: "# nothing\n" }),
    "/download/42": () => archiveOf("lib-wordcount"),
  });
  const kraftfile = here.read("sum/Kraftfile");
  const pull = async (path: string) => {
    const source = `source: ${forge.url}${path}`;
    here.write({ "sum/Kraftfile": kraftfile.replace(/source: \S*wordcount-1.0.tar.gz/, source) });
    return here.run(["pkg", "pull", "wordcount"]);
  };
  for (const path of [
    "/unikraft/lib-wordcount/tar.gz/refs/tags/v1",
    "/unikraft/lib-wordcount/zip/refs/tags/v1",
    "/download/42#wordcount.tar.gz",
  ]) {
    const pulled = await pull(path);
    expect(pulled.code, pulled.text).toBe(0);
    expect(here.lock()).toContain(`archive: ${forge.url}${path}\n`);
  }
  const taken = await pull("/download/42");
  expect(taken.code).toBe(1);
  expect(taken.text.replaceAll(forge.url, "URL")).toContain(
    "URL/download/42 is no repository of git, but a tar.gz archive; say so by its end, as in URL/download/42#source.tar.gz\n",
  );
});
