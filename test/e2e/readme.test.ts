import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

test("the first screen of the README prints what it says", async (context) => {
  if (!isThere("qemu-system-x86_64")) context.skip("qemu-system-x86_64 is not here");
  const here = rig({
    "kraft.workspace.yaml": readFileSync(join(root, "kraft.workspace.yaml"), "utf8"),
  });
  cpSync(join(root, "examples"), join(here.root, "examples"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  const [, block = ""] = /```console\n([\s\S]*?)```/.exec(readme) ?? [];
  const commands = block.split(/^\$ npx kraft-graph /m).slice(1);
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    const [words = "", ...expected] = command.trimEnd().split("\n");
    const ran = await here.run(words.split(" "));
    expect(ran.code, ran.stderr).toBe(0);
    const summary = /^done: .*$/m.exec(ran.stderr)?.[0] ?? "";
    const isRun = words.startsWith("run ");
    const lines = [
      ...(isRun ? [] : [summary]),
      ...ran.stdout.replaceAll("\r", "").trimEnd().split("\n"),
    ];
    expect(lines.map(withoutTime)).toEqual(expected.map(withoutTime));
  }
});

test("the build file of the README builds", async () => {
  const blocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  const buildFile = blocks.find((text) => text.includes("rule: exec")) ?? "";
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "site/kraft.build.yaml": buildFile,
    "site/page.md": "# Hello\n",
  });
  expect(await here.build("//site:page")).toMatchObject({ code: 0, counts: { executed: 1 } });
  expect(here.read(".kraft/out/site/page/page.html")).toBe("<h1>Hello</h1>\n");
});

function isThere(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function withoutTime(line: string): string {
  return line.replace(/; [\d.]+ s$/, "; TIME");
}
