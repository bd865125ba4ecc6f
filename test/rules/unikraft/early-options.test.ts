import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import {
  earlyCallOf,
  noteCall,
  tellUnlessEarly,
  writeEarly,
} from "../../../rules/unikraft/early-options.ts";

/** What make prints of resolving options, below the root of a sandbox. */
const trace = (root: string): string =>
  `Makefile:1: update target 'defconfig' due to: ${root}/build/Makefile
CONFIG_="CONFIG_" KCONFIG_CONFIG="${root}/build/.config" KCONFIG_AUTOHEADER="${root}/build/include/uk/bits/config.h" ${root}/build/kconfig/conf --defconfig=${root}/defconfig ${root}/core/Config.uk
${root}/core/support/configupdate ${root}/build/.config
`;

const called =
  'CONFIG_="CONFIG_" KCONFIG_CONFIG="/kraft/build/.config" KCONFIG_AUTOHEADER="/kraft/build/include/uk/bits/config.h" /kraft/build/kconfig/conf --syncconfig /kraft/core/Config.uk\n';

/** A directory with `files`, and what a shell does in there. */
function rig(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), "kraft-early-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text.replaceAll("$ROOT", root));
    chmodSync(join(root, path), 0o755);
  }
  return {
    root,
    run: (...lines: readonly string[]) =>
      execFileSync("sh", ["-ec", lines.join("\n")], { cwd: root }),
    read: (path: string) => readFileSync(join(root, path), "utf8"),
  };
}

test("how the tool is called is known from what make says of resolving options", () => {
  const { run, read } = rig({ trace: trace("$ROOT"), canonical: "s|$ROOT/|/kraft/|g\n" });
  run(noteCall("trace", "canonical", "call"));
  expect(read("call")).toBe(called);
  run(": > trace", noteCall("trace", "canonical", "call"));
  expect(read("call")).toBe("");
});

/** As the core's tool: the header has the options, and beside it lies what only make would read. */
const conf = `#!/bin/sh
[ "$*" = "--syncconfig $ROOT/core/Config.uk" ] || exit 3
sed -n 's/^\\(CONFIG_[A-Z]*\\)=/#define \\1 /p' "$KCONFIG_CONFIG" > "$KCONFIG_AUTOHEADER.new"
mkdir -p "$(dirname "$KCONFIG_CONFIG")/include/config" && mv "$KCONFIG_AUTOHEADER.new" "$KCONFIG_AUTOHEADER"
`;

const config = 'CONFIG_A=y\nCONFIG_FILE="/kraft/build/rootfs.cpio"\nCONFIG_BASE="/kraft/core"\n';

test("the header is written where make does not look, with the paths that there are for make", () => {
  const { run, read } = rig({ config, call: called, "build/kconfig/conf": conf, "core/x": "" });
  // The directory of the header is made by make, or by the tool itself.
  run("mkdir -p early/build/include/uk/bits", writeEarly("call", "options.h"), "wait");
  expect(read("options.h")).toBe(
    '#define CONFIG_A y\n#define CONFIG_FILE "/kraft/build/rootfs.cpio"\n#define CONFIG_BASE "/kraft/core"\n',
  );
  expect(() => run("ls build/include")).toThrow();
  run(`{ ${tellUnlessEarly("options.h")}; echo plan; } > plan`);
  expect(earlyCallOf(read("plan"), called)).toBe(called);
});

test("what cannot be written early leaves all as it was, and the plan says so", () => {
  for (const [files, call] of [
    [{ "build/kconfig/conf": "#!/bin/sh\nexit 1\n" }, called],
    [{}, called],
    [{ "build/kconfig/conf": conf }, ""],
  ] as const) {
    const { run, read } = rig({ config, call, "core/x": "", ...files });
    run(writeEarly("call", "options.h"), "wait");
    expect(read("options.h")).toBe("");
    run(`{ ${tellUnlessEarly("options.h")}; echo plan; } > plan`);
    expect(earlyCallOf(read("plan"), call)).toBeUndefined();
  }
});
