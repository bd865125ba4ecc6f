import { expect, test } from "vitest";

import { mountRootfsOf } from "../../../rules/bunny/device-block.ts";
import { build } from "./bunny-rig.ts";

test.each([
  [undefined, undefined],
  ["", undefined],
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, "true"] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, "false"] as const),
  // What Go's strconv.ParseBool refuses, urunc 0.5 took for true.
  ...["yes", "no", "tRUE", " false"].map((text) => [text, "true"] as const),
] as const)("useDMBlock %j is mountRootfs %j", (useDMBlock, mountRootfs) => {
  expect(mountRootfsOf(useDMBlock)).toBe(mountRootfs);
});

/** What is printed of a Containerfile of Mirage with `label` besides. */
function printed(label: string): string {
  const prefix = "com.urunc.unikernel.";
  const text = `#syntax=example.org/bunny
FROM scratch
COPY k /k
LABEL ${prefix}unikernelType=mirage ${prefix}hypervisor=hvt ${prefix}binary=/k
LABEL ${prefix}${label}
`;
  return build({ "app/Containerfile": text, "app/k": "" }).printed;
}

test("a useDMBlock that says nothing leaves Mirage without files to mount", () => {
  expect(printed('useDMBlock=""')).toBe("");
});

test("a useDMBlock that is false to Go is told to today's urunc as false", () => {
  expect(printed("useDMBlock=0")).toMatchInlineSnapshot(`
    "warning[not-for-urunc]: today's urunc has mountRootfs in place of useDMBlock, and is told it is false, as older ones read "0"
     --> app/Containerfile:5:1
      |
    5 | LABEL com.urunc.unikernel.useDMBlock=0
      | ^^^^^
      = help: write com.urunc.unikernel.mountRootfs=false"
  `);
});

test("a useDMBlock that is true to Go asks for what Mirage cannot do", () => {
  expect(printed("useDMBlock=True")).toMatchInlineSnapshot(`
    "error[not-for-urunc]: mirage can mount no files of its image, so that urunc refuses it
     --> app/Containerfile:4:1
      |
    4 | LABEL com.urunc.unikernel.unikernelType=mirage com.urunc.unikernel.hypervisor=hvt com.urunc.unikernel.binary=/k
      | ^^^^^
      = help: pack the files as an initrd, or leave them out
    warning[not-for-urunc]: today's urunc has mountRootfs in place of useDMBlock, and is told it is true, as older ones read "True"
     --> app/Containerfile:5:1
      |
    5 | LABEL com.urunc.unikernel.useDMBlock=True
      | ^^^^^
      = help: write com.urunc.unikernel.mountRootfs=true"
  `);
});
