import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Cli } from "clipanion";
import { beforeAll, expect, test } from "vitest";

import { commands } from "../../src/cli/cli.ts";
import type { KraftContext } from "../../src/cli/context.ts";

const script = fileURLToPath(new URL("../../scripts/man-page.mjs", import.meta.url));
const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));
const hasGroff = existsSync("/usr/bin/groff");

let page = "";
beforeAll(() => {
  page = execFileSync(process.execPath, [script], { encoding: "utf8" });
});

test("the manual page has every command, and of each every option with what it does", async () => {
  expect(commands.size).toBeGreaterThan(10);
  for (const [name, load] of commands) {
    const words = name.replaceAll("-", "\\-");
    const start = page.indexOf(`.SS "kraft\\-graph ${words}"\n`);
    expect(start, name).toBeGreaterThan(0);
    const section = page.slice(start, page.indexOf("\n.S", start + 1));
    const cli = new Cli<KraftContext>({ binaryName: "kraft-graph" });
    cli.register(await load());
    for (const { definition, description = "" } of cli.definitions()[0]?.options ?? []) {
      for (const option of (definition.split(" ")[0] ?? "").split(",")) {
        expect(section, name).toContain(`\\fB${option.replaceAll("-", "\\-")}\\fR`);
      }
      const words = description.slice(1).split(/[^\w ,:;()]/)[0] ?? "";
      expect(section, `${name} ${definition}`).toContain(words);
    }
  }
});

test("the program is installed with its manual page, of its own version", () => {
  const { man, files, version } = JSON.parse(readFileSync(manifest, "utf8")) as {
    man: string;
    files: string[];
    version: string;
  };
  expect(man).toBe("man/kraft-graph.1");
  expect(files).toContain("man");
  expect(page).toContain(`.TH KRAFT\\-GRAPH 1 "" "kraft\\-graph ${version}" "User Commands"\n`);
});

test.skipIf(!hasGroff)("groff formats the manual page without a warning", () => {
  const options = { input: page, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(
    "groff",
    ["-man", "-ww", "-Tutf8", "-P-cbou"],
    options,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });

  expect(stdout).toMatch(/^ +-j, --jobs N$/m);
  expect(stdout).toContain("kraft-graph build -- //... -//examples/...");
  // No markup of the definitions is left over.
  expect(stdout).not.toMatch(/`|\\f|#0|\$0/);
});
