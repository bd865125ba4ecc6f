import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { resolvedConfig } from "../../../../rules/unikraft/program/resolved-config.ts";
import type { RequestedSetting } from "../../../../rules/unikraft/settings.ts";
import { runProgram } from "./program-rig.ts";

/** What is printed and written when the core answers `answer` to `request`. */
async function resolve(answer: string, request: readonly RequestedSetting[]) {
  const root = mkdtempSync(join(tmpdir(), "kraft-config-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "answer"), answer);
  const args = ["out/.config", "answer", "external/core", JSON.stringify(request)];
  const printed = await runProgram(resolvedConfig, root, args, { output: "out/.config" });
  return { printed, text: readFileSync(join(root, "out/.config"), "utf8") };
}

test("options that the core did not take as a user asked are named, with their place", async () => {
  const answer = 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="two"\nCONFIG_D=0x10\n';
  const { printed, text } = await resolve(answer, [
    { symbol: "CONFIG_A", value: "y", by: "user" },
    { symbol: "CONFIG_B", value: "y", by: "user", place: "apps/x/Kraftfile:7" },
    { symbol: "CONFIG_C", value: "one", by: "user" },
    { symbol: "CONFIG_D", value: "16", by: "user" },
    { symbol: "CONFIG_GONE", value: "y", by: "target" },
  ]);
  expect(printed).toEqual([
    "warning[option-not-taken]: CONFIG_B was requested as y, and is not set\n --> apps/x/Kraftfile:7",
    "warning[option-not-taken]: CONFIG_C was requested as one, and is two",
    "warning[option-not-taken]: CONFIG_GONE was requested as y, and is not there",
  ]);
  expect(text).toBe(answer);
});

test("what was only guessed, or is off for not being there, is no warning", async () => {
  const { printed } = await resolve("# CONFIG_LIBX is not set\n", [
    { symbol: "CONFIG_LIBX", value: "y", by: "library" },
    { symbol: "CONFIG_GONE", value: "n", by: "user" },
  ]);
  expect(printed).toEqual([]);
});

test("where the core was is replaced by one place for all machines", async () => {
  const { text } = await resolve(
    'CONFIG_UK_BASE="/home/me/w/external/core"\nCONFIG_UK_APP="/home/me/w/app"\nCONFIG_T="/home"\n',
    [],
  );
  expect(text).toBe(
    'CONFIG_UK_BASE="/kraft/external/core"\nCONFIG_UK_APP="/kraft/app"\nCONFIG_T="/home"\n',
  );
});
