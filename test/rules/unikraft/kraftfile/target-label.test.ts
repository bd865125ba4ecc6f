import { expect, test } from "vitest";

import { targetLabelsOf } from "../../../../rules/unikraft/kraftfile/target-label.ts";
import { read } from "./kraftfile-rig.ts";

function labelsIn(targets: string): readonly string[] {
  return targetLabelsOf(read(`spec: v0.6\ntargets: ${targets}\n`).kraftfile?.targets ?? []);
}

test("a target is labelled by its name, or by its platform and architecture", () => {
  expect(labelsIn("[kvm/x86_64, {name: slow, plat: fc, arch: arm64}]")).toEqual([
    "qemu-x86_64",
    "slow",
  ]);
});

test("targets that share a name are labelled by it and what tells them apart", () => {
  expect(
    labelsIn("[{name: a, plat: fc, arch: x86_64}, {name: a, plat: xen, arch: x86_64}, xen/arm64]"),
  ).toEqual(["a-fc-x86_64", "a-xen-x86_64", "xen-arm64"]);
});

test("a target with the name of another's platform leaves that one its label", () => {
  expect(labelsIn("[qemu/x86_64, {name: qemu-x86_64, plat: fc, arch: x86_64}]")).toEqual([
    "qemu-x86_64",
    "qemu-x86_64-fc-x86_64",
  ]);
});
