import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { fetchGit } from "../../src/fetch/git.ts";
import type { GitContext } from "../../src/fetch/git-process.ts";
import { resolveGit } from "../../src/fetch/git-resolve.ts";
import { addressProblem, submoduleAddress } from "../../src/fetch/git-url.ts";
import { withoutCredentials } from "../../src/action/remote-source.ts";
import {
  contentOf,
  freshDirectory,
  gitBackend,
  gitContext,
  repositoryAt,
  writeTrap,
} from "./git-rig.ts";

test.each([
  ["-uupload", "would be an option of git"],
  ["--upload-pack=touch /tmp/x", "is no address"],
  ["ext::sh -c touch% /tmp/x", "is no address"],
  ["ext::sh", "names a helper program, and those are not run"],
  ["fd::17", "names a helper program, and those are not run"],
  ["::x", "names a helper program, and those are not run"],
  ["ssh://-oProxyCommand=x/y", "has a host that would be an option of ssh"],
  ["ssh://git@-oProxyCommand=x/y", "has a host that would be an option of ssh"],
  ["https://example.com/a\nb", "is no address"],
  ["ftp://example.com/a", "begins with ftp:, which is not fetched from"],
  ["javascript://example.com/a", "begins with javascript:, which is not fetched from"],
  ["/etc/passwd", "is no address of a repository"],
  ["", "is no address"],
])("the address %j is not handed to git", async (url, problem) => {
  expect(addressProblem(url)).toBe(problem);
  await expect(resolveGit(url, "main", gitContext())).rejects.toMatchObject({
    problem: "bad-address",
    message: `${JSON.stringify(url)} ${problem}`,
  });
});

test.each([
  "https://example.com/a.git",
  "http://user@example.com:8080/a.git",
  "ssh://git@example.com:22/a.git",
  "git@example.com:unikraft/unikraft.git",
  "git://127.0.0.1:9418/a",
  "file:///srv/a.git",
])("the address %s may be used", (url) => {
  expect(addressProblem(url)).toBe(undefined);
});

test.each(["--upload-pack=x", "-x", "a..b", "a b", "a^{tree}", "@{u}", "a.lock", "a*", "x:y", ""])(
  "%j is no reference, and git is not asked for it",
  async (reference) => {
    const context = { ...gitContext(), environment: { PATH: "/nonexistent" } };
    await expect(resolveGit("https://example.com/a.git", reference, context)).rejects.toMatchObject(
      { problem: "no-such-reference" },
    );
  },
);

test("relative addresses of submodules are taken from that of their parent", () => {
  const from = (base: string, url: string) => submoduleAddress(url, base);
  expect(from("https://example.com/a/b.git", "../c.git")).toBe("https://example.com/a/c.git");
  expect(from("https://example.com/a/b.git/", "./c")).toBe("https://example.com/a/b.git/c");
  expect(from("git@example.com:a/b.git", "../c.git")).toBe("git@example.com:a/c.git");
  expect(from("file:///srv/a.git", "../c.git")).toBe("file:///srv/c.git");
  // However many steps up there are, the host stays.
  expect(from("https://example.com/a.git", "../../../evil.com/c")).toBe(
    "https://example.com/evil.com/c",
  );
  expect(from("https://example.com/a.git", "https://other.com/c")).toBe("https://other.com/c");
});

test("credentials go from every address in a text, and users of ssh stay", () => {
  expect(withoutCredentials("a https://me:secret@example.com/x b")).toBe(
    "a https://example.com/x b",
  );
  expect(withoutCredentials("https://ghp_token@example.com/x")).toBe("https://example.com/x");
  expect(withoutCredentials("ssh://git@example.com/x git@example.com:x")).toBe(
    "ssh://git@example.com/x git@example.com:x",
  );
  expect(withoutCredentials("ssh://git:secret@example.com/x")).toBe("ssh://git@example.com/x");
});

/** A repository with a submodule at `url`, which was never cloned. */
function withSubmodule(url: string) {
  const directory = freshDirectory();
  const part = repositoryAt(join(directory, "part.git"));
  const commit = part.commit({ "part.c": "p\n" });
  const outer = repositoryAt(join(directory, "outer.git"));
  writeFileSync(
    join(outer.directory, ".gitmodules"),
    `[submodule "part"]\n\tpath = part\n\turl = ${url}\n`,
  );
  outer.git("add", ".gitmodules");
  outer.git("update-index", "--add", "--cacheinfo", `160000,${commit},part`);
  outer.git("commit", "--quiet", "-m", "part");
  return { directory, outer, commit: outer.git("rev-parse", "HEAD") };
}

test.each([
  ["ext::sh -c touch% mark", "is no address"],
  ["ext::sh", "names a helper program"],
  ["-u./payload", "would be an option of git"],
  ["--upload-pack=./payload", "would be an option of git"],
  ["ssh://-oProxyCommand=touch/x", "would be an option of ssh"],
  ["/etc", "is no address of a repository"],
])("a submodule from %j is refused, and nothing is left", async (address, problem) => {
  const { directory, commit } = withSubmodule(address);
  const { url } = await gitBackend(directory);
  const into = join(freshDirectory(), "into");
  await expect(
    fetchGit({ url: `${url}/outer.git`, commit }, into, gitContext()),
  ).rejects.toMatchObject({ problem: "bad-address", message: expect.stringContaining(problem) });
  expect(existsSync(into)).toBe(false);
});

test("a submodule cannot bring files of this machine's disk into what a server gave", async () => {
  const secret = repositoryAt(join(freshDirectory(), "secret"));
  secret.commit({ key: "private\n" });
  const { directory, outer, commit } = withSubmodule(`file://${secret.directory}`);
  const { url } = await gitBackend(directory);
  const into = join(freshDirectory(), "into");
  await expect(
    fetchGit({ url: `${url}/outer.git`, commit }, into, gitContext()),
  ).rejects.toMatchObject({
    message: `the submodule part is to come from file://${secret.directory}`,
  });
  expect(outer.git("rev-parse", "HEAD")).toBe(commit);
});

test("no hook, template, filter or monitor runs, whoever configured it", async () => {
  const directory = freshDirectory();
  const mark = join(freshDirectory(), "mark");
  const home = freshDirectory();
  for (const hook of ["post-checkout", "reference-transaction", "post-index-change"]) {
    writeTrap(join(home, "template/hooks", hook), mark);
    writeTrap(join(home, "hooks", hook), mark);
  }
  writeTrap(join(home, "filter"), mark);
  writeFileSync(
    join(home, ".gitconfig"),
    [
      `[init]\n\ttemplateDir = ${home}/template`,
      `[core]\n\thooksPath = ${home}/hooks\n\tfsmonitor = ${home}/filter`,
      `\tautocrlf = true\n\tattributesFile = ${home}/attributes`,
      `[filter "lfs"]\n\tsmudge = ${home}/filter\n\tclean = ${home}/filter\n\trequired = true`,
    ].join("\n"),
  );
  writeFileSync(join(home, "attributes"), "* filter=lfs\n");
  const core = repositoryAt(join(directory, "core.git"));
  const attributes = "*.bin filter=lfs\n*.txt text eol=crlf\n*.id ident\n";
  const files = { ".gitattributes": attributes, "a.bin": "pointer\n", "a.txt": "line\n" };
  const commit = core.commit({ ...files, "a.id": "$Id$\n" });
  const { url } = await gitBackend(directory);
  const into = join(freshDirectory(), "into");
  await fetchGit({ url: `${url}/core.git`, commit }, into, gitContext({ home }));
  expect(contentOf(into)).toEqual({ ...files, "a.id": "$Id$\n" });
  expect(existsSync(mark)).toBe(false);
});

test("what a configuration makes of an address cannot be a helper program", async () => {
  const mark = join(freshDirectory(), "mark");
  const home = freshDirectory();
  writeFileSync(
    join(home, ".gitconfig"),
    `[url "ext::touch ${mark} "]\n\tinsteadOf = https://example.com/\n[protocol "ext"]\n\tallow = always\n`,
  );
  await expect(resolveGit("https://example.com/a", "main", gitContext({ home }))).rejects.toThrow(
    "transport 'ext' not allowed",
  );
  expect(existsSync(mark)).toBe(false);
});

/** Commits a tree of `entries` that no git would make by itself. */
function strangeTree(entries: readonly { mode: string; name: string; text: string }[]) {
  const directory = freshDirectory();
  const core = repositoryAt(join(directory, "core.git"));
  core.commit({ "a.c": "a\n" });
  const input = (args: readonly string[], text: string | Buffer): string =>
    execFileSync("git", args, { cwd: core.directory, input: text, encoding: "utf8" }).trim();
  const lines = entries.map(({ mode, name, text }) => {
    const type = mode === "040000" ? "tree" : "blob";
    const id =
      type === "tree"
        ? input(
            ["mktree"],
            `100644 blob ${input(["hash-object", "-w", "--stdin"], text)}\tconfig\n`,
          )
        : input(["hash-object", "-w", "--stdin"], text);
    return Buffer.concat([
      Buffer.from(`${mode.replace(/^0/, "")} ${name}\0`),
      Buffer.from(id, "hex"),
    ]);
  });
  const args = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
  const tree = input(args, Buffer.concat(lines));
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  const commit = input([...author, "commit-tree", tree, "-m", "strange"], "");
  core.git("update-ref", "refs/heads/main", commit);
  return { directory, commit };
}

test.each([
  ["a directory .git", [{ mode: "040000", name: ".git", text: "[core]\n\tfsmonitor = touch x\n" }]],
  ["a link .git", [{ mode: "120000", name: ".git", text: "/etc" }]],
  ["a directory git~1", [{ mode: "040000", name: "git~1", text: "x" }]],
  ["a file above it", [{ mode: "100644", name: "..", text: "x" }]],
  ["a path that leads out", [{ mode: "100644", name: "../outside", text: "x" }]],
])("a commit with %s is refused, and nothing is left", async (_, entries) => {
  const { directory, commit } = strangeTree(entries);
  const { url } = await gitBackend(directory);
  const place = freshDirectory();
  const into = join(place, "into");
  await expect(
    fetchGit({ url: `${url}/core.git`, commit }, into, gitContext()),
  ).rejects.toMatchObject({ problem: "failed" });
  expect(contentOf(place)).toEqual({});
});

test("links stay links, wherever they lead, and nothing is written through them", async () => {
  const directory = freshDirectory();
  const target = freshDirectory();
  const core = repositoryAt(join(directory, "core.git"));
  mkdirSync(core.directory, { recursive: true });
  symlinkSync(target, join(core.directory, "out"));
  const commit = core.commit({ "a.c": "a\n" });
  const { url } = await gitBackend(directory);
  const into = join(freshDirectory(), "into");
  await fetchGit({ url: `${url}/core.git`, commit }, into, gitContext());
  expect(contentOf(into)).toEqual({ "a.c": "a\n", out: `-> ${target}` });
  expect(contentOf(target)).toEqual({});
});

test("a tree with a link and a directory by one name writes nothing behind the link", async () => {
  const target = freshDirectory();
  const { directory, commit } = strangeTree([
    { mode: "120000", name: "link", text: target },
    { mode: "040000", name: "link", text: "x" },
  ]);
  const { url } = await gitBackend(directory);
  const into = join(freshDirectory(), "into");
  await fetchGit({ url: `${url}/core.git`, commit }, into, gitContext());
  expect(contentOf(into)).toEqual({ "link/": "", "link/config": "x" });
  expect(contentOf(target)).toEqual({});
});

/** What fetching `commit` below `directory` comes to within `limits`, and what is left of it. */
async function fetchWithin(
  { directory, commit }: { readonly directory: string; readonly commit: string },
  limits: NonNullable<GitContext["limits"]>,
) {
  const { url } = await gitBackend(directory);
  const place = freshDirectory();
  const found = await fetchGit(
    { url: `${url}/core.git`, commit },
    join(place, "into"),
    gitContext({ limits }),
  ).then(
    () => "fetched",
    (error: unknown) => {
      expect(error).toMatchObject({ problem: "too-large" });
      return (error as Error).message.replace(url, "URL");
    },
  );
  return { found, left: contentOf(place) };
}

function commitOf(files: Readonly<Record<string, string>>) {
  const directory = freshDirectory();
  return { directory, commit: repositoryAt(join(directory, "core.git")).commit(files) };
}

const small = { "a.c": "a\n", "lib/b.c": "b\n", "lib/c/d.c": "d\n" };

test.each([
  ["files and directories", { entries: 4 }, "has more than 4 entries"],
  ["bytes", { totalBytes: 5 }, "has more than 5 bytes"],
  ["directories in each other", { depth: 2 }, "has more than 2 directories in each other"],
  ["bytes in a path", { pathBytes: 8 }, "has a path of more than 8 bytes"],
])("a commit with too many %s is refused, and nothing is left", async (_, limits, message) => {
  const repository = commitOf(small);
  const { found, left } = await fetchWithin(repository, limits);
  // What is sent of so little is more than its files, and may be found first.
  expect(found).toMatch(/^URL\/core\.git (has|sends) /);
  if (!("totalBytes" in limits)) expect(found).toBe(`URL/core.git ${message}`);
  expect(left).toEqual({});
});

test("a commit that has just what may be is fetched", async () => {
  const limits = { entries: 5, totalBytes: 4_096, depth: 3, pathBytes: 9 };
  const { found, left } = await fetchWithin(commitOf(small), limits);
  expect(found).toBe("fetched");
  expect(Object.keys(left)).toHaveLength(6);
});

test("a huge file that packs to nearly nothing is refused before it is written", async () => {
  const repository = commitOf({ "zeros.bin": "\0".repeat(8 * 2 ** 20) });
  const { found, left } = await fetchWithin(repository, { totalBytes: 2 ** 20 });
  expect(found).toBe("URL/core.git has more than 1048576 bytes");
  expect(left).toEqual({});
});

test("a few objects that are a tree without end are refused while they are listed", async () => {
  const directory = freshDirectory();
  const core = repositoryAt(join(directory, "core.git"));
  const write = (args: readonly string[], input: string): string =>
    execFileSync("git", args, { cwd: core.directory, input, encoding: "utf8" }).trim();
  const blob = write(["hash-object", "-w", "--stdin"], "x\n");
  const names = [...Array(10).keys()];
  let tree = write(["mktree"], names.map((name) => `100644 blob ${blob}\tf${name}\n`).join(""));
  // Ten to the tenth files: whoever asked for all of them would wait for days.
  for (let level = 0; level < 9; level++) {
    tree = write(["mktree"], names.map((name) => `040000 tree ${tree}\td${name}\n`).join(""));
  }
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  const commit = write([...author, "commit-tree", tree, "-m", "bomb"], "");
  core.git("update-ref", "refs/heads/main", commit);
  const { found, left } = await fetchWithin({ directory, commit }, { entries: 10_000 });
  expect(found).toBe("URL/core.git has more than 10000 entries");
  expect(left).toEqual({});
});

test("submodules count as a part of what they are in", async () => {
  const { directory, commit } = withOwnSubmodule();
  expect((await fetchWithin({ directory, commit }, { entries: 3 })).found).toBe(
    "URL/part.git has more than 3 entries",
  );
  expect((await fetchWithin({ directory, commit }, { entries: 4 })).found).toBe("fetched");
});

/** A repository `core.git` of `.gitmodules` and a submodule, which has two files. */
function withOwnSubmodule() {
  const directory = freshDirectory();
  const part = repositoryAt(join(directory, "part.git"));
  const inner = part.commit({ "part.c": "p\n", "q.c": "q\n" });
  const core = repositoryAt(join(directory, "core.git"));
  writeFileSync(
    join(core.directory, ".gitmodules"),
    '[submodule "part"]\n\tpath = part\n\turl = ../part.git\n',
  );
  core.git("add", ".gitmodules");
  core.git("update-index", "--add", "--cacheinfo", `160000,${inner},part`);
  core.git("commit", "--quiet", "-m", "part");
  return { directory, commit: core.git("rev-parse", "HEAD") };
}
