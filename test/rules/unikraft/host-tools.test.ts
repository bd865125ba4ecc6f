import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { placeOf } from "./unikraft-rig.ts";

test("the tool that resolves options is made alone, and no options with it", () => {
  expect(madeBy("$(O)/kconfig/conf:\n\tmkdir -p $(@D)\n\techo alone > $@")).toBe("alone\n");
});

test("a core without a goal for the tool makes it on the way to options", () => {
  const lines = "defconfig:\n\tmkdir -p $(O)/kconfig\n\tcp $(UK_DEFCONFIG) $(O)/kconfig/conf";
  expect(madeBy(lines)).toBe("");
});

test("what keeps the tool from being made is told", () => {
  const lines = "$(O)/kconfig/conf:\n\t@echo no compiler >&2; false\ndefconfig: $(O)/kconfig/conf";
  expect(() => madeBy(lines)).toThrow("no compiler");
});

/** What the action leaves as the tool, of a core with this makefile. */
function madeBy(makefile: string): string {
  const place = placeOf("HostTools", { "core/Makefile": `${makefile}\n` });
  return readFileSync(join(place, "tools/conf"), "utf8");
}
