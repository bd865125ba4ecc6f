import { expect, test } from "vitest";

import type { Label } from "../../src/label/label.ts";
import { dependenciesOf, load, select } from "./graph-rig.ts";

test("labels resolve to targets, to files of the package, and to components", () => {
  const { graph, printed } = load({
    "a/BUILD":
      "x: {srcs: [main.c, src/deep.c, ':y', //b, data, '@unikraft//:source'], tool: //b:z}\ny: {}",
    "a/main.c": "",
    "a/src/deep.c": "",
    "a/data/file": "",
    "b/BUILD": "z: {}\nb: {}",
  });
  expect(printed).toBe("");
  expect(dependenciesOf(graph, "//a:x")).toEqual([
    "//a:main.c",
    "//a:src/deep.c",
    "//a:y",
    "//b:b",
    "//a:data",
    "@unikraft//:source",
    "//b:z",
  ]);
  const kinds = [...graph.targets.values()].map((target) => {
    switch (target.kind) {
      case "rule":
        return `${target.label}: ${target.rule.name}`;
      case "source file":
        return `${target.label}: ${target.path}`;
      case "component":
        return `${target.label}: component ${target.name}`;
    }
  });
  expect(kinds.sort()).toEqual([
    "//a:data: a/data",
    "//a:main.c: a/main.c",
    "//a:src/deep.c: a/src/deep.c",
    "//a:x: copy",
    "//a:y: copy",
    "//b:b: copy",
    "//b:z: copy",
    "@unikraft//:source: component unikraft",
  ]);
});

test("rules get attributes as they were read, with what stands for those not given", () => {
  const { graph } = load({ "a/BUILD": "x: {srcs: [y, //a]}\ny: {mode: slow}\na: {}" });
  const attributesOf = (label: string): unknown => {
    const target = graph.targets.get(label as Label);
    return target?.kind === "rule" ? target.attributes : undefined;
  };
  expect(attributesOf("//a:x")).toEqual({ srcs: ["//a:y", "//a"], tool: undefined, mode: "fast" });
  expect(attributesOf("//a:y")).toEqual({ srcs: [], tool: undefined, mode: "slow" });
  expect(graph.resolve("//a" as Label)).toBe("//a:a");
  expect(graph.resolve("//a:nope" as Label)).toBeUndefined();
  expect(graph.resolve("@nope//:source" as Label)).toBeUndefined();
});

test.each([
  ["the one that says so", "a: {}\nx: {default: true}", "//a:x"],
  ["else the one called as the directory", "x: {}\na: {}", "//a:a"],
  ["else the only one", "x: {}", "//a:x"],
])("the default target of a package is %s", (_title, text, label) => {
  const { graph, printed } = load({ "a/BUILD": text });
  expect(printed).toBe("");
  expect(graph.resolve("//a" as Label)).toBe(label);
  const defaults = [...graph.targets.values()].filter(
    (target) => target.kind === "rule" && target.isDefault,
  );
  expect(defaults.map((target) => target.label)).toEqual([label]);
});

test("of two build files with a default, the first counts; two in one file are a mistake", () => {
  const files = { "a/BUILD": "x: {default: true}", "a/BUILD.more": "y: {default: true}" };
  const { graph, printed } = load(files);
  expect(printed).toBe("");
  expect(graph.resolve("//a" as Label)).toBe("//a:x");
  expect(load({ "a/BUILD": "x: {default: true}\ny: {default: true}" }).printed).toBe(
    `error[duplicate-target]: "y" cannot be the default target besides "x"
 --> a/BUILD:2:1
  |
2 | y: {default: true}
  | ^
note: the default target is here
 --> a/BUILD:1:1
  |
1 | x: {default: true}
  | ^`,
  );
});

test("a package's own target wins over a file of the same name", () => {
  const { graph } = load({ "a/BUILD": "x: {srcs: [y]}\ny: {}", "a/y": "" });
  expect(graph.targets.get("//a:y" as Label)?.kind).toBe("rule");
});

test("the order has every target behind its dependencies", () => {
  const { graph } = load({
    "a/BUILD": "x: {srcs: [y, z]}\ny: {srcs: [w]}\nz: {srcs: [w, f.c]}\nw: {}",
    "a/f.c": "",
  });
  expect(graph.order).toEqual(["//a:w", "//a:y", "//a:f.c", "//a:z", "//a:x"]);
});

test("a chain of 20000 targets is no deeper than any other", () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `t${i}: {srcs: [':t${i + 1}']}`);
  const { graph, printed } = load({ BUILD: [...lines, "t20000: {}"].join("\n") });
  expect(printed).toBe("");
  expect([graph.order[0], graph.order.at(-1)]).toEqual(["//:t20000", "//:t0"]);
});

const workspace = {
  BUILD: "root: {}",
  "apps/nginx/BUILD": "image: {srcs: [kernel, main.c]}\nkernel: {hidden: true}\nnginx: {}",
  "apps/nginx/main.c": "",
  "apps/redis/BUILD": "image: {srcs: ['@unikraft//:source']}",
  "libs/tls/BUILD": "tls: {}\ntls.test: {hidden: true}",
};

test.each([
  [["//..."], "//:root //apps/nginx:image //apps/nginx:nginx //apps/redis:image //libs/tls:tls"],
  [["//apps/..."], "//apps/nginx:image //apps/nginx:nginx //apps/redis:image"],
  [["//apps/nginx"], "//apps/nginx:nginx"],
  [["//apps/redis"], "//apps/redis:image"],
  [["//"], "//:root"],
  [["//apps/nginx:all"], "//apps/nginx:image //apps/nginx:nginx"],
  [
    ["//apps/nginx:*"],
    "//apps/nginx:image //apps/nginx:kernel //apps/nginx:main.c //apps/nginx:nginx",
  ],
  [["//libs/...:*"], "//libs/tls:tls //libs/tls:tls.test"],
  [["//...:image"], "//apps/nginx:image //apps/redis:image"],
  [["//...:root"], "//:root"],
  [["//apps/redis/...:image"], "//apps/redis:image"],
  [["//...:kernel"], "//apps/nginx:kernel"],
  [["//...:main.c"], "//apps/nginx:main.c"],
  [["//...:image", "-//apps/nginx/...:image"], "//apps/redis:image"],
  [["//apps/...", "-//...:image"], "//apps/nginx:nginx"],
  [["//apps/nginx:kernel"], "//apps/nginx:kernel"],
  [["//apps/nginx:main.c"], "//apps/nginx:main.c"],
  [["@unikraft//:source"], "@unikraft//:source"],
  [["//libs/tls", "//apps/redis"], "//apps/redis:image //libs/tls:tls"],
  [["//...", "-//apps/..."], "//:root //libs/tls:tls"],
  [["//...", "-//apps/...", "//apps/redis:all"], "//:root //apps/redis:image //libs/tls:tls"],
  [["//apps/...", "-//apps/nginx"], "//apps/nginx:image //apps/redis:image"],
])("%j selects %s", (patterns, labels) => {
  const { graph } = load(workspace);
  expect(select(graph, ...patterns)).toBe(labels.replaceAll(" ", "\n"));
});

test("a file that no target names is in the graph once it has been asked for", () => {
  const { graph } = load(workspace);
  const buildFile = "//apps/nginx:BUILD" as Label;
  expect(select(graph, "//apps/nginx:*")).not.toContain(buildFile);
  expect([graph.resolve(buildFile), graph.resolve(buildFile)]).toEqual([buildFile, buildFile]);
  expect(graph.targets.get(buildFile)).toEqual({
    kind: "source file",
    label: buildFile,
    path: "apps/nginx/BUILD",
  });
  expect(select(graph, "//apps/nginx:*")).toContain(buildFile);
});

test("a name that is nothing stays nothing, however often it is asked for", () => {
  const { graph } = load(workspace);
  const before = [...graph.targets.keys()];
  for (const label of ["//apps/nginx:nope", "//nope", "@nope//:source", "//apps/nginx:nope"]) {
    expect(graph.resolve(label as Label)).toBeUndefined();
    expect(select(graph, label)).toMatch(/^error\[unknown-(target|package)\]/);
  }
  expect([...graph.targets.keys()]).toEqual(before);
});

test("a query's wildcards can take in what a build's pass over", () => {
  const { graph } = load(workspace);
  const pattern = {
    kind: "below",
    packagePath: "libs",
    targets: "all",
    isSubtracted: false,
  } as const;
  expect(graph.selectEvery([pattern], () => {})).toEqual(["//libs/tls:tls", "//libs/tls:tls.test"]);
});

test.each([
  [
    ["//apps/nginx:imgae"],
    `error[unknown-target]: package //apps/nginx has no target "imgae"\n = help: did you mean "image"?`,
  ],
  [
    ["//app/nginx"],
    `error[unknown-package]: there is no package //app/nginx\n = help: did you mean "//apps/nginx"?`,
  ],
  [
    ["//app/nginx:all"],
    `error[unknown-package]: there is no package //app/nginx\n = help: did you mean "//apps/nginx"?`,
  ],
  [
    ["//aps/..."],
    `error[unknown-package]: there is no package at or below //aps\n = help: did you mean "//apps"?`,
  ],
  [["//zzzzzz/..."], "error[unknown-package]: there is no package at or below //zzzzzz"],
  [
    ["//...:imgae"],
    `error[unknown-target]: no package has a target "imgae"\n = help: did you mean "image"?`,
  ],
  [
    ["//libs/...:image"],
    'error[unknown-target]: no package at or below //libs has a target "image"',
  ],
  [
    ["//apps/nginx", "-//apps/...:kernle"],
    `error[unknown-target]: no package at or below //apps has a target "kernle"
 = help: did you mean "kernel"?
//apps/nginx:nginx`,
  ],
  [
    ["//aps/...:image"],
    `error[unknown-package]: there is no package at or below //aps\n = help: did you mean "//apps"?`,
  ],
  [
    ["//...:image", "-//apps/...:image"],
    "error[nothing-selected]: no target matches //...:image -//apps/...:image",
  ],
  [
    ["@unikarft//:source"],
    `error[unknown-target]: no target needs the component @unikarft//:source\n = help: did you mean "@unikraft//:source"?`,
  ],
  [
    ["//apps/...", "-//apps/..."],
    "error[nothing-selected]: no target matches //apps/... -//apps/...",
  ],
  [["-//apps/..."], "error[nothing-selected]: no target matches -//apps/..."],
  [[], "error[nothing-selected]: no target is named"],
])("%j selects nothing, and says why", (patterns, printed) => {
  expect(select(load(workspace).graph, ...patterns)).toBe(printed);
});

test("a name whose only bearer was reported to be wrong is not reported to be missing", () => {
  const { graph, diagnostics } = load({ "a/BUILD": "x: {rule: cpoy}\ny: {}" });
  expect(diagnostics.map(({ code }) => code)).toEqual(["unknown-rule"]);
  expect(select(graph, "//...:x")).toBe("");
});

test("an unknown name does not keep the others from being selected", () => {
  expect(select(load(workspace).graph, "//apps/redis", "//libs/tsl")).toBe(
    `error[unknown-package]: there is no package //libs/tsl
 = help: did you mean "//libs/tls"?
//apps/redis:image`,
  );
});

test("what the graph looked at is consulted, files by their kind only", () => {
  const { workspace: loaded } = load({ "a/BUILD": "x: {srcs: [src/main.c]}", "a/src/main.c": "" });
  const consulted = loaded.files.consulted();
  expect(consulted.filter(({ path }) => path.startsWith("/w/a"))).toMatchObject([
    { path: "/w/a", kind: "directory" },
    { path: "/w/a/BUILD", kind: "file" },
    { path: "/w/a/src", kind: "directory" },
  ]);
});
