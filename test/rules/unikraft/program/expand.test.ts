import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { brokenPlanMark } from "../../../../rules/unikraft/expand/make-plan.ts";
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
  earlyHeader: "out/options.h",
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
async function expansionOf(text: string, call = "") {
  const root = mkdtempSync(join(tmpdir(), "kraft-expand-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const files = {
    plan: text,
    call,
    "external/skeleton.core/a.awk": "",
    "external/skeleton.app/lib/c": "",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const args = ["out/actions.json", "plan", "call", JSON.stringify(request)];
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

test("a header of options that was written while make planned is not written again", async () => {
  const call = "UK_BASE=/kraft/core /kraft/build/kconfig/conf --syncconfig /kraft/core/Config.uk";
  const plan =
    step("include/uk/bits/config.h", "", `GEN: ${call}`) +
    step("k", "", "GEN: echo > /kraft/build/k");
  const kindWith = async (text: string, called: string) =>
    (await expansionOf(text, called)).actions.find(({ outputs: [path] }) =>
      path?.endsWith("config.h"),
    )?.kind;
  expect(await kindWith(plan, `${call}\n`)).toBe("program");
  expect(await kindWith(plan, "")).toBe("command");
  expect(await kindWith(plan, call.replace("core", "other"))).toBe("command");
  expect(await kindWith(`# the header of options was not written\n${plan}`, call)).toBe("command");
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

const fetching =
  step(
    "libz/z.tar.gz",
    "",
    "WGET: wget -q -O /kraft/build/libz/z.tar.gz https://example.com/z.tar.gz || rm -f /kraft/build/libz/z.tar.gz",
  ) +
  step(
    "libz/.chksum",
    "/kraft/build/libz/z.tar.gz",
    `SHA256: if ! [[ "\`sha256sum -b - < "/kraft/build/libz/z.tar.gz"\`" =~ ^${"5".repeat(64)}[[:space:]] ]]; then exit 1; fi`,
  );

/** What make gets to see in place of what it would fetch. */
const fetched = [
  {
    kind: "fetch",
    source: {
      urls: ["https://example.com/z.tar.gz"],
      checksums: [`sha256:${"5".repeat(64)}`],
    },
    outputs: ["out/k/libz/z.tar.gz"],
  },
  {
    mnemonic: "Kernel",
    inputs: ["out/k/libz/z.tar.gz"],
    mounts: { "out/k/libz/z.tar.gz": "build/libz/z.tar.gz" },
  },
];

test("what make would fetch is fetched for it, when all else is left to make", async () => {
  const { printed, actions } = await expansionOf(
    fetching + step("libz/.configured", "/kraft/build/libz/.chksum", "CONF: sh ./configure"),
  );
  expect(printed).toHaveLength(1);
  expect(actions).toMatchObject(fetched);
});

test("a plan that make gave up is left to make, with all that it would have fetched until then", async () => {
  const { printed, actions } = await expansionOf(`${fetching}${brokenPlanMark}\n`);
  expect(printed).toEqual([
    "note: //x:k is built by one call of make, as make could not say all that it would do",
  ]);
  expect(actions).toMatchObject(fetched);
});
