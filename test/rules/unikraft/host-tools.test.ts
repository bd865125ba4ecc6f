import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { build } from "./unikraft-rig.ts";

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
  const text = "spec: v0.6\nunikraft: {source: /core}\ntargets: [qemu/x86_64]\n";
  const built = build({ "/core/Makefile": "", "apps/x/Kraftfile": text });
  const [action] = built.withMnemonic("HostTools");
  if (action?.kind !== "command") throw new Error("no command makes the tool");
  const root = mkdtempSync(join(tmpdir(), "host-tools-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "core"));
  writeFileSync(join(root, "core/Makefile"), `${makefile}\n`);
  const [program, ...args] = action.argv;
  execFileSync(program, args, { cwd: root, stdio: "pipe" });
  return readFileSync(join(root, "tools/conf"), "utf8");
}
