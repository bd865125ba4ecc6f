import { cpSync } from "node:fs";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

const core = new URL("../../examples/core", import.meta.url).pathname;

test("the example of a new workspace builds and boots, with a core that is at hand", async () => {
  const here = rig({});
  const started = await here.run(["init", "--example"]);
  expect(started.stderr).toBe("");
  expect(started.stdout).toContain("kraft-graph run //hello\n");
  cpSync(core, here.path("core"), { recursive: true, verbatimSymlinks: true });
  const settings = here.read("kraft.workspace.yaml").replaceAll("# components:", "components:");
  here.write({
    "kraft.workspace.yaml": settings.replace("#   unikraft: ../unikraft", "  unikraft: ./core"),
  });
  const words = ["run", "--expect", "argument 1: world", "--timeout", "60", "//hello:qemu-x86_64"];
  const ran = await here.run(words);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain("Hello from a unikernel!");
});
