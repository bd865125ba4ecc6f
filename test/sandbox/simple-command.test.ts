import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { ShellSlot } from "../../src/sandbox/shell-slot.ts";
import { simpleCommandOf } from "../../src/sandbox/simple-command.ts";
import { never, realHost, temporaryDirectory } from "./sandbox-rig.ts";

const env = { PATH: "/usr/bin:/bin", SRCS: "a.c b/c.c", OUT: "out/x", NONE: "", STAR: "*" };

test("words, variables and files that streams go to are told", () => {
  expect(simpleCommandOf("cksum $SRCS > $OUT", env)).toEqual({
    words: ["cksum", "a.c", "b/c.c"],
    stdin: undefined,
    stdout: "out/x",
  });
  expect(simpleCommandOf(" ./gcc\t-D${OUT}=1 $NONE -o  x${SRCS}y <in >out ", env)).toEqual({
    words: ["./gcc", "-Dout/x=1", "-o", "xa.c", "b/c.cy"],
    stdin: "in",
    stdout: "out",
  });
});

test.each([
  ["nothing", " "],
  ["a word that shells know", "cd out"],
  ["a program in a variable", "$OUT a"],
  ["an assignment", "A=1 env"],
  ["a variable that is not there", "cksum $MISSING"],
  ["a variable with a pattern", "cksum $STAR"],
  ["a parameter", "cksum $1"],
  ["quotes", 'cksum "$OUT"'],
  ["a pattern", "cksum *.c"],
  ["a home directory", "cksum ~"],
  ["a comment", "cksum a # b"],
  ["two lines", "cksum a\ncksum b"],
  ["two commands", "cksum a; cksum b"],
  ["a pipe", "cksum a | cat"],
  ["another descriptor", "cksum a 2> b"],
  ["a descriptor by number", "cksum a >&2"],
  ["what is added to a file", "cksum a >> b"],
  ["a file of two words", "cksum a > $SRCS"],
  ["a file without a name", "cksum a > $NONE"],
  ["a word after a file", "cksum > b a"],
])("%s takes a shell", (_, script) => {
  expect(simpleCommandOf(script, env)).toBeUndefined();
});

test.each(["IFS", "PWD", "PPID"])("a variable %s takes a shell, which has its own", (name) => {
  expect(simpleCommandOf("cksum a", { ...env, [name]: "x" })).toBeUndefined();
});

test("a long line that takes a shell is told as soon as a short one", () => {
  // A way more for each letter of each name would not end before the test does.
  const words = Array.from({ length: 60 }, () => "$SRCS ${OUT}").join(" ");
  expect(simpleCommandOf(`cksum ${words} && true`, env)).toBeUndefined();
  expect(simpleCommandOf(`cksum ${words}`, env)?.words).toHaveLength(1 + 60 * 3);
});

function slotRig() {
  const directory = temporaryDirectory();
  const slot = new ShellSlot({ kill: realHost.kill, graceMs: 60_000 });
  onTestFinished(() => slot.close());
  const streams = { stdoutFile: join(directory, "stdout"), stderrFile: join(directory, "stderr") };
  const read = (name: string) =>
    existsSync(join(directory, name)) ? readFileSync(join(directory, name), "utf8") : undefined;
  return {
    directory,
    read,
    run: async (script: string, variables: Readonly<Record<string, string>> = env) => {
      const argv = ["/bin/sh", "-ec", script] as const;
      const ended = await slot.run({ argv, env: variables, directory, ...streams }, never);
      return { ...ended, stdout: read("stdout"), stderr: read("stderr") };
    },
  };
}

const isDash = basename(realpathSync("/bin/sh")) === "dash";

test.skipIf(!isDash)("no shell is between the slot and a simple command", async () => {
  const { run } = slotRig();
  const parentOf = async (script: string) => (await run(script)).stdout?.split(" ")[3];
  const slot = await parentOf("cat /proc/self/stat");
  expect(await parentOf("cat /proc/self/stat")).toBe(slot);
  expect(await parentOf("cat /proc/self/stat; :")).not.toBe(slot);
});

test("a program gets from a slot what it gets from a shell", async () => {
  const { run } = slotRig();
  const lines = ({ stdout = "" }: { stdout: string | undefined }) => stdout.split("\n").sort();
  const direct = await run("env");
  expect(lines(direct)).toContain("SRCS=a.c b/c.c");
  expect(lines(direct)).toEqual(lines(await run("env;")));
  expect(await run("sh -c exit")).toEqual(await run("sh -c exit;"));
});

test.each([
  "no-such-program a",
  "./not-executable a",
  "cksum a < missing",
  "cksum a > missing/b",
  "cksum missing",
  "./dies",
])("%s fails as in a shell", async (script) => {
  const { directory, run } = slotRig();
  writeFileSync(join(directory, "not-executable"), "echo");
  writeFileSync(join(directory, "dies"), "#!/bin/sh\nkill -9 $$\n");
  chmodSync(join(directory, "dies"), 0o755);
  const direct = await run(script);
  expect(direct.exit).not.toEqual({ kind: "exited", code: 0 });
  expect(direct).toEqual(await run(`${script};`));
});

test("whatever the words, what runs is what a shell would run", async () => {
  const { directory, read, run } = slotRig();
  const program = join(directory, "show");
  writeFileSync(program, '#!/bin/sh\nfor each; do echo "[$each]"; done\ncat\n');
  chmodSync(program, 0o755);
  writeFileSync(join(directory, "in"), "text\n");
  const part = fc.constantFrom(
    "a",
    "b=c",
    "-",
    "$A",
    "${B}",
    "$C",
    "x/y",
    "%1",
    "2",
    ":",
    "@",
    "*",
  );
  const words = fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
  const value = fc.stringMatching(/^[ a-z*"'.$\\-]{0,5}$/);
  const stream = fc.constantFrom("", " <in", " > out", " < in >$D", "> out", " 2>out");
  await fc.assert(
    fc.asyncProperty(words, value, value, stream, async (some, A, B, end) => {
      const script = `./show ${some.map((parts) => parts.join("")).join(" ")}${end}`;
      const variables = { PATH: "/usr/bin:/bin", A, B, C: "one two", D: "out" };
      writeFileSync(join(directory, "out"), "");
      const ours = await run(script, variables);
      const written = read("out");
      writeFileSync(join(directory, "out"), "");
      const options = { cwd: directory, env: variables, encoding: "utf8" } as const;
      const shell = spawnSync("/bin/sh", ["-ec", script], options);
      expect({ ...ours, written }).toEqual({
        exit: { kind: "exited", code: shell.status },
        isSilent: shell.stdout === "" && shell.stderr === "",
        stdout: shell.stdout,
        stderr: shell.stderr,
        written: read("out"),
      });
    }),
    { numRuns: 60 },
  );
});
