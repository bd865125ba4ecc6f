import { expect, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";

test("an option is followed from its line of the Kraftfile to the objects that see it", async () => {
  const here = examplesRig();
  const target = "//hello:qemu-x86_64";
  expect((await here.build(target)).code).toBe(0);
  const kraftfile = here.read("hello/Kraftfile");
  const line = "    CONFIG_LIBVFSCORE: 'y'\n";
  here.write({
    "hello/Kraftfile": kraftfile.replace(line, `${line}    CONFIG_APPHELLO_TIME: 'y'\n`),
  });
  expect((await here.build(target)).code).toBe(0);
  const told = await here.run(["why", target]);
  expect(told.code, told.stderr).toBe(0);
  const [, ...lines] = told.stdout.split("\n");
  expect(lines[0]).toMatch(/^CONFIG_APPHELLO_TIME: n → y \(hello\/Kraftfile:\d+\)$/);
  expect(lines.filter((one) => /^\S/.test(one))).toHaveLength(1);
  expect(lines).toContain("    CC build/apphello/main.o: run, as CONFIG_APPHELLO_TIME: n → y");
  const counted = await here.run(["why", "--not-cached", "CC"]);
  expect(counted.stdout).toMatch(
    /^2 actions were not from a cache:\n +2 {2}CONFIG_APPHELLO_TIME: n → y/m,
  );
});
