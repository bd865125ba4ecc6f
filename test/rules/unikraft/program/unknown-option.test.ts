import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { resolvedConfig } from "../../../../rules/unikraft/program/resolved-config.ts";
import type { RequestedSetting } from "../../../../rules/unikraft/settings.ts";
import { runProgram } from "./program-rig.ts";

test("an option that nothing declares is told of at its line, with one that is near", async () => {
  const root = mkdtempSync(join(tmpdir(), "kraft-unknown-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "core/lib"), { recursive: true });
  writeFileSync(join(root, "core/lib/Config.uk"), 'config LIBVFSCORE\n\tbool "v"\n');
  writeFileSync(join(root, "answer"), "CONFIG_LIBVFSCORE=y\n");
  const settings: RequestedSetting[] = [
    { symbol: "CONFIG_LIBVFSCOER", value: "y", by: "user", place: "x/Kraftfile:3" },
    { symbol: "CONFIG_FAR", value: "n", by: "user" },
    { symbol: "CONFIG_LIBGUESS", value: "y", by: "library" },
    { symbol: "CONFIG_LIBVFSCORE", value: "y", by: "user" },
  ];
  const args = ["config", "answer", "core", JSON.stringify(settings), "core"];
  const printed = await runProgram(resolvedConfig, root, args, { output: "config" });
  expect(printed).toEqual([
    [
      "warning[unknown-option]: no Config.uk file declares CONFIG_LIBVFSCOER: it has no effect",
      " --> x/Kraftfile:3",
      ' = help: did you mean "CONFIG_LIBVFSCORE"?',
    ].join("\n"),
    "warning[unknown-option]: no Config.uk file declares CONFIG_FAR: it has no effect",
  ]);
});
