import { type FSWatcher, mkdirSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { DirectoryWatcher, type WatcherOptions } from "../../src/watch/directory-watcher.ts";
import type { PathChange } from "../../src/watch/follower.ts";
import { realHost, temporaryDirectory } from "../sandbox/sandbox-rig.ts";

/** A watcher of a directory, and what it told. */
function watcherRig(options: Partial<WatcherOptions> = {}) {
  const top = temporaryDirectory();
  const told: string[] = [];
  let heard: () => void = () => {};
  const tell = (text: string): void => {
    told.push(text);
    heard();
  };
  const watcher = new DirectoryWatcher({
    top,
    excluded: [join(top, ".kraft")],
    changed: ({ path, kind }: PathChange) => tell(`${kind} ${path.slice(top.length)}`),
    doubtful: () => tell("doubt"),
    fellBack: (reason) => tell(`fell back: ${reason}`),
    polls: false,
    queueLength: 16_384,
    now: realHost.now,
    ...options,
  });
  onTestFinished(() => watcher.close());
  const until = async (text: string): Promise<void> => {
    while (!told.includes(text)) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { top, at: (path: string) => join(top, path), watcher, told, until };
}

test("tells of files that come, change and go in a directory that is watched", async () => {
  const { at, watcher, until } = watcherRig();
  mkdirSync(at("a"));
  watcher.watch(at("a"));
  writeFileSync(at("a/x"), "1");
  await until("entry /a/x");
  writeFileSync(at("a/x"), "2");
  await until("content /a/x");
  rmSync(at("a/x"));
});

test("a directory that goes is told of as a tree, and can be watched when it is there again", async () => {
  const { at, watcher, until } = watcherRig();
  mkdirSync(at("a/b"), { recursive: true });
  watcher.watch(at("a/b"));
  rmSync(at("a"), { recursive: true });
  await until("tree /a");
  mkdirSync(at("a/b"), { recursive: true });
  watcher.watch(at("a/b"));
  writeFileSync(at("a/b/x"), "1");
  await until("entry /a/b/x");
});

test("a directory that is moved is no longer told of by the name that it had", async () => {
  const { at, watcher, told, until } = watcherRig();
  mkdirSync(at("a/b"), { recursive: true });
  watcher.watch(at("a/b"));
  renameSync(at("a"), at("c"));
  await until("tree /a");
  writeFileSync(at("c/b/x"), "1");
  writeFileSync(at("end"), "");
  await until("entry /end");
  expect(told.filter((text) => text.includes("/b/x"))).toEqual([]);
});

test("a directory that is not there is waited for where it will be", async () => {
  const { at, watcher, until } = watcherRig();
  watcher.watch(at("a/b/c"));
  mkdirSync(at("a"));
  await until("entry /a");
});

test("nothing in a directory that is left out is watched, nor is it told of", async () => {
  const { at, watcher, told, until } = watcherRig();
  mkdirSync(at(".kraft/out"), { recursive: true });
  watcher.watch(at(".kraft/out"));
  watcher.watch(at("."));
  rmSync(at(".kraft"), { recursive: true });
  writeFileSync(at("end"), "");
  await until("entry /end");
  expect(told.filter((text) => text.includes(".kraft"))).toEqual([]);
});

test("what nobody needs any more is no longer watched", () => {
  const { at, watcher } = watcherRig();
  for (const name of ["a", "b"]) {
    mkdirSync(at(name));
    watcher.watch(at(name));
  }
  expect(watcher.size).toBe(3);
  watcher.retain(new Set([at("a")]));
  expect(watcher.size).toBe(2);
});

test("when the system gives no further watches, directories are polled, which is told once", () => {
  const { at, watcher, told } = watcherRig({
    watch: () => {
      throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    },
  });
  mkdirSync(at("a/b"), { recursive: true });
  writeFileSync(at("a/x"), "1");
  watcher.watch(at("a/b"));
  expect(told).toEqual(["fell back: fs.inotify.max_user_watches is reached"]);
  expect(watcher.isPolling).toBe(true);
  writeFileSync(at("a/x"), "22");
  writeFileSync(at("a/b/y"), "1");
  rmSync(at("a/b/y"));
  writeFileSync(at("a/z"), "1");
  watcher.poll();
  expect(told.slice(1)).toEqual(["content /a/x", "entry /a/z"]);
  rmSync(at("a/b"), { recursive: true });
  watcher.poll();
  expect(told.slice(3).sort()).toEqual(["entry /a/b", "tree /a/b"]);
});

test("so many changes at once that the queue may have run over are a doubt", async () => {
  const tellers: ((type: "change", name: string) => void)[] = [];
  const fake = ((directory: string, listener: (type: string, name: string) => void): FSWatcher => {
    tellers.push(listener);
    return watch(directory);
  }) as typeof watch;
  const { top, watcher, told, until } = watcherRig({ watch: fake, queueLength: 40 });
  watcher.watch(top);
  for (let i = 0; i < 9; i++) tellers[0]?.("change", "x");
  expect(told).not.toContain("doubt");
  tellers[0]?.("change", "x");
  await until("doubt");
});
