import { expect, test } from "vitest";

import type { OptionChange } from "../../../src/index.ts";
import { writeKconfig } from "../../../rules/unikraft/write-kconfig.ts";

/** `text` with NAME=value changes, for the target that `mark` stands at. */
function written(text: string, changes: string, mark = "qemu", isForTarget = false): string {
  const source = { path: "Kraftfile", text };
  const start = text.lastIndexOf(mark);
  const all = changes.split(" ").map((pair): OptionChange => {
    const [name = "", value = ""] = pair.split("=");
    return { name: `CONFIG_${name}`, value, before: "", after: "" };
  });
  const target = { source, start, end: start + mark.length };
  return writeKconfig(source, all, { target, isForTarget });
}

test("an option is changed where it stands last, and comments stay", () => {
  const text = `# About.
spec: v0.6
unikraft:
  version: stable # channel
  kconfig:
    # why
    CONFIG_A: y # here
    CONFIG_B: 'n'
libraries:
  musl:
    version: stable
    kconfig:
      - CONFIG_B=y
targets:
  - platform: qemu
    architecture: x86_64
    kconfig:
      CONFIG_C: 1
`;
  expect(written(text, "A=n B=n C=22 D=text")).toBe(
    text
      .replace("CONFIG_A: y", "CONFIG_A: n")
      .replace("CONFIG_B=y", "CONFIG_B=n")
      .replace("CONFIG_C: 1", "CONFIG_C: 22")
      .replace("CONFIG_B: 'n'\n", "CONFIG_B: 'n'\n    CONFIG_D: text\n"),
  );
});

test("a core or target in its short form is written out", () => {
  const text = "spec: v0.6\nunikraft: stable # pinned\ntargets:\n  - fc/x86_64\n  - qemu/x86_64\n";
  expect(written(text, "A=0x10")).toBe(
    'spec: v0.6\nunikraft:\n  version: stable # pinned\n  kconfig:\n    CONFIG_A: "0x10"\ntargets:\n  - fc/x86_64\n  - qemu/x86_64\n',
  );
  expect(written(text, "A=y", "qemu", true)).toBe(
    "spec: v0.6\nunikraft: stable # pinned\ntargets:\n  - fc/x86_64\n  - platform: qemu\n    architecture: x86_64\n    kconfig:\n      CONFIG_A: y\n",
  );
  const local = "unikraft: ../core\ntargets: [qemu/x86_64]\n";
  expect(written(local, "A=y")).toContain(
    "unikraft:\n  source: ../core\n  kconfig:\n    CONFIG_A: y\n",
  );
});
