import { expect, test } from "vitest";

import { read } from "./kraftfile-rig.ts";
import { wrongFiles } from "./wrong-files.ts";

test.each(wrongFiles)("$title", ({ text, printed, isError }) => {
  const outcome = read(text);
  expect(outcome.printed).toBe(printed);
  expect(outcome.diagnostics.some(({ severity }) => severity === "error")).toBe(isError);
});

test("what is right beside a mistake is read", () => {
  const { kraftfile } = read(
    "spec: v0.6\nname: 12\nlibraries:\n  lwip:\n  musl: stable\ntargets: [kvm, fc/arm64]\n",
  );
  expect(kraftfile?.libraries.map(({ name }) => name)).toEqual(["musl"]);
  expect(kraftfile?.targets).toMatchObject([{ platform: "fc", architecture: "arm64" }]);
});

test("a file of nothing but mistakes is reported up to a hundred, and in sum", () => {
  const { diagnostics } = read(`spec: v0.6\ntargets:\n${"  - kvm\n".repeat(500)}`);
  expect(diagnostics).toHaveLength(101);
  expect(diagnostics.at(-1)?.help).toBe("400 mistakes from here on are not shown one by one");
});
