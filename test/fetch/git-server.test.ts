import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { fetchGit } from "../../src/fetch/git.ts";
import { resolveGit } from "../../src/fetch/git-resolve.ts";
import { certificateForAll } from "./download-rig.ts";
import { contentOf, freshDirectory, gitContext, repositoryAt } from "./git-rig.ts";
import { gitServer, lacksGitServer } from "./git-server-rig.ts";

const { tls } = certificateForAll();

/** A repository `core.git` with a tag, a branch and a commit that neither leads to. */
function history() {
  const directory = freshDirectory();
  const core = repositoryAt(join(directory, "core.git"));
  const first = core.commit({ "a.c": "one\n" });
  core.git("tag", "-a", "v1", "-m", "first");
  core.git("branch", "stable", first);
  const second = core.commit({ "a.c": "two\n", "deep/b.c": "b\n" });
  const third = core.commit({ "a.c": "three\n" });
  return { directory, core, first, second, third };
}

/** The files of `url` at `commit`, as `context` gets them. */
async function filesAt(url: string, commit: string, context = gitContext()) {
  const into = join(freshDirectory(), "into");
  await fetchGit({ url, commit }, into, context);
  return contentOf(into);
}

describe.skipIf(lacksGitServer() !== undefined)("a repository behind nginx", () => {
  test("is asked for a tag, a branch, its default branch and the beginning of a commit", async () => {
    const { directory, first, second, third } = history();
    const { url } = await gitServer(directory);
    const resolve = (reference?: string) => resolveGit(`${url}/core.git`, reference, gitContext());
    expect(await resolve("v1")).toEqual({ commit: first, ref: "refs/tags/v1" });
    expect(await resolve("stable")).toEqual({ commit: first, ref: "refs/heads/stable" });
    expect(await resolve()).toEqual({ commit: third, ref: "refs/heads/main" });
    expect(await resolve(second.slice(0, 9))).toEqual({ commit: second });
    await expect(resolve("v2")).rejects.toThrow(`${url}/core.git has no tag, branch or commit v2`);
    await expect(resolveGit(`${url}/none.git`, "main", gitContext())).rejects.toThrow(
      `${url}/none.git cannot be fetched`,
    );
  });

  test("gives any one commit, and nothing of what led to it", async () => {
    const { directory, second, core } = history();
    for (let i = 0; i < 40; i++) core.commit({ "large.c": `${i} ${"x".repeat(1000)}\n` });
    const { url, end } = await gitServer(directory);
    expect(await filesAt(`${url}/core.git`, second)).toEqual({
      "a.c": "two\n",
      "deep/": "",
      "deep/b.c": "b\n",
    });
    expect(await end()).toEqual([
      "GET /core.git/info/refs?service=git-upload-pack 200 version=2",
      "POST /core.git/git-upload-pack 200 version=2",
    ]);
  });

  test("brings its submodules along, by relative addresses, also inside each other", async () => {
    const directory = freshDirectory();
    const inner = repositoryAt(join(directory, "group/inner.git"));
    inner.commit({ "inner.c": "old\n" });
    const middle = repositoryAt(join(directory, "group/middle.git"));
    middle.git("submodule", "--quiet", "add", "../inner.git", "parts/inner");
    middle.commit({ "middle.c": "m\n" });
    inner.commit({ "inner.c": "new\n" });
    const outer = repositoryAt(join(directory, "outer.git"));
    outer.git("submodule", "--quiet", "add", "../group/middle.git", "middle");
    const commit = outer.commit({ "outer.c": "o\n" });
    const { url, end } = await gitServer(directory);
    expect(await filesAt(`${url}/outer.git`, commit)).toMatchObject({
      "outer.c": "o\n",
      "middle/middle.c": "m\n",
      "middle/parts/inner/inner.c": "old\n",
    });
    expect((await end()).filter((line) => line.startsWith("GET"))).toEqual(
      ["outer", "group/middle", "group/inner"].map(
        (name) => `GET /${name}.git/info/refs?service=git-upload-pack 200 version=2`,
      ),
    );
  });

  test("that wants a password gets it from netrc or a credential helper, and tells nobody", async () => {
    const { directory, third } = history();
    const { url, end } = await gitServer(directory, { credentials: "me:pa55word" });
    const fetch = (home: string, address = url) =>
      filesAt(`${address}/core.git`, third, gitContext({ home }));
    const netrc = freshDirectory();
    writeFileSync(join(netrc, ".netrc"), "machine 127.0.0.1 login me password pa55word\n");
    expect((await fetch(netrc))["a.c"]).toBe("three\n");
    const helper = freshDirectory();
    const script = "!f() { echo username=me; echo password=pa55word; }; f";
    writeFileSync(join(helper, ".gitconfig"), `[credential]\n\thelper = "${script}"\n`);
    expect((await fetch(helper))["a.c"]).toBe("three\n");
    const inAddress = url.replace("//", "//me:pa55word@");
    expect((await fetch(freshDirectory(), inAddress))["a.c"]).toBe("three\n");
    await expect(fetch(freshDirectory())).rejects.toMatchObject({
      problem: "needs-credentials",
      message: expect.stringContaining(`${url}/core.git wants credentials`),
    });
    const wrong = freshDirectory();
    writeFileSync(join(wrong, ".netrc"), "machine 127.0.0.1 login me password wr0ng\n");
    const failure = await fetch(wrong).catch(String);
    expect(failure).toContain("wants credentials");
    expect(failure).not.toContain("wr0ng");
    const asked = await end();
    expect(asked.some((line) => line.includes(" 401 "))).toBe(true);
    expect(asked.join("\n")).not.toContain("pa55word");
  });

  test("is found where a redirection says that it is now", async () => {
    const { directory, third } = history();
    const here = await gitServer(directory);
    const old = await gitServer(directory, { moved: { old: here.url, near: "" } });
    for (const name of ["old", "near"]) {
      expect((await filesAt(`${old.url}/${name}/core.git`, third))["a.c"]).toBe("three\n");
    }
    expect((await here.end()).every((line) => line.includes(" 200 "))).toBe(true);
  });

  test("by https is believed by whom its certificate says, and sends nobody on to http", async () => {
    const { directory, third } = history();
    const plain = await gitServer(directory);
    const moved = { old: plain.url, near: "" };
    const { url } = await gitServer(directory, { tls, moved });
    const { environment, ...rest } = gitContext();
    const trusting = { ...rest, environment: { ...environment, GIT_SSL_CAINFO: tls.ca } };
    expect((await filesAt(`${url}/core.git`, third, trusting))["a.c"]).toBe("three\n");
    expect((await filesAt(`${url}/near/core.git`, third, trusting))["a.c"]).toBe("three\n");
    await expect(filesAt(`${url}/core.git`, third)).rejects.toThrow(/certificate/);
    for (const asking of [
      () => filesAt(`${url}/old/core.git`, third, trusting),
      () => resolveGit(`${url}/old/core.git`, "main", trusting),
    ]) {
      await expect(asking()).rejects.toThrow(/cannot be fetched: .*Protocol "http" (disabled|not)/);
    }
    expect(await plain.end()).toEqual([]);
  });

  test.each(["file", "git", "ftp", "ssh", "ext"])(
    "is not looked for where a redirection leads to %s:",
    async (scheme) => {
      const { directory, third } = history();
      const target = scheme === "file" ? `file://${directory}` : `${scheme}://127.0.0.1:9`;
      const { url } = await gitServer(directory, { moved: { old: target } });
      const into = join(freshDirectory(), "into");
      const wanted = { url: `${url}/old/core.git`, commit: third };
      await expect(fetchGit(wanted, into, gitContext())).rejects.toThrow(
        /cannot be fetched: .*(Protocol "\w+" (disabled|not supported)|Unsupported URL scheme)/,
      );
      expect(existsSync(into)).toBe(false);
    },
  );
});
