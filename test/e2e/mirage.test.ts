// MirageOS packages through the whole program.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { type Served, sendFile, serve } from "../fetch/server-rig.ts";
import { miragePath, mirageTest, standInPath, standIns, standInTest } from "./mirage-rig.ts";
import { digestsBelow, rig, temporaryDirectory } from "./rig.ts";

/** A workspace whose actions find the tools on `path`. */
const withTools = (path: string): string => `version: 1\nbuild:\n  path: ${path}\n`;

/** Sources of others, served as an archive, and how a configuration names them. */
async function duniverse(): Promise<Served & { readonly comment: string }> {
  const place = temporaryDirectory();
  mkdirSync(join(place, "fmt-0.9.0"));
  writeFileSync(join(place, "fmt-0.9.0/fmt.ml"), "let pr = print_string\n");
  execFileSync("tar", ["-cjf", "fmt.tbz", "fmt-0.9.0"], { cwd: place });
  const bytes = readFileSync(join(place, "fmt.tbz"));
  const sum = createHash("sha512").update(bytes).digest("hex");
  const served = await serve((question, answer) =>
    sendFile(question, answer, { bytes, etag: '"1"' }),
  );
  return { ...served, comment: `(* source: ${served.url}/fmt.tbz fmt sha512=${sum} *)` };
}

function files(comment: string, path = standInPath): Readonly<Record<string, string>> {
  return {
    "kraft.workspace.yaml": withTools(path),
    "apps/dns/config.ml": `(* mirage >= 4.11 & < 5 *)\n${comment}\nopen Mirage\nlet () = register "dns" []\n`,
    "apps/dns/unikernel.ml": 'let start () = Fmt.pr "hello"\n',
  };
}

test("a configuration has a target for each thing it can be built for", async () => {
  const { run } = rig(files(""));
  const all = await run(["query", "//apps/dns:all"]);
  expect(
    all.stdout
      .trim()
      .split("\n")
      .map((label) => label.split(":")[1]),
  ).toEqual(["fc", "genode", "hvt", "muen", "qemu", "qubes", "spt", "unix", "virtio", "xen"]);
});

test("a module that is only called config.ml makes no package", async () => {
  const { run } = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "lib/config.ml": "(* open Mirage *) let port = 80\n",
  });
  const { code, text } = await run(["query", "//lib:all"]);
  expect(code).not.toBe(0);
  expect(text).toContain("lib");
});

standInTest(
  "targets are built side by side, sources come once, and the package stays as it was",
  async () => {
    const { comment, log } = await duniverse();
    const { run, read, path } = rig(files(comment));
    const before = digestsBelow(path("apps"));
    const words = ["build", "//apps/dns:spt", "//apps/dns:unix", "//apps/dns:qemu"];
    const built = await run(words);
    expect(built.code, built.text).toBe(0);
    expect(read(".kraft/out/apps/dns/spt/dns.spt")).toBe(
      [
        './unikernel.ml: let start () = Fmt.pr "hello"\n',
        "./duniverse/fmt/fmt.ml: let pr = print_string\n",
        "./mirage/main.ml: (* main of dns for spt  *)\n",
      ]
        .map((line) => `${line}\n`)
        .join(""),
    );
    expect(read(".kraft/out/apps/dns/unix/dns")).toContain("main of dns for unix");
    expect(read(".kraft/out/apps/dns/qemu/dns.qemu")).toContain("main of dns for unikraft-qemu");
    expect(log.map(({ path: asked }) => asked)).toEqual(["/fmt.tbz"]);
    expect(digestsBelow(path("apps"))).toEqual(before);
    expect((await run(words)).counts).not.toHaveProperty("executed");
  },
);

standInTest(
  "the unikernel for unix is run as a process, with its own arguments or others",
  async () => {
    const { comment } = await duniverse();
    const { run } = rig({
      ...files(comment),
      "apps/dns/kraft.build.yaml":
        "version: 1\ntargets:\n  - {name: dns, rule: mirage, target: unix, args: [--port=53]}\n",
    });
    const ran = await run(["run", "//apps/dns:dns"]);
    expect(ran.stdout, ran.stderr).toBe("unikernel --port=53\n");
    expect(ran.code).toBe(0);
    const other = await run(["run", "//apps/dns:unix", "--", "--port=54"]);
    expect(other.stdout, other.stderr).toBe("unikernel --port=54\n");
  },
);

standInTest(
  "a changed source runs the build alone, a changed configuration what it comes to",
  async () => {
    const { comment } = await duniverse();
    const { run, write } = rig(files(comment));
    await run(["build", "//apps/dns:hvt"]);
    write({ "apps/dns/unikernel.ml": "let start () = ()\n" });
    const source = await run(["build", "//apps/dns:hvt"]);
    expect(source.executed).toEqual(["apps/dns/hvt/dns.hvt"]);
    write({ "apps/dns/config.ml": `${comment}\nopen Mirage\nlet () = register "dns" [ key ]\n` });
    const same = await run(["build", "//apps/dns:hvt"]);
    // It is configured to the same files, so nothing behind it runs.
    expect(same.executed).toEqual(["apps/dns/hvt/configured"]);
  },
);

standInTest(
  "options for configuring stand in kraft.build.yaml, and so does a lock file",
  async () => {
    const { comment, url } = await duniverse();
    const entry = /fmt (\S+) /.exec(comment)?.[1] ?? "";
    const { run, read } = rig({
      ...files(comment),
      "apps/dns/kraft.build.yaml": `version: 1
targets:
  - {name: still, rule: mirage, target: hvt, configure: [--no-dhcp], lock: pinned.opam.locked, default: true}
`,
      "apps/dns/pinned.opam.locked": `x-opam-monorepo-version: "0.3"
x-opam-monorepo-duniverse-dirs: [["${url}/fmt.tbz" "other-name" ["${entry}"]]]
`,
    });
    const { code, executed } = await run(["build", "//apps/..."]);
    expect(code).toBe(0);
    expect(executed).not.toContain("apps/dns/still/opam.locked");
    const kernel = read(".kraft/out/apps/dns/still/dns.hvt");
    expect(kernel).toContain("./duniverse/other-name/fmt.ml");
    expect(kernel).toContain("main of dns for hvt --no-dhcp");
  },
);

standInTest(
  "two checkouts at different places give the same unikernel, of which one is built",
  async () => {
    const { comment } = await duniverse();
    const first = rig(files(comment));
    await first.run(["build", "//apps/dns:virtio"]);
    const second = rig(files(comment), { cache: first.cache });
    const built = await second.run(["build", "//apps/dns:virtio"]);
    expect(built.counts).not.toHaveProperty("executed");
    const third = rig(files(comment));
    await third.run(["build", "//apps/dns:virtio"]);
    const kernel = ".kraft/out/apps/dns/virtio/dns.virtio";
    expect(third.read(kernel)).toBe(first.read(kernel));
  },
);

standInTest("what is installed in the switch of the tools counts as well", async () => {
  const prefix = join(temporaryDirectory(), "switch");
  cpSync(standIns, join(prefix, "bin"), { recursive: true });
  mkdirSync(join(prefix, ".opam-switch"));
  const state = join(prefix, ".opam-switch/switch-state");
  writeFileSync(state, 'installed: ["mirage.4.11.0"]\n');
  const { run } = rig({
    ...files(""),
    "kraft.workspace.yaml": `version: 1\nbuild: {path: "${prefix}/bin:/usr/bin:/bin"}\n`,
  });
  expect((await run(["build", "//apps/dns:spt"])).code).toBe(0);
  expect((await run(["build", "//apps/dns:spt"])).executed).toEqual([]);
  writeFileSync(state, 'installed: ["mirage.4.11.1"]\n');
  const again = await run(["build", "//apps/dns:spt"]);
  expect(again.executed).toContain("apps/dns/spt/configured");
  expect(again.executed).toContain("apps/dns/spt/dns.spt");
});

standInTest("a duniverse is chosen from the repository that is stated", async () => {
  const { run } = rig({
    ...files(""),
    "apps/dns/kraft.build.yaml":
      "version: 1\ntargets: [{name: app, rule: mirage, target: spt, repository: file:///missing}]\n",
  });
  const { code, text } = await run(["build", "//apps/dns:app"]);
  expect(code).toBe(1);
  expect(text).toContain('[ERROR] Could not update repository "default": file:///missing');
});

standInTest("a switch whose compiler is the system's has its own libraries", async () => {
  const prefix = join(temporaryDirectory(), "switch");
  const system = join(temporaryDirectory(), "system/bin");
  cpSync(standIns, join(prefix, "bin"), { recursive: true });
  mkdirSync(system, { recursive: true });
  renameSync(join(prefix, "bin/ocamlc"), join(system, "ocamlc"));
  for (const name of ["findlib", "mirage"]) {
    mkdirSync(join(prefix, "lib", name), { recursive: true });
    writeFileSync(join(prefix, "lib", name, "META"), 'version = "4.11.1"\n');
  }
  const { run } = rig(files("", `${prefix}/bin:${system}:/usr/bin:/bin`));
  const built = await run(["build", "//apps/dns:spt"]);
  expect(built.code, built.text).toBe(0);
});

test("without the tools it says which are missing, and how to get them", async () => {
  const { build } = rig(files("", "/opt/none/bin"));
  const { code, text } = await build("//apps/dns:hvt");
  expect(code).toBe(1);
  expect(text).toMatchInlineSnapshot(`
    "error[missing-tool]: //apps/dns:hvt: MirageConfigure apps/dns/hvt/configured: there is no mirage, dune, ocamlfind in /opt/none/bin; install MirageOS (opam install mirage opam-monorepo), and name the bin directory of its switch in build.path
    failed: 3 actions: 1 failed, 2 skipped; TIME
    "
  `);
});

mirageTest("what configuring refuses is shown as the tools say it", async () => {
  const { run, write } = rig(files("", miragePath));
  write({ "apps/dns/config.ml": 'open Mirage\nopen Elsewhere\nlet () = register "dns" []\n' });
  const refused = await run(["build", "//apps/dns:hvt"]);
  expect(refused.code).toBe(1);
  expect(refused.text).toContain("Error: Unbound module Elsewhere");
});

standInTest("what building refuses is shown as the tools say it", async () => {
  const { run } = rig({ ...files(""), "apps/dns/unikernel.ml": "type error" });
  const untyped = await run(["build", "//apps/dns:hvt"]);
  expect(untyped.code).toBe(1);
  expect(untyped.text).toContain("Error: This expression has type string");
});

const withModule = (path: string): Readonly<Record<string, string>> => ({
  ...files("", path),
  "apps/dns/config.ml": 'open Mirage\nopen Keys\nlet () = register "dns" []\n',
  "apps/dns/keys.ml": "let port = 53\n",
  "apps/dns/kraft.build.yaml":
    "version: 1\ntargets: [{name: app, rule: mirage, target: spt, configures: [keys.ml]}]\n",
});

mirageTest("a module of the configuration's own that is not named is not there", async () => {
  const { run } = rig(withModule(miragePath));
  expect((await run(["build", "//apps/dns:spt"])).text).toContain("Unbound module Keys");
});

standInTest("a module of the configuration's own that is named is there", async () => {
  const { run } = rig(withModule(standInPath));
  expect((await run(["build", "//apps/dns:app"])).code).toBe(0);
});

mirageTest("a lock file that would write elsewhere is refused", async () => {
  const { run } = rig({
    ...files("", miragePath),
    "apps/dns/kraft.build.yaml":
      "version: 1\ntargets: [{name: app, rule: mirage, target: spt, lock: bad.locked}]\n",
    "apps/dns/bad.locked":
      'x-opam-monorepo-version: "0.3"\nx-opam-monorepo-duniverse-dirs: [["http://127.0.0.1:1/a.tbz" "../../b"]]\n',
  });
  const { code, text } = await run(["build", "//apps/dns:app"]);
  expect(code).toBe(1);
  expect(text).toContain('apps/dns/bad.locked: "../../b" is no name for a directory');
});
