import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { brokenPlanMark } from "../../../rules/unikraft/expand/make-plan.ts";
import { placeOf } from "./unikraft-rig.ts";

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
  const place = placeOf("Plan", {
    "core/Makefile": makefile,
    "core/lib/posix-time/Makefile.uk": "",
    "app/Makefile.uk": "",
    config: "",
  });
  expect(existsSync(join(place, "build"))).toBe(true);
  return {
    plan: readFileSync(join(place, "plan"), "utf8"),
    names: readdirSync(join(place, "build")),
  };
}
