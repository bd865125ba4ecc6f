import { expect, test } from "vitest";

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
]) {
  test(`${words} does what it does with an option that changes nothing`, async () => {
    const ran = async (line: string) => {
      const { stderr, ...rest } = await cliRig(files).run(line);
      return { ...rest, stderr: stderr.replaceAll(/kept\/\S+/g, "KEPT") };
    };
    expect(await ran(`${words} --color=never`)).toEqual(await ran(words));
  });
}

test("patterns behind dashes, and words that are options, are no plain build", async () => {
  const { run } = cliRig(files);
  expect(await run("build -- //... -//app:bad")).toMatchObject({
    code: 0,
    stdout: ".kraft/out/app/t/a\n",
  });
  expect(await run("build --help")).toMatchObject({ code: 0 });
  expect(await run("build //app:t --no-such")).toMatchObject({ code: 2 });
});
