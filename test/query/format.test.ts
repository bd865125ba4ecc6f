import { expect, test } from "vitest";

import { type Label, labelOf } from "../../src/label/label.ts";
import { formatQuery } from "../../src/query/format.ts";
import { plainGraph, sampleGraph, show } from "./query-rig.ts";

test("label_kind names the rule of a target, and what is none", () => {
  expect(show("deps(//apps/db)", sampleGraph(), "label_kind")).toBe(`copy rule //apps/db:db
source file //apps/db:db.c
copy rule //libs/net:net
copy rule //libs/tls:tls
source file //libs/tls:tls.c
copy rule //tools:gen
alias rule //tools:run
component @unikraft//:source
`);
});

test("graph is a Graphviz graph of the result, and of nothing else", () => {
  expect(show("allpaths(//apps/web, //libs/net)", sampleGraph(), "graph")).toBe(`digraph mygraph {
  node [shape=box];
  "//apps/web:image"
  "//apps/web:image" -> "//apps/web:kernel"
  "//apps/web:kernel"
  "//apps/web:kernel" -> "//libs/http:http"
  "//apps/web:kernel" -> "//libs/tls:tls"
  "//libs/http:http"
  "//libs/http:http" -> "//libs/net:net"
  "//libs/net:net"
  "//libs/tls:tls"
  "//libs/tls:tls" -> "//libs/net:net"
}
`);
});

test("json has every dependency, those outside of the result too", () => {
  const text = show("//apps/web:rootfs + //libs/net", sampleGraph(), "json");
  expect(text).toBe(`[
  {"label":"//apps/web:rootfs","kind":"copy rule","dependencies":["//apps/web:config.txt"]},
  {"label":"//libs/net:net","kind":"copy rule","dependencies":["@unikraft//:source"]}
]
`);
  expect(JSON.parse(text)).toHaveLength(2);
});

test("an empty result is no line, an empty graph, and an empty list", () => {
  const outputs = (["label", "label_kind", "graph", "json"] as const).map((output) =>
    show("set()", sampleGraph(), output),
  );
  expect(outputs).toEqual(["", "", "digraph mygraph {\n  node [shape=box];\n}\n", "[]\n"]);
});

test("a name with a quote does not break out of the graph", () => {
  const odd: Label = labelOf({ packagePath: "p", name: 'a"; b' });
  const graph = plainGraph(new Map([[odd, []]]));
  expect(formatQuery([odd], graph, "graph")).toContain('\n  "//p:a\\"; b"\n');
});

test("location is where a target is stated, or where a file begins", () => {
  expect(show("deps(//tools:run) + deps(//libs/net)", sampleGraph(), "location")).toBe(`\
libs/net/BUILD:1:1: copy rule //libs/net:net
tools/BUILD:2:1: copy rule //tools:gen
tools/BUILD:1:1: alias rule //tools:run
@unikraft: component @unikraft//:source
`);
  expect(show("//apps/db:db.c", sampleGraph(), "location")).toBe(
    "apps/db/db.c:1:1: source file //apps/db:db.c\n",
  );
});

test("build states targets with labels in full, without what is at its default", () => {
  const text = show("//apps/web:image + deps(//apps/db, 1)", sampleGraph(), "build");
  expect(text).toBe(`\
# //apps/db:db (apps/db/BUILD:1:1)
- name: db
  rule: copy
  default: true
  srcs:
    - //apps/db:db.c
    - //libs/tls:tls
  tool: //tools:run

# //apps/web:image (apps/web/BUILD:1:1)
- name: image
  rule: copy
  default: true
  srcs:
    - //apps/web:kernel
    - //apps/web:rootfs

# //libs/tls:tls (libs/tls/BUILD:1:1)
- name: tls
  rule: copy
  default: true
  srcs:
    - //libs/tls:tls.c
    - //libs/net:net

# //tools:run (tools/BUILD:1:1)
- name: run
  rule: alias
  actual: //tools:gen
`);
});

test("mermaid takes what could be its markup by number", () => {
  const strange = labelOf({ packagePath: "p", name: 'a"#<b>' });
  const graph = plainGraph(new Map<Label, Label[]>([[strange, [strange]]]));
  expect(formatQuery([strange], graph, "mermaid")).toBe(
    'flowchart TD\n  n0["//p:a#34;#35;#60;b#62;"]\n  n0 --> n0\n',
  );
});

test("ndjson has an object on each line", () => {
  const lines = show("deps(//libs/net)", sampleGraph(), "ndjson").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { label: "//libs/net:net", kind: "copy rule", dependencies: ["@unikraft//:source"] },
    { label: "@unikraft//:source", kind: "component", dependencies: [] },
  ]);
});
