import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { expand, type ExpandRequest } from "../../../../rules/unikraft/program/expand.ts";
import { parseYielded } from "../../../../src/action/yielded.ts";
import { labelOf } from "../../../../src/index.ts";
import { step } from "../expand/expand-rig.ts";
import { runProgram } from "./program-rig.ts";

const request: ExpandRequest = {
  name: "//x:k",
  goals: ["build/k"],
  mounts: { "external/unikraft": "core", "apps/x": "app", "out/k": "build" },
  sources: ["external/unikraft", "apps/x"],
  skeletons: { core: "external/skeleton.core", app: "external/skeleton.app" },
  without: {},
  tools: ["sh"],
  embedded: [],
  opaque: {
    kind: "command",
    mnemonic: "Kernel",
    argv: ["make"],
    env: {},
    inputs: [],
    outputs: ["out/k/k"],
    tools: ["make"],
  },
};

/** What is printed of the plan `text`, and the actions that it comes to. */
async function expansionOf(text: string) {
  const root = mkdtempSync(join(tmpdir(), "kraft-expand-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const files = {
    plan: text,
    "external/skeleton.core/a.awk": "",
    "external/skeleton.app/lib/c": "",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const args = ["out/actions.json", "plan", JSON.stringify(request)];
  const printed = await runProgram(expand, root, args, { output: "out/actions.json" });
  const yielded = readFileSync(join(root, "out/actions.json"), "utf8");
  const actions = parseYielded(yielded, labelOf({ packagePath: "x", name: "k" }));
  if ("problem" in actions) throw new Error(actions.problem);
  return { printed, yielded, actions };
}

test("a plan is the actions that it has, on what is there of the sources", async () => {
  const { printed, actions } = await expansionOf(
    step(
      "k",
      "/kraft/core/a.awk /kraft/core/gone.awk /kraft/app/lib",
      "AWK: awk -f /kraft/core/a.awk > /kraft/build/k",
    ),
  );
  expect(printed).toEqual([]);
  expect(actions).toMatchObject([
    {
      mnemonic: "AWK",
      inputs: ["external/unikraft/a.awk", "apps/x/lib"],
      outputs: ["out/k/k"],
    },
  ]);
});

test("equal plans are equal text, so that what follows need not be looked at again", async () => {
  const plan = step("k", "", "GEN: echo > /kraft/build/k");
  expect((await expansionOf(plan)).yielded).toBe((await expansionOf(plan)).yielded);
});

test("a step that nobody can see through leaves all to make, of which a line tells", async () => {
  const { printed, actions } = await expansionOf(
    step("a", "", "GEN: cmake /kraft/app") +
      step("k", "/kraft/build/a", "GEN: echo > /kraft/build/k"),
  );
  expect(printed).toEqual([
    "note: //x:k is built by one call of make, as /kraft/build/a cannot be a step of its own: it runs cmake (Makefile.uk:1)",
  ]);
  expect(actions).toMatchObject([{ mnemonic: "Kernel", argv: ["make"], outputs: ["out/k/k"] }]);
});

test("a plan that does not make the kernel is left to make, which says what is wrong", async () => {
  for (const plan of ["", step("other", "", "GEN: echo > /kraft/build/other")]) {
    const { printed, actions } = await expansionOf(plan);
    expect(printed).toEqual([
      "note: //x:k is built by one call of make, as its plan has no step that makes out/k/k",
    ]);
    expect(actions).toMatchObject([{ mnemonic: "Kernel" }]);
  }
});
