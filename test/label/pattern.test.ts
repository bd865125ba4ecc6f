import fc from "fast-check";
import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { labelOf } from "../../src/label/label.ts";
import {
  formatPattern,
  parsePattern,
  patternOf,
  type TargetPattern,
} from "../../src/label/pattern.ts";
import { labelParts, packagePaths, targetNames } from "./arbitraries.ts";

/** Of a user in /w/apps, in a workspace with the directory apps/nginx and a file in it. */
const context = {
  currentPackage: "apps",
  workspaceRoot: "/w",
  workingDirectory: "/w/apps",
  kindOf: (path: string) => {
    if (path === "/w/apps/nginx/main.c") return "file";
    return ["/w", "/w/apps", "/w/apps/nginx"].includes(path) ? "directory" : undefined;
  },
} as const;

test.each([
  ["//apps/nginx:x", "//apps/nginx:x"],
  ["//apps/nginx:src/main.c", "//apps/nginx:src/main.c"],
  ["//apps/nginx", "//apps/nginx"],
  ["//", "//"],
  ["//:x", "//:x"],
  ["//apps/nginx:all", "//apps/nginx:all"],
  ["//apps/nginx:*", "//apps/nginx:*"],
  ["//apps/nginx:all-targets", "//apps/nginx:*"],
  ["//...", "//..."],
  ["//...:all", "//..."],
  ["//...:*", "//...:*"],
  ["//apps/...", "//apps/..."],
  ["//apps/...:*", "//apps/...:*"],
  ["//...:oci", "//...:oci"],
  ["//apps/...:src/main.c", "//apps/...:src/main.c"],
  ["@unikraft//:source", "@unikraft//:source"],
  // Relative to the current package.
  [":x", "//apps:x"],
  [":all", "//apps:all"],
  ["x", "//apps:x"],
  ["all", "//apps:all"],
  ["src/main.c", "//apps:src/main.c"],
  [".config", "//apps:.config"],
  ["...", "//apps/..."],
  ["redis:x", "//apps/redis:x"],
  ["redis:*", "//apps/redis:*"],
  ["redis/...", "//apps/redis/..."],
  ["...:oci", "//apps/...:oci"],
  ["redis/...:oci", "//apps/redis/...:oci"],
  // Directories.
  [".", "//apps"],
  ["..", "//"],
  ["./", "//apps"],
  ["nginx", "//apps/nginx"],
  ["nginx/", "//apps/nginx"],
  ["./nginx", "//apps/nginx"],
  ["./nginx/", "//apps/nginx"],
  ["./nginx:x", "//apps/nginx:x"],
  ["./nginx:all", "//apps/nginx:all"],
  ["./nginx/...", "//apps/nginx/..."],
  ["../apps/./nginx", "//apps/nginx"],
  ["../...", "//..."],
  ["../...:oci", "//...:oci"],
  ["./nginx/...:oci", "//apps/nginx/...:oci"],
  ["../libs/tls", "//libs/tls"],
  ["/w", "//"],
  ["/w/apps/nginx", "//apps/nginx"],
  ["/w/apps/...", "//apps/..."],
  // Subtracted.
  ["-//apps/old/...", "-//apps/old/..."],
  ["-//apps/old/...:oci", "-//apps/old/...:oci"],
  ["-//apps:x", "-//apps:x"],
  ["-:all", "-//apps:all"],
  ["-nginx", "-//apps/nginx"],
  ["-@unikraft//:source", "-@unikraft//:source"],
])("%s means %s", (text, canonical) => {
  expect(formatPattern(parsed(text))).toBe(canonical);
});

const forms =
  "a pattern is //package:target, //package, //package:all, //path/..., //path/...:target or a directory";

test.each([
  ["", `"" is not a target pattern: it names no target`, forms],
  ["-", `"-" is not a target pattern: it names no target`, forms],
  ["--x", `"--x" is not a target pattern: it names no target`, forms],
  [
    "//apps/nginx/",
    `"//apps/nginx/" is not a target pattern: its package path is not valid`,
    `did you mean "//apps/nginx"?`,
  ],
  [
    "//apps//nginx:x",
    `"//apps//nginx:x" is not a target pattern: its package path is not valid`,
    `did you mean "//apps/nginx:x"?`,
  ],
  ["//a/../b", `"//a/../b" is not a target pattern: its package path is not valid`, forms],
  ["//a:", `"//a:" is not a target pattern: "" cannot be the name of a target`, forms],
  ["//a:b:c", `"//a:b:c" is not a target pattern: "b:c" cannot be the name of a target`, forms],
  ["//a/...:", `"//a/...:" is not a target pattern: "" cannot be the name of a target`, forms],
  ["//...:x:y", `"//...:x:y" is not a target pattern: "x:y" cannot be the name of a target`, forms],
  ["//.../a", `"//.../a" is not a target pattern: its package path is not valid`, forms],
  [
    "@lib-lwip//...",
    `"@lib-lwip//..." is not a target pattern: a component's target must be named in full`,
    "such as @unikraft//:source",
  ],
  [
    "@scope:x",
    `"@scope:x" is not a target pattern: a component's target must be named in full`,
    "such as @unikraft//:source",
  ],
  ["../..", `"../.." is not a target pattern: it is outside of the workspace /w`, forms],
  ["/etc", `"/etc" is not a target pattern: it is outside of the workspace /w`, forms],
  [
    "./nginx/main.c",
    `"./nginx/main.c" is not a target pattern: it is a file`,
    "name the package's directory, or the file as //package:file",
  ],
])("%j is refused", (text, message, help) => {
  const result = parsePattern(text, context);
  expect(result.kind === "bad" && renderDiagnostic(result.diagnostic)).toBe(
    `error[bad-label]: ${message}\n = help: ${help}`,
  );
});

const sign = fc.record({ isSubtracted: fc.boolean() });
const wildcard = fc.constantFrom("all", "all-targets");
const patterns: fc.Arbitrary<TargetPattern> = fc.oneof(
  fc.tuple(packagePaths, targetNames, sign).map(([packagePath, name, rest]) => {
    return { kind: "one", label: labelOf({ packagePath, name }), ...rest } as const;
  }),
  fc.tuple(labelParts, sign).map(([parts, rest]) => {
    return { kind: "one", label: labelOf({ ...parts, repository: "lib-x" }), ...rest } as const;
  }),
  fc.tuple(packagePaths, wildcard, sign).map(([packagePath, targets, rest]) => {
    return { kind: "below", packagePath, targets, ...rest } as const;
  }),
  fc.tuple(packagePaths, targetNames, sign).map(([packagePath, name, rest]) => {
    return { kind: "named-below", packagePath, name, ...rest } as const;
  }),
  fc
    .tuple(packagePaths, fc.constantFrom("all", "all-targets", "default"), sign)
    .map(([packagePath, targets, rest]) => {
      return { kind: "package", packagePath, targets, ...rest } as const;
    }),
);

test("a pattern read from its text form is that pattern", () => {
  fc.assert(
    fc.property(patterns, (pattern) => {
      expect(parsed(formatPattern(pattern))).toEqual(pattern);
    }),
    { numRuns: 500 },
  );
});

test("no text crashes it, and what it reads has a text form that means the same anywhere", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...Array.from("@/:.*-axw")) }),
  );
  fc.assert(
    fc.property(text, (written) => {
      const pattern = parsePattern(written, context);
      if (pattern.kind === "bad") return;
      const elsewhere = { ...context, currentPackage: "zzz", workingDirectory: "/w/zzz" };
      expect(parsePattern(formatPattern(pattern), elsewhere)).toEqual(pattern);
    }),
    { numRuns: 2000 },
  );
});

test("a label is a pattern, and the default label that of a package's default target", () => {
  const texts = ["//a:x", "//a", "@c//:source"];
  expect(texts.map((text) => formatPattern(patternOf(text as never)))).toEqual(texts);
  expect(patternOf(labelOf({ packagePath: "a", name: "" })).kind).toBe("package");
});

function parsed(text: string): TargetPattern {
  const pattern = parsePattern(text, context);
  if (pattern.kind === "bad") throw new Error(renderDiagnostic(pattern.diagnostic));
  return pattern;
}
