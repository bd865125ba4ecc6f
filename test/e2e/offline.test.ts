import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { everyKind } from "./every-kind-rig.ts";
import { canUnshare, sourcesRig, withoutNetwork } from "./sources-rig.ts";

/** Runs a program where there is no interface, and writes down what it connects to. */
function offline(log: string): readonly string[] {
  const calls = "--trace=connect,sendto,sendmsg";
  const strace = ["strace", "--follow-forks", "--seccomp-bpf", calls, `--output=${log}`];
  return ["unshare", ...withoutNetwork, ...strace];
}

/** What `log` has of attempts to reach anything but sockets of this machine. */
function attemptsIn(log: string): readonly string[] {
  const lines = readFileSync(log, "utf8").split("\n");
  expect(lines.some((line) => line.includes("+++ exited with 0 +++"))).toBe(true);
  return lines.filter(
    (line) => /AF_INET/.test(line) || (line.includes("connect(") && !line.includes("AF_UNIX")),
  );
}

const build = ["build", "//...", "--sandbox", "links"];

describe.skipIf(!canUnshare())("all examples are built", () => {
  test("cold, then locked, then offline where there is no network at all", async () => {
    const here = await sourcesRig({ apps: ["hello", "cat", "sum"] });
    const cold = await here.run(build);
    expect(cold.code, cold.text).toBe(0);
    expect(Object.keys(cold.outputs).filter((path) => /_(qemu|fc)-x86_64$/.test(path))).toEqual(
      expect.arrayContaining(
        ["hello", "cat", "sum"].flatMap((app) =>
          ["qemu", "fc"].map((plat) => expect.stringMatching(`${app}_${plat}-x86_64$`)),
        ),
      ),
    );
    const lock = here.lock();
    rmSync(here.path(".kraft"), { recursive: true });
    const locked = await here.run([...build, "--locked"]);
    expect(locked).toMatchObject({ code: 0, outputs: cold.outputs });
    for (const directory of [here.path(".kraft"), here.cache]) {
      rmSync(directory, { recursive: true });
    }
    // The sources alone: all that is made of them is made offline.
    expect((await here.run(["pkg", "pull", "//...", "--locked"])).code).toBe(0);
    const asked = here.asked();
    const log = join(here.place, "strace");
    const last = await here.run([...build, "--locked", "--offline"], { wrapper: offline(log) });
    expect(last.code, last.text).toBe(0);
    expect(last.outputs).toEqual(cold.outputs);
    expect(last.counts["executed"]).toBeGreaterThan(100);
    expect(attemptsIn(log)).toEqual([]);
    expect([here.asked(), here.lock()]).toEqual([asked, lock]);
  });

  test("those of every kind as well, by the tools of each", async () => {
    const here = everyKind();
    const cold = await here.run(build);
    expect(cold.code, cold.text).toBe(0);
    rmSync(here.path(".kraft"), { recursive: true });
    rmSync(here.cache, { recursive: true });
    const log = join(here.place, "strace");
    const words = [...build, "--locked", "--offline"];
    const again = await here.runAs(words, { wrapper: offline(log) });
    expect(again.code, again.text).toBe(0);
    expect(again.counts).toEqual(cold.counts);
    expect(attemptsIn(log)).toEqual([]);
  });
});
