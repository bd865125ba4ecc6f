import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";

import { readProcessState } from "../../src/sandbox/process-state.ts";
import { type Running, filesBelow, rig, wrongBlobs } from "./rig.ts";

/** Actions of all kinds of outputs, some of them big, and each a little slow to start. */
function slowish(): Record<string, string> {
  const targets = Array.from({ length: 10 }, (_, index) => {
    const needs = index < 3 ? "seed" : `":t${index - 3}"`;
    const command =
      index % 3 === 0
        ? `mkdir $OUT && cp -R $SRCS $OUT/in && head -c 300000 /dev/zero > $OUT/big`
        : `cat $(find $SRCS -type f | LC_ALL=C sort) > $OUT; echo ${index} >> $OUT`;
    return `  - {name: t${index}, rule: exec, srcs: [${needs}], outs: [o], command: '${command}'}\n`;
  });
  return { "kraft.build.yaml": `targets:\n${targets.join("")}`, seed: "seed\n" };
}

/** Numbers from 0 to 1, always the same for one `seed`. Source: Marsaglia, "Xorshift RNGs". */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const rounds = { keep: 24, drop: 12 };

test.each(["keep", "drop"] as const)(
  "builds killed at any moment leave what the next build can use, with intermediates: %s",
  async (intermediates) => {
    const whole = rig(slowish());
    // With all of them wanted, none would be an intermediate.
    const goals = intermediates === "keep" ? ["//..."] : ["//:t8", "//:t9"];
    const expected = await whole.build(...goals);
    expect(expected.counts).toEqual({ executed: intermediates === "keep" ? 10 : 7 });
    const random = randomFrom(20_260);
    let killed = 0;
    let cache: string | undefined;
    // Half of them begin with an empty cache, the others with what a killed one left.
    for (let round = 0; round < rounds[intermediates]; round++) {
      const here: ReturnType<typeof rig> = rig(slowish(), {
        intermediates,
        ...(round % 2 === 1 && { cache: cache! }),
      });
      cache = here.cache;
      if (round % 2 === 1) here.write({ seed: "another\n" });
      const ended = await here.run(["build", ...goals], {
        // Some die before their first action, the others after a number of them.
        watch: ({ kill, whenPrinted }) => {
          const moment = random() * 12 - 3;
          if (moment < 0) void setTimeout(-100 * moment).then(() => kill("SIGKILL"));
          else whenPrinted(Math.ceil(moment), () => kill("SIGKILL"));
        },
      });
      if (ended.signal === "SIGKILL") killed += 1;
      expect(wrongBlobs(here.cache), `round ${round}`).toEqual([]);
      here.write({ seed: "seed\n" });
      const next = await here.build(...goals);
      expect(next, `round ${round}`).toMatchObject({ code: 0, outputs: expected.outputs });
      expect(wrongBlobs(here.cache), `round ${round}`).toEqual([]);
      // Not made where nothing ran.
      const builds = here.path(".kraft/sandbox/builds");
      expect(existsSync(builds) ? readdirSync(builds) : [], `round ${round}`).toEqual([]);
    }
    expect(killed).toBeGreaterThan(rounds[intermediates] / 2);
  },
);

for (const [sandbox, signal, seconds] of [
  ["links", "SIGINT", 9041],
  ["links", "SIGTERM", 9042],
  ["bwrap", "SIGINT", 9043],
  ["bwrap", "SIGHUP", 9044],
] as const) {
  test(`${signal} ends an action in ${sandbox} with all it started, and exits 130`, async () => {
    const here = rig(endless(`sleep ${seconds} & : > started; sleep ${seconds}`));
    const ended = await here.run(["build", "//...", "--sandbox", sandbox], {
      watch: (running) => void signalWhenStarted(here.root, running, signal),
    });
    expect(ended).toMatchObject({ code: 130, signal: undefined, stdout: "" });
    expect(ended.text).toBe("interrupted: 1 action: 1 skipped; TIME\n");
    expect(processesWith(`sleep\0${seconds}\0`)).toEqual([]);
    here.write(endless("echo quick"));
    const next = await here.build("//...", "--sandbox", sandbox);
    expect(next).toMatchObject({ code: 0, counts: { executed: 1 } });
    expect(readdirSync(here.path(".kraft/sandbox/builds"))).toEqual([]);
  });
}

for (const [name, seconds, words, redirection] of [
  ["standard output", 9046, ["--events", "-"], ""],
  ["standard error", 9047, [], "2>&1 >/dev/null"],
] as const) {
  test(`a reader of ${name} that goes away cancels a build, which exits 141`, async () => {
    const here = rig({});
    const [started, gone] = [join(here.place, "started"), join(here.place, "gone")];
    const waitFor = (file: string) => `while [ ! -e ${file} ]; do sleep 0.01; done`;
    const slow = `: > ${started}; sleep ${seconds}; : > $OUT`;
    // It ends when nobody reads any more, and that is told.
    const told = `${waitFor(gone)}; : > $OUT`;
    here.write({
      "kraft.build.yaml": `targets:
  - {name: slow, rule: exec, outs: [slow.txt], command: '${slow}'}
  - {name: told, rule: exec, outs: [told.txt], command: '${told}'}
`,
    });
    const reader = `{ ${waitFor(started)}; exec <&-; : > ${gone}; }`;
    const line = `"$@" ${redirection} | ${reader}; exit \${PIPESTATUS[0]}`;
    const all = ["build", "//...", "--sandbox", "links", "--jobs", "2", ...words];
    const ended = await here.run(all, { wrapper: ["bash", "-c", line, "bash"] });
    expect(ended).toMatchObject({ code: 141, signal: undefined });
    expect(processesWith(`sleep\0${seconds}\0`)).toEqual([]);
    expect(readdirSync(here.path(".kraft/sandbox/builds"))).toEqual([]);
  });
}

test("a program that ignores the first signal is killed", async () => {
  const here = rig(endless('trap "" INT TERM HUP; : > started; sleep 9045'));
  const ended = await here.run(["build", "//...", "--sandbox", "links"], {
    watch: (running) => void signalWhenStarted(here.root, running, "SIGINT"),
  });
  expect(ended.code).toBe(130);
  expect(processesWith("sleep\x009045\0")).toEqual([]);
});

const hasMachine =
  process.arch === "x64" &&
  ["qemu-system-x86_64", "gcc"].every((name) => existsSync(join("/usr/bin", name)));

test.skipIf(!hasMachine)("SIGINT stops the machine of run, which exits 130", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile":
      "spec: v0.6\nname: app\nruntime: kernel://kernel\ntargets: [qemu/x86_64]\ncmd: [waiting]\n",
  });
  const source = join(import.meta.dirname, "../machine/multiboot.S");
  const [object, kernel] = [here.path("app/kernel.o"), here.path("app/kernel")];
  execFileSync("gcc", ["-m32", "-c", "-DEND=nop", "-o", object, source]);
  execFileSync("ld", ["-m", "elf_i386", "-Ttext=0x100000", "-o", kernel, object]);
  const ended = await here.run(["run", "//app"], {
    watch: ({ kill, whenSaid }) => whenSaid(1, () => kill("SIGINT")),
  });
  expect(ended, ended.text).toMatchObject({ code: 130, signal: undefined });
  expect(ended.stdout).toContain("waiting");
  expect(processesWith(`${here.root}/`)).toEqual([]);
});

function endless(command: string): Record<string, string> {
  const target = `{name: slow, rule: exec, outs: [o], command: '${command}; : > $OUT'}`;
  return { "kraft.build.yaml": `targets:\n  - ${target}\n` };
}

/** Sends `signal` once the action has made the file `started`. */
async function signalWhenStarted(
  root: string,
  { kill }: Running,
  signal: NodeJS.Signals,
): Promise<void> {
  const builds = join(root, ".kraft/sandbox/builds");
  await until(() => filesBelow(builds).some((path) => basename(path) === "started"));
  kill(signal);
}

/** Waits for what another process does; the deadline of the test is the limit. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setTimeout(10);
}

/** The ids of the processes that run and have `text` in their argument list. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || readProcessState(Number(name)) === undefined) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text);
    } catch {
      return false; // It ended just now.
    }
  });
}
