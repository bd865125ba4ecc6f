import { Cli } from "clipanion";
import fc from "fast-check";
import { expect, test } from "vitest";

import { BuildCommand } from "../../src/cli/build-command.ts";
import type { KraftContext } from "../../src/cli/context.ts";
import { optionNamesOf, withValuesApart } from "../../src/cli/option-names.ts";
import { plainBuildOf } from "../../src/cli/plain-build.ts";
import { requestText } from "../../src/engine/memo-path.ts";
import { cliRig } from "./cli-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\n",
  "app/kraft.build.yaml": `targets:
  - {name: t, rule: exec, outs: [a], command: 'echo hi >$OUT', default: true}
  - {name: bad, rule: exec, outs: [b], command: 'exit 3'}
`,
};

for (const words of [
  "build //app:t",
  "build //app:t //...",
  "build //app:bad",
  "build //nowhere",
  "build",
  "build app",
  "build //app:t --sandbox=none",
  "build //app:t --sandbox=nonsense",
  "build -j0 //app:t",
  "build -j1 //app:t",
  "build -q //app:t",
  "build --jobs=x //app:t",
]) {
  test(`${words} does what it does with an option that changes nothing`, async () => {
    const ran = async (line: string) => {
      const { stderr, ...rest } = await cliRig(files).run(line);
      return { ...rest, stderr: stderr.replaceAll(/kept\/\S+/g, "KEPT") };
    };
    expect(await ran(`${words} --color=never`)).toEqual(await ran(words));
  });
}

test("patterns behind dashes, and other options, are read as ever", async () => {
  const { run } = cliRig(files);
  const built = { code: 0, stdout: ".kraft/out/app/t/a\n" };
  expect(await run("build -- //... -//app:bad")).toMatchObject(built);
  expect(await run("build --help")).toMatchObject({ code: 0 });
  expect(await run("build //app:t --no-such")).toMatchObject({ code: 2 });
  expect(await run("build //app:t --events=-")).toMatchObject({ code: 0 });
});

const context = {
  afterDashes: [],
  host: { env: {}, workingDirectory: "/w" },
  engine: {},
  signal: {},
} as unknown as KraftContext;

/** What clipanion makes of `words`. */
function readWhole(words: readonly string[]) {
  const cli = new Cli<KraftContext>();
  cli.register(BuildCommand);
  const command = cli.process(withValuesApart(words, optionNamesOf(cli)), context) as BuildCommand;
  command.context = context;
  return { request: command.requestOf(command.patterns, 0), command };
}

const usual = fc.oneof(
  fc.constantFrom("//a:b", "//...", "", ".", "a=b", "--jobs=2", "--jobs=x=y", "-j3", "-j04"),
  fc.constantFrom("--jobs=//a", "--sandbox=none", "--sandbox=a,b", "--events=out/e", "--events= "),
  fc.constantFrom("-q", "--quiet"),
);

test("whatever it takes, all options together are read alike", () => {
  fc.assert(
    fc.property(fc.array(usual, { maxLength: 5 }), (more) => {
      const words = ["build", ...more];
      const plain = plainBuildOf(words, context);
      if (plain === undefined) return;
      const { request, command } = readWhole(words);
      expect(plain.request).toEqual(request);
      const textOf = (one: typeof request) => requestText({ ...one, listen: () => undefined });
      expect(textOf(plain.request)).toBe(textOf(request));
      const { events, explain, profile, isQuiet, isVerbose, color } = command;
      const { context: _, ...told } = plain.reporting;
      const absent = { isQuiet: false, isVerbose: false, profile: undefined, color: undefined };
      expect({ ...absent, ...told }).toEqual({
        events,
        explain,
        profile,
        isQuiet,
        isVerbose,
        color,
      });
    }),
  );
  expect(
    plainBuildOf(["build", "//a", "-j2", "--events=e", "--sandbox=none", "-q"], context),
  ).toBeDefined();
});

for (const words of [
  "-k",
  "--jobs=1 -j2",
  "-q --quiet",
  "-qk",
  "--jobs 2",
  "--jobs=",
  "--events=-",
  "-j",
  "-",
  "-j-1",
]) {
  test(`it leaves ${words} to what reads all options`, () => {
    expect(plainBuildOf(["build", "//a", ...words.split(" ")], context)).toBeUndefined();
  });
}
