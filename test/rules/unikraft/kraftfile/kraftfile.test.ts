import { expect, test } from "vitest";

import { kraftfileNames, projectNameOf } from "../../../../rules/unikraft/kraftfile/kraftfile.ts";
import { read, withoutPlaces } from "./kraftfile-rig.ts";
import { rightFiles } from "./right-files.ts";

const nothing = { libraries: [], targets: [], roms: [], env: [], labels: {}, volumes: [] };

test.each(rightFiles)("a Kraftfile with $title", ({ text, found, says }) => {
  const { kraftfile, printed } = read(text, found);
  expect(printed).toBe("");
  expect(withoutPlaces(kraftfile)).toEqual({ ...nothing, ...says });
});

test("the names of Kraftfiles are in KraftKit's order", () => {
  expect(kraftfileNames).toEqual([
    "kraft.yaml",
    "kraft.yml",
    "Kraftfile.yml",
    "Kraftfile.yaml",
    "Kraftfile",
  ]);
});

test.each([
  ["MyApp", "myapp"],
  ["my app", "myapp"],
  ["my.app!", "myapp"],
  ["--__myapp", "myapp"],
  ["My App 123!", "myapp123"],
  ["myapp-", "myapp-"],
  ["!!!", ""],
  ["---", ""],
])("the plain name of %j is %j", (name, plain) => {
  expect(projectNameOf(name)).toBe(plain);
});

test("what may be pointed at has the place where it is written", () => {
  const text = `spec: v0.6
unikraft:
  version: stable
  kconfig:
    CONFIG_A: y
libraries: {lwip: stable}
targets:
  - qemu/x86_64
  - name: slow
    platform: fc
    architecture: arm64
    kconfig: [CONFIG_B=n]
rootfs: ./rootfs
`;
  const { kraftfile } = read(text);
  const { unikraft, libraries = [], targets = [], rootfs } = kraftfile ?? {};
  const parts = [
    kraftfile,
    unikraft,
    unikraft?.kconfig[0],
    libraries[0],
    ...targets,
    targets[1]?.kconfig[0],
    rootfs,
  ];
  expect(parts.map((part) => part && text.slice(part.at.start, part.at.end))).toEqual([
    "spec",
    "unikraft",
    "CONFIG_A",
    "stable",
    "qemu/x86_64",
    "slow",
    "CONFIG_B=n",
    "./rootfs",
  ]);
});
