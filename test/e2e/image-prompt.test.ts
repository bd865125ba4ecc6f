import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { writeTestImage } from "../registry/image-rig.ts";
import { programFile, rig } from "./rig.ts";

/** Runs `words` on a terminal where `answers` are typed when it is asked what to do. */
function typed(answers: string, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const driver = join(import.meta.dirname, "typing.py");
  const program = [process.execPath, programFile(), ...words];
  const ended = spawnSync("/usr/bin/python3", [driver, "[o/m/a]", answers, ...program], {
    cwd,
    env,
    encoding: "utf8",
    timeout: 90_000,
  });
  return { code: ended.status, shown: ended.stdout };
}

test.skipIf(!existsSync("/usr/bin/python3"))(
  "--strategy prompt asks on a terminal when the name is taken, and only then",
  async () => {
    const { run, root, home, cache } = rig({});
    await writeTestImage(root, { name: "unikraft.org/app:1.0" });
    const env = { HOME: home, KRAFT_GRAPH_CACHE_DIR: cache, PATH: "/usr/bin:/bin" };
    const words = ["pkg", "layout", "--name", "app:1", "--strategy", "prompt"];
    const pack = (answers: string, platform: string) =>
      typed(answers, [...words, "--plat", platform], root, env);
    const platforms = async (): Promise<string> => (await run(["pkg", "ls", "--apps"])).stdout;
    const first = pack("", "fc/arm64");
    expect([first.code, first.shown]).toEqual([0, expect.not.stringContaining("[o/m/a]")]);
    // What is no answer is asked again.
    const merged = pack("x,,merge", "qemu/x86_64");
    expect(merged.shown).toContain("unikraft.org/app:1 is there already");
    expect([merged.code, merged.shown.match(/\[o\/m\/a\]/g)]).toEqual([
      0,
      Array(3).fill("[o/m/a]"),
    ]);
    expect(await platforms()).toContain("fc/arm64,qemu/x86_64");
    for (const [answer, code] of [
      ["a", 1],
      ["^D", 1],
      ["^C", 130],
    ] as const) {
      const left = pack(answer, "fc/arm64");
      expect([answer, left.code, left.shown]).toEqual([answer, code, expect.any(String)]);
      expect(await platforms()).toContain("fc/arm64,qemu/x86_64");
    }
    expect(pack("O", "qemu/x86_64").code).toBe(0);
    expect(await platforms()).not.toContain("fc");
    const alone = await run(words);
    expect([alone.code, alone.text]).toEqual([
      2,
      "error: pkg: --strategy prompt asks on a terminal, and there is none: say overwrite, merge or abort\n",
    ]);
  },
);
