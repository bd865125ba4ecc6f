import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { brokenPlanMark } from "../../../rules/unikraft/expand/make-plan.ts";
import { build } from "./unikraft-rig.ts";

/** As real cores have it, but that the shells are counted. */
const core = `
sub_build_dir = $(O)/$(1)
define mk_sub_build_dir =
$(shell echo $(1) >> $(O)/shells; mkdir -p $(O)/$(1))
endef
$(call mk_sub_build_dir,libposix_time)
$(call mk_sub_build_dir,libelsewhere)
`;

test("planning starts no shell for a directory that can be told before", () => {
  const { plan, names } = planOf(`${core}all:\n\techo planned\n`);
  expect(plan).toContain("echo planned");
  expect(names).toEqual(expect.arrayContaining(["libposix_time", "libelsewhere"]));
  expect(names).not.toContain("shells");
});

test("a core that cannot do with our function plans with its own", () => {
  const check = "$(if $(filter command,$(firstword $(origin mk_sub_build_dir))),$(error not mine))";
  const { plan, names } = planOf(`${core}${check}\nall:\n\techo planned\n`);
  expect(plan).toContain("echo planned");
  expect(plan).not.toContain(brokenPlanMark);
  expect(names).toContain("shells");
});

test("a plan that cannot be had says so", () => {
  expect(planOf("all: missing").plan).toContain(brokenPlanMark);
});

/** What the action leaves as the plan, of a core with this makefile, and what is in its build. */
function planOf(makefile: string) {
  const text = "spec: v0.6\nunikraft: {source: /core}\ntargets: [qemu/x86_64]\n";
  const built = build({ "/core/Makefile": "", "apps/x/Kraftfile": text });
  const [action] = built.withMnemonic("Plan");
  if (action?.kind !== "command") throw new Error("no command plans");
  const root = mkdtempSync(join(tmpdir(), "plan-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const path of ["core/lib/posix-time", "app"]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  writeFileSync(join(root, "core/Makefile"), makefile);
  writeFileSync(join(root, "config"), "");
  const [program, ...args] = action.argv;
  execFileSync(program, args, { cwd: root, stdio: "pipe" });
  expect(existsSync(join(root, "build"))).toBe(true);
  return {
    plan: readFileSync(join(root, "plan"), "utf8"),
    names: readdirSync(join(root, "build")),
  };
}
