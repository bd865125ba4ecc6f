import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { serve } from "../fetch/server-rig.ts";
import { rig, temporaryDirectory } from "./rig.ts";
import { sourcesRig } from "./sources-rig.ts";

test("a build locks what it needs, and a cache that has it needs no server again", async () => {
  const here = await sourcesRig();
  const first = await here.config();
  expect(first.text).toMatch(/^(\[.*\n)*done: /);
  expect(first.code).toBe(0);
  const [head = "", ...pins] = here
    .plain(here.lock())
    .replaceAll(/"?\b[0-9a-f]{40,64}\b"?/g, "DIGEST")
    .split("  - ");
  expect(head).toMatch(/^# Written by kraft-graph: .*version: 1\nsources:\n$/s);
  // Sorted by address, of which ports are a part.
  expect(pins.sort()).toEqual([
    expect.stringMatching(
      /^archive: http:\/\/files\/wordcount-1.0.tar.gz\n {4}sha256: DIGEST\n {4}size: \d+\n$/,
    ),
    "git: http://git/core.git\n    reference: v1\n    ref: refs/tags/v1\n    commit: DIGEST\n",
    "git: http://git/lib-crc.git\n    ref: refs/heads/main\n    commit: DIGEST\n",
  ]);
  const asked = here.asked();
  const lock = here.lock();
  // Another checkout, or this one after `clean`, is the same build.
  rmSync(join(here.root, ".kraft"), { recursive: true });
  const second = await here.config("--locked", "--offline");
  expect(second).toMatchObject({ code: 0, outputs: first.outputs });
  expect(second.counts["executed"]).toBe(undefined);
  expect(here.asked()).toBe(asked);
  expect(here.lock()).toBe(lock);
});

test("a build of which nothing changed asks no server and starts no process", async () => {
  const here = await sourcesRig();
  const ahead = { aheadMs: 10_000 };
  for (let i = 0; i < 3; i++) expect((await here.configWith([], ahead)).code).toBe(0);
  const asked = here.asked();
  const log = join(here.place, "strace");
  const calls = "--trace=execve,connect";
  const again = await here.configWith([], {
    ...ahead,
    wrapper: ["strace", "--follow-forks", calls, `--output=${log}`],
  });
  expect(again.events.some((event) => event["isRemembered"] === true)).toBe(true);
  expect(here.asked()).toBe(asked);
  const made = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => / (execve|connect)\(/.test(line) && !/= -1/.test(line));
  // That of the program itself.
  expect(made).toHaveLength(1);
  // Another lock file is another build, however long ago the memo was made.
  here.write({ "kraft.lock.yaml": `${here.lock()}# ours\n` });
  const edited = await here.configWith([], ahead);
  expect(edited.events.some((event) => event["isRemembered"] === true)).toBe(false);
  expect(edited).toMatchObject({ code: 0, outputs: again.outputs });
});

test("a branch that moved changes nothing until the lock file does", async () => {
  const here = await sourcesRig({ reference: "main" });
  const first = await here.config();
  expect(first.code).toBe(0);
  const newer = here.core.commit({ "version.mk": "UK_VERSION := 9.9.9\nUK_CODENAME := New\n" });
  const lock = here.lock();
  rmSync(here.cache, { recursive: true });
  rmSync(join(here.root, ".kraft"), { recursive: true });
  const second = await here.config("--locked");
  expect(second).toMatchObject({ code: 0, outputs: first.outputs });
  expect(here.lock()).toBe(lock);
  here.write({ "kraft.lock.yaml": lock.replace(here.first, newer) });
  expect((await here.config()).code).toBe(0);
  expect(here.lock()).toContain(newer);
});

test("--locked and --offline name all that is missing, and ask nobody", async () => {
  const here = await sourcesRig();
  const locked = await here.config("--locked");
  expect(locked.code).toBe(1);
  expect(here.plain(locked.stderr)).toMatchInlineSnapshot(`
    "error[not-locked]: http://git/core.git at v1 is not in kraft.lock.yaml
     = help: "kraft-graph lock" adds it
    error[not-locked]: http://git/lib-crc.git is not in kraft.lock.yaml
     = help: "kraft-graph lock" adds it
    error[not-locked]: http://files/wordcount-1.0.tar.gz is not in kraft.lock.yaml
     = help: "kraft-graph lock" adds it
    failed: no actions; TIME
    "
  `);
  expect(here.asked()).toBe(0);
  await here.config();
  rmSync(here.cache, { recursive: true });
  const asked = here.asked();
  const offline = await here.config("--offline");
  expect(offline.code).toBe(1);
  expect(here.plain(offline.stderr)).toMatchInlineSnapshot(`
    "error[not-cached]: http://git/core.git at v1 is not in the cache, and the build is offline
     = help: build once without --offline
    error[not-cached]: http://git/lib-crc.git at 61313d7e2b491f827c12320056ba5b0a46e1a4e0 is not in the cache, and the build is offline
     = help: build once without --offline
    error[not-cached]: http://files/wordcount-1.0.tar.gz is not in the cache, and the build is offline
     = help: build once without --offline
    failed: no actions; TIME
    "
  `);
  expect(here.asked()).toBe(asked);
});

test("lock says what it lacks when it is offline, and asks nobody", async () => {
  const here = await sourcesRig();
  here.write({ "kraft.workspace.yaml": "version: 1\nsources: {offline: true}\n" });
  const lacking = await here.run(["lock"]);
  expect(here.asked()).toBe(0);
  expect(lacking).toMatchObject({ code: 1, stdout: "" });
  expect(here.plain(lacking.stderr)).toMatchInlineSnapshot(`
    "error[not-locked]: http://git/core.git at v1 is not in kraft.lock.yaml
     = help: lock once without --offline and sources.offline
    error[not-locked]: http://git/lib-crc.git is not in kraft.lock.yaml
     = help: lock once without --offline and sources.offline
    error[not-locked]: http://files/wordcount-1.0.tar.gz is not in kraft.lock.yaml
     = help: lock once without --offline and sources.offline
    "
  `);
  here.write({ "kraft.workspace.yaml": "version: 1\n" });
  expect((await here.run(["lock", "--offline"])).stderr).toBe(lacking.stderr);
  expect(here.asked()).toBe(0);
  expect((await here.run(["lock"])).code).toBe(0);
  const [asked, lock] = [here.asked(), here.lock()];
  // That tags stay what they were is for somebody with a network to find out.
  expect(await here.run(["lock", "--offline"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  const update = await here.run(["lock", "--offline", "--update", "crc"]);
  expect(update).toMatchObject({ code: 1, stdout: "" });
  expect(here.plain(update.stderr)).toMatchInlineSnapshot(`
    "error[not-fetched]: http://git/lib-crc.git stays as it was locked, as servers may not be asked
     = help: move it without --offline and sources.offline
    "
  `);
  expect([here.asked(), here.lock()]).toEqual([asked, lock]);
});

test("a tag that moved and an archive that changed are refused, with both digests", async () => {
  const here = await sourcesRig();
  await here.config();
  const moved = here.core.commit({ "version.mk": "UK_VERSION := 9.9.9\n" });
  here.core.git("tag", "--force", "-a", "v1", "-m", "again");
  here.setArchive(Buffer.from("another"));
  rmSync(here.cache, { recursive: true });
  const { code, stderr } = await here.config("--keep-going");
  expect(code).toBe(1);
  expect(stderr).toContain("error[moved-source]");
  expect(stderr).toContain(`${here.git.url}/core.git at v1 was ${here.first} when`);
  expect(stderr).toContain(`and is ${moved} now`);
  const [, sha256 = ""] = /sha256: ([0-9a-f]{64})/.exec(here.lock()) ?? [];
  expect(sha256).not.toBe("");
  expect(stderr.split("\n").filter((line) => line.includes(sha256))).toHaveLength(1);
});

test("a lock file with mistakes is not guessed at", async () => {
  const here = await sourcesRig();
  here.write({ "kraft.lock.yaml": "version: 1\nsources:\n  - git: x\n    commit: main\n" });
  const { code, stderr } = await here.config("--locked");
  expect(code).toBe(1);
  expect(here.plain(stderr)).toMatchInlineSnapshot(`
    "error[bad-lock]: this is no pin that kraft-graph writes
     --> kraft.lock.yaml:3:5
      |
    3 |   - git: x
      |     ^^^^^^
      = help: remove it, and run "kraft-graph lock"
    error[bad-lock]: nobody can tell what http://git/core.git at v1 is, as kraft.lock.yaml has mistakes
     = help: correct it first
    error[bad-lock]: nobody can tell what http://git/lib-crc.git is, as kraft.lock.yaml has mistakes
     = help: correct it first
    error[bad-lock]: nobody can tell what http://files/wordcount-1.0.tar.gz is, as kraft.lock.yaml has mistakes
     = help: correct it first
    failed: no actions; TIME
    "
  `);
});

test("what a password opens is fetched by netrc, and the password gets nowhere", async () => {
  const here = await sourcesRig({ credentials: "me:pa55word" });
  const refused = await here.config();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("error[not-fetched]");
  expect(refused.stderr).toContain("give it a credential helper, a netrc or an ssh-agent");
  writeFileSync(join(here.home, ".netrc"), "machine 127.0.0.1 login me password pa55word\n");
  const events = join(here.place, "events");
  const built = await here.config("--events", events, "--explain");
  expect(built.code).toBe(0);
  const told = readFileSync(events, "utf8") + built.stderr + refused.stderr + here.lock();
  expect(told).not.toContain("pa55word");
});

test("two builds at once fetch each source once", async () => {
  const here = await sourcesRig();
  const other = await sourcesRig({ cache: here.cache });
  other.write({ "sum/Kraftfile": here.read("sum/Kraftfile") });
  const [one, two] = await Promise.all([here.config(), other.config()]);
  expect([one.code, two.code]).toEqual([0, 0]);
  expect(one.outputs).toEqual(two.outputs);
  const packs = here.git.requests.filter((line) => /POST .*upload-pack/.test(line));
  const wanted = packs.filter((line) => line.includes("core.git"));
  expect(other.asked()).toBe(0);
  expect(here.files.requests.length).toBeLessThanOrEqual(2);
  expect(wanted.length).toBeGreaterThan(0);
  const lines = [...one.events, ...two.events].filter(
    (event) => event["mnemonic"] === "Fetch" && event["outcome"] === "executed",
  );
  expect(lines).toHaveLength(3);
});

test("a build that is killed while it fetches leaves nothing that counts as there", async () => {
  const here = await sourcesRig();
  const directory = temporaryDirectory();
  const killed = await here.configWith(["--events", join(directory, "events")], {
    watch: ({ kill }) => {
      here.git.onRequest(() => kill("SIGKILL"));
    },
  });
  expect(killed.signal).toBe("SIGKILL");
  here.git.onRequest(() => undefined);
  const again = await here.config();
  expect(again.code).toBe(0);
  const alone = await sourcesRig();
  alone.write({ "sum/Kraftfile": here.read("sum/Kraftfile") });
  expect((await alone.config()).outputs).toEqual(again.outputs);
});

test("lock adds what is missing, removes what nothing uses, and moves nothing by itself", async () => {
  const here = await sourcesRig({ reference: "main" });
  const run = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await here.run(["lock", ...words]);
    const cut = (text: string): string => here.plain(text).replaceAll(/[0-9a-f]{12}\b/g, "DIGEST");
    // Without lines that tell how far planning is.
    return { code, stdout: cut(stdout), stderr: cut(stderr.replaceAll(/^\[\d.*\n/gm, "")) };
  };
  const frozen = await run("--locked");
  expect(frozen.code).toBe(2);
  expect(frozen.stderr.match(/error\[not-locked\]/g)).toHaveLength(3);
  expect(here.asked()).toBe(0);
  expect(await run()).toEqual({
    code: 0,
    stdout: `added    http://files/wordcount-1.0.tar.gz DIGEST
added    http://git/core.git at main DIGEST
added    http://git/lib-crc.git DIGEST
`,
    stderr: "",
  });
  expect(await run("--locked")).toEqual({ code: 0, stdout: "", stderr: "" });
  const lock = here.lock();
  here.core.commit({ "version.mk": "UK_VERSION := 9.9.9\n" });
  here.crc.commit({ "more.c": "" });
  expect(await run()).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(here.lock()).toBe(lock);
  expect(await run("--update", "crd")).toEqual({
    code: 2,
    stdout: "",
    stderr: 'error: no component from elsewhere is called crd; did you mean "crc"?\n',
  });
  const moved = "moved    http://git/lib-crc.git DIGEST -> DIGEST\n";
  expect(await run("--update", "crc")).toEqual({ code: 0, stdout: moved, stderr: "" });
  expect(await run("--update")).toMatchObject({
    code: 0,
    stdout: "moved    http://git/core.git at main DIGEST -> DIGEST\n",
  });
  here.write({
    "sum/Kraftfile": here
      .read("sum/Kraftfile")
      .replace(/ {2}crc:\n.*\n/, "  none:\n    source: ../none\n"),
    "none/Makefile.uk": "",
  });
  expect(await run("--locked")).toMatchObject({
    code: 2,
    stdout: "removed  http://git/lib-crc.git, which nothing uses\n",
  });
  expect((await run()).stdout).toBe("removed  http://git/lib-crc.git, which nothing uses\n");
  expect(here.lock()).not.toContain("lib-crc");
});

test("lock refuses a tag that moved and an archive that changed, until it is told to take them", async () => {
  const here = await sourcesRig();
  expect((await here.run(["lock"])).code).toBe(0);
  const lock = here.lock();
  const moved = here.core.commit({ "version.mk": "UK_VERSION := 9.9.9\n" });
  here.core.git("tag", "--force", "-a", "v1", "-m", "again");
  here.setArchive(Buffer.from("another"));
  const told = await here.run(["lock"]);
  expect(told.code).toBe(1);
  expect(told.stderr).toContain(
    `error[moved-source]: ${here.git.url}/core.git at v1 was ${here.first} when it was locked, and is ${moved} now`,
  );
  const updated = await here.run(["lock", "--update"]);
  expect(updated.code).toBe(1);
  expect(updated.stderr.match(/error\[moved-source\]/g)).toHaveLength(2);
  expect(here.lock()).toBe(lock);
  expect((await here.run(["lock", "--update", "--allow-moved"])).code).toBe(0);
  expect(here.lock()).toContain(moved);
});

/** An option more, which is in every .config. */
const another = '\nconfig ANOTHER\n\tbool "another"\n\tdefault y\n';

test("vendored sources are built without network and cache, and edits to them count", async () => {
  const here = await sourcesRig();
  const expected = await here.config();
  expect(expected.code).toBe(0);
  const vendored = await here.run(["vendor"]);
  expect(vendored.code).toBe(0);
  expect(vendored.stdout.split("\n").sort()).toEqual(["", "crc", "unikraft", "wordcount"]);
  expect(vendored.stderr).toContain('"sources: {vendor: vendor}" in kraft.workspace.yaml');
  expect(here.plain(here.read("vendor/kraft.vendor.yaml"))).toContain(
    `  - git: "http://git/core.git"\n    reference: "v1"\n    commit: "${here.first}"\n    directory: "unikraft"\n`,
  );
  here.write({ "kraft.workspace.yaml": "version: 1\nsources: {vendor: vendor}\n" });
  rmSync(here.cache, { recursive: true });
  rmSync(join(here.root, ".kraft"), { recursive: true });
  const asked = here.asked();
  const built = await here.config("--offline");
  expect(built).toMatchObject({ code: 0, outputs: expected.outputs });
  expect(here.asked()).toBe(asked);
  const options = here.read("vendor/unikraft/Config.uk");
  here.write({ "vendor/unikraft/Config.uk": options + another });
  expect((await here.config("--offline")).outputs).not.toEqual(expected.outputs);
  // Again, it writes what is locked.
  expect((await here.run(["vendor"])).code).toBe(0);
  expect(here.read("vendor/unikraft/Config.uk")).toBe(options);
  expect((await here.run(["lock", "--locked"])).code).toBe(0);
  here.write({ "kraft.lock.yaml": here.lock().replace(here.first, "1".repeat(40)) });
  const stale = await here.config("--offline");
  expect(stale.code).toBe(2);
  expect(stale.stderr).toContain("error[stale-vendor]");
  expect(stale.stderr).toContain(`is vendored as ${here.first}, and locked as ${"1".repeat(40)}`);
});

test("vendor replaces no directory that it did not write", async () => {
  const here = await sourcesRig();
  here.write({ "third_party/mine.c": "" });
  const { code, stderr } = await here.run(["vendor", "third_party"]);
  expect(code).toBe(2);
  expect(stderr).toContain("is not empty, and was not written by this command");
  expect(here.read("third_party/mine.c")).toBe("");
});

test("what stands in .unikraft counts in place of what is locked, and info says so", async () => {
  const here = await sourcesRig();
  const first = await here.config();
  const place = join(here.root, "sum/.unikraft/unikraft");
  cpSync(here.core.directory, place, { recursive: true });
  rmSync(join(place, ".git"), { recursive: true });
  const same = await here.config("--offline");
  expect(same).toMatchObject({ code: 0, outputs: first.outputs });
  const info = await here.run(["info", "sources"]);
  expect(here.plain(info.stdout).replaceAll(/ +/g, " ").trimEnd().split("\n").sort()).toEqual([
    expect.stringMatching(/^http:\/\/files\/wordcount-1.0.tar.gz sha256:[0-9a-f]{64}$/),
    expect.stringMatching(/^http:\/\/git\/lib-crc.git commit [0-9a-f]{40}$/),
    "sum/.unikraft/unikraft as it is there, whatever is locked",
  ]);
  const path = "sum/.unikraft/unikraft/Config.uk";
  here.write({ [path]: here.read(path) + another });
  expect((await here.config("--offline")).outputs).not.toEqual(first.outputs);
});

test("two outputs of one source are fetched one after the other", async () => {
  const bytes = Buffer.from("the source\n");
  let open = 0;
  let mostOpen = 0;
  const { url } = await serve((_, answer) => {
    mostOpen = Math.max(mostOpen, ++open);
    answer.writeHead(200, { "content-length": bytes.length });
    answer.write(bytes.subarray(0, 3));
    // Long enough for the other to ask as well, if it does not wait.
    setTimeout(() => {
      open--;
      answer.end(bytes.subarray(3));
    }, 300);
  });
  const sum = createHash("sha256").update(bytes).digest("hex");
  const yielded = (name: string): string =>
    JSON.stringify({
      version: 1,
      actions: [
        {
          kind: "fetch",
          mnemonic: "Fetch",
          source: { kind: "file", urls: [`${url}/file`], checksums: [`sha256:${sum}`] },
          inputs: [],
          outputs: [`.kraft/out/app/${name}/file`],
        },
      ],
    });
  const target = (name: string): string =>
    `  - {name: ${name}, rule: exec, srcs: [${name}.json], outs: [steps.json], yields: steps.json, yielded: [file], command: "cp $SRCS $OUT"}`;
  const { build, read } = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/kraft.build.yaml": `version: 1\ntargets:\n${target("one")}\n${target("two")}\n`,
    "app/one.json": yielded("one"),
    "app/two.json": yielded("two"),
  });
  const { code, text } = await build("//app:one", "//app:two", "--jobs", "2");
  expect(code, text).toBe(0);
  expect(read(".kraft/out/app/one/file")).toBe("the source\n");
  expect(read(".kraft/out/app/two/file")).toBe("the source\n");
  expect(mostOpen).toBe(1);
});
