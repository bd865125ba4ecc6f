// One graph twice: as kraft.build.yaml for this engine, and as BUILD files for Bazel.

import type { PatternContext } from "../../src/label/pattern.ts";
import { type QueryGraph, queryGraphOf } from "../../src/query/query-graph.ts";
import { generic } from "../../rules/generic/generic.ts";
import { load } from "../graph/graph-rig.ts";

type Rule = "exec" | "filegroup" | "alias";

/** `exec` and `filegroup` with their sources, `alias` with its target; by package, then name. */
const packages: Readonly<Record<string, Readonly<Record<string, readonly [Rule, string]>>>> = {
  "app/db": {
    db: ["exec", "db.c //lib/tls //tools:run"],
  },
  "app/web": {
    docs: ["exec", "readme.md"],
    image: ["exec", ":rootfs :web"],
    rootfs: ["filegroup", "config.txt //data:files"],
    web: ["exec", "config.txt main.c //lib/http //lib/tls"],
  },
  data: {
    files: ["filegroup", "a.txt b.txt"],
  },
  "lib/crypto": {
    aes: ["exec", "aes.c"],
    bignum: ["exec", "bignum.c"],
    every: ["filegroup", ":aes :rsa"],
    rsa: ["exec", "rsa.c :bignum"],
  },
  "lib/http": {
    http: ["exec", "http.c http.h //lib/net"],
    "http-test": ["exec", "test.c :http"],
  },
  "lib/net": {
    default: ["alias", ":net"],
    net: ["exec", "net.c net.h"],
  },
  "lib/tls": {
    tls: ["exec", "tls.c //lib/crypto:aes //lib/net:default"],
  },
  tools: {
    gen: ["exec", "gen.sh"],
    run: ["alias", ":gen"],
  },
};

/** The sources of every package, empty, by path. */
function sourceFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [path, targets] of Object.entries(packages)) {
    const words = Object.values(targets).flatMap(([, text]) => text.split(" "));
    for (const word of words) if (/^[a-z]+\.[a-z]+$/.test(word)) files[`${path}/${word}`] = "";
  }
  return files;
}

/** The graph as this engine loads it; patterns are read at the root. */
export function kraftGraph(): QueryGraph {
  const files = sourceFiles();
  for (const [path, targets] of Object.entries(packages)) {
    const lines = Object.entries(targets).map(([name, [rule, text]]) => {
      const words = text.split(" ").map((word) => `"${word}"`);
      const given = {
        exec: `srcs: [${words.join(", ")}], outs: [${name}.out], command: touch $OUT`,
        filegroup: `srcs: [${words.join(", ")}]`,
        alias: `actual: ${words.join()}`,
      };
      return `  - {name: ${name}, rule: ${rule}, ${given[rule]}}\n`;
    });
    files[`${path}/kraft.build.yaml`] = `targets:\n${lines.join("")}`;
  }
  const { graph, workspace, printed } = load(files, [generic]);
  if (printed !== "") throw new Error(printed);
  const context: PatternContext = {
    currentPackage: "",
    workspaceRoot: "/w",
    workingDirectory: "/w",
    kindOf: (path) => workspace.files.kindOf(path),
  };
  return queryGraphOf(graph, context);
}

/** The graph as Bazel loads it, by path: an `exec` is a genrule of the same name. */
export function bazelFiles(): Record<string, string> {
  const files: Record<string, string> = { ...sourceFiles(), WORKSPACE: "" };
  for (const [path, targets] of Object.entries(packages)) {
    const lines = Object.entries(targets).map(([name, [rule, text]]) => {
      const words = text.split(" ").map((word) => `"${word}"`);
      const given = {
        exec: `genrule(name="${name}", srcs=[${words.join()}], outs=["${name}.out"], cmd="touch $@")`,
        filegroup: `filegroup(name="${name}", srcs=[${words.join()}])`,
        alias: `alias(name="${name}", actual=${words.join()})`,
      };
      return `${given[rule]}\n`;
    });
    files[`${path}/BUILD`] =
      `package(default_visibility=["//visibility:public"])\n${lines.join("")}`;
  }
  return files;
}
