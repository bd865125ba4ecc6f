import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { fetchGit } from "../../src/fetch/git.ts";
import { resolveGit } from "../../src/fetch/git-resolve.ts";
import {
  contentOf,
  freshDirectory,
  gitBackend,
  gitContext,
  gitDaemon,
  repositoryAt,
} from "./git-rig.ts";
import { gitServer, lacksGitServer } from "./git-server-rig.ts";

/** A repository `core.git` with a release, a branch and a rewritten one. */
function history() {
  const directory = freshDirectory();
  const core = repositoryAt(join(directory, "core.git"));
  writeFileSync(join(core.directory, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  const first = core.commit({ "a.c": "one\n" });
  core.git("tag", "light");
  const second = core.commit({ "a.c": "two\n", "deep/b.c": "b\n" });
  core.git("tag", "-a", "v2", "-m", "second");
  core.git("branch", "stable", first);
  const third = core.commit({ "a.c": "three\n" });
  return { directory, core, first, second, third };
}

test("tags, branches, the default branch and commits are resolved as git means them", async () => {
  const { directory, core, first, second, third } = history();
  const url = `file://${core.directory}`;
  const resolve = (reference?: string) => resolveGit(url, reference, gitContext());
  expect(await resolve()).toEqual({ commit: third, ref: "refs/heads/main" });
  expect(await resolve("light")).toEqual({ commit: first, ref: "refs/tags/light" });
  expect(await resolve("v2")).toEqual({ commit: second, ref: "refs/tags/v2" });
  expect(await resolve("stable")).toEqual({ commit: first, ref: "refs/heads/stable" });
  expect(await resolve("refs/heads/main")).toEqual({ commit: third, ref: "refs/heads/main" });
  expect(await resolve(second.slice(0, 8))).toEqual({ commit: second });
  // In full, nobody is asked: there is no such repository.
  const nowhere = await resolveGit("https://nowhere.invalid/x", third, gitContext());
  expect(nowhere).toEqual({ commit: third });
  core.git("branch", "v2", first);
  expect(await resolve("v2")).toEqual({ commit: second, ref: "refs/tags/v2" });
  await expect(resolve("v3")).rejects.toThrow(`${url} has no tag, branch or commit v3`);
  repositoryAt(join(directory, "empty.git"));
  await expect(
    resolveGit(`file://${directory}/empty.git`, undefined, gitContext()),
  ).rejects.toThrow("has no default branch, as it is empty");
});

const kinds = ["daemon", "nginx", "backend", "old backend", "file"];

test.each(lacksGitServer() === undefined ? kinds : kinds.filter((kind) => kind !== "nginx"))(
  "a commit that no reference names is fetched from a %s",
  async (kind) => {
    const { directory, core, first, second } = history();
    core.git("tag", "-d", "v2");
    const urls: Record<string, () => Promise<string>> = {
      daemon: () => gitDaemon(directory),
      nginx: async () => (await gitServer(directory)).url,
      backend: async () => (await gitBackend(directory)).url,
      "old backend": async () => (await gitBackend(directory, { isOld: true })).url,
      file: () => Promise.resolve(`file://${directory}`),
    };
    const url = `${await urls[kind]?.()}/core.git`;
    const into = join(freshDirectory(), "into");
    await fetchGit({ url, commit: second, ref: "refs/heads/main" }, into, gitContext());
    expect(contentOf(into)).toEqual({
      "a.c": "two\n",
      "deep/": "",
      "deep/b.c": "b\n",
      "run.sh": "x #!/bin/sh\n",
    });
    // Without a reference to go by, all branches are looked through.
    const other = join(freshDirectory(), "other");
    await fetchGit({ url, commit: first }, other, gitContext());
    expect(Object.keys(contentOf(other))).toEqual(["a.c", "run.sh"]);
  },
);

test("a rewritten branch takes its old commit with it, which is told", async () => {
  const { directory, core, third } = history();
  core.git("reset", "--quiet", "--hard", "HEAD~1");
  core.commit({ "a.c": "rewritten\n" });
  core.git("reflog", "expire", "--expire=now", "--all");
  core.git("gc", "--quiet", "--prune=now");
  const { url } = await gitBackend(directory);
  const into = join(freshDirectory(), "into");
  const wanted = { url: `${url}/core.git`, commit: third, ref: "refs/heads/main" };
  await expect(fetchGit(wanted, into, gitContext())).rejects.toMatchObject({
    problem: "no-such-commit",
    message: `${url}/core.git has no commit ${third}, or nothing that leads to it any more`,
  });
  expect(existsSync(into)).toBe(false);
});

test("a tag's own object is no commit, so it is not taken for one", async () => {
  const { core } = history();
  const tag = core.git("rev-parse", "v2");
  const wanted = { url: `file://${core.directory}`, commit: tag, ref: "refs/tags/v2" };
  await expect(
    fetchGit(wanted, join(freshDirectory(), "into"), gitContext()),
  ).rejects.toMatchObject({ problem: "no-such-commit" });
});

test("a server that fails for a moment is asked again", async () => {
  const { directory, third } = history();
  let failures = 2;
  const { url } = await gitBackend(directory, {
    admit: (_, response) => {
      if (failures-- <= 0) return true;
      response.writeHead(503).end();
      return false;
    },
  });
  const into = join(freshDirectory(), "into");
  await fetchGit({ url: `${url}/core.git`, commit: third }, into, gitContext());
  expect(contentOf(into)["a.c"]).toBe("three\n");
});

test("addresses are rewritten as the user's configuration says", async () => {
  const { directory, third } = history();
  const { url } = await gitBackend(directory);
  const home = freshDirectory();
  writeFileSync(join(home, ".gitconfig"), `[url "${url}/"]\n\tinsteadOf = https://example.com/\n`);
  const context = gitContext({ home });
  const wanted = "https://example.com/core.git";
  expect(await resolveGit(wanted, "main", context)).toMatchObject({ commit: third });
});

test("an interrupted fetch ends git, and leaves nothing", async () => {
  const { directory, third } = history();
  const stop = new AbortController();
  const { url } = await gitBackend(directory, {
    // Never answered: it is git that has to be ended.
    admit: () => {
      stop.abort();
      return false;
    },
  });
  const into = join(freshDirectory(), "into");
  const wanted = { url: `${url}/core.git`, commit: third };
  await expect(fetchGit(wanted, into, gitContext({ signal: stop.signal }))).rejects.toThrow(
    "it was interrupted",
  );
  expect(existsSync(into)).toBe(false);
});

test("without git, it is told what to install", async () => {
  const context = { ...gitContext(), environment: { PATH: "/nonexistent" } };
  await expect(resolveGit("https://example.com/x", "main", context)).rejects.toMatchObject({
    problem: "no-git",
    help: "on Debian: apt-get install git",
  });
});
