import { expect, test } from "vitest";

import { sampleGraph, show } from "./query-rig.ts";

test.each([
  ["//apps/web", "//apps/web:image"],
  ["//apps/web:kernel", "//apps/web:kernel"],
  ["//apps/web:README", "//apps/web:README"],
  [
    "//...",
    "//apps/db:db //apps/web:image //apps/web:kernel //apps/web:rootfs //libs/http:http //libs/net:net //libs/tls:tls //tools:gen //tools:run",
  ],
  [
    "//...:*",
    "//apps/db:db //apps/db:db.c //apps/web:config.txt //apps/web:image //apps/web:kernel //apps/web:main.c //apps/web:rootfs //libs/http:http //libs/http:http.c //libs/net:net //libs/tls:tls //libs/tls:tls.c //tools:gen //tools:run",
  ],
  ["//apps/...", "//apps/db:db //apps/web:image //apps/web:kernel //apps/web:rootfs"],
  ["//libs/...", "//libs/http:http //libs/net:net //libs/tls:tls"],
  ["//tools:all", "//tools:gen //tools:run"],
  [
    "//apps/web:*",
    "//apps/web:config.txt //apps/web:image //apps/web:kernel //apps/web:main.c //apps/web:rootfs",
  ],
  ["//apps/web:all", "//apps/web:image //apps/web:kernel //apps/web:rootfs"],
  ["@unikraft//:source", "@unikraft//:source"],
  ['"//apps/web:main.c"', "//apps/web:main.c"],
  ["'//apps/web:main.c'", "//apps/web:main.c"],
  ["apps/web", "//apps/web:image"],
  ["(//apps/web)", "//apps/web:image"],
  ["((//libs/tls))", "//libs/tls:tls"],
  ["//empty:all", ""],
  ["set()", ""],
  ["set(//libs/tls)", "//libs/tls:tls"],
  ["set(//libs/tls //apps/db //libs/tls)", "//apps/db:db //libs/tls:tls"],
  ["set(\"//tools:gen\" '//tools:run')", "//tools:gen //tools:run"],
  ["//libs/tls + //apps/db", "//apps/db:db //libs/tls:tls"],
  ["//libs/tls union //apps/db", "//apps/db:db //libs/tls:tls"],
  ["//libs/tls+//apps/db", "//apps/db:db //libs/tls:tls"],
  ["//apps/... ^ //apps/web:all", "//apps/web:image //apps/web:kernel //apps/web:rootfs"],
  ["//... intersect //libs/...", "//libs/http:http //libs/net:net //libs/tls:tls"],
  ["//... - //apps/...", "//libs/http:http //libs/net:net //libs/tls:tls //tools:gen //tools:run"],
  ["//... except //apps/... except //libs/...", "//tools:gen //tools:run"],
  ["//apps/db -//apps/db", ""],
  [
    "//... - //libs/... + //libs/tls",
    "//apps/db:db //apps/web:image //apps/web:kernel //apps/web:rootfs //libs/tls:tls //tools:gen //tools:run",
  ],
  ["//libs/tls + //... ^ //libs/...", "//libs/http:http //libs/net:net //libs/tls:tls"],
  ["//... - (//libs/... + //apps/...)", "//tools:gen //tools:run"],
  ["//libs/... - //libs/... ^ //apps/... + //tools:gen", "//tools:gen"],
  ["deps(//libs/net)", "//libs/net:net @unikraft//:source"],
  ["deps (//libs/net)", "//libs/net:net @unikraft//:source"],
  ["deps(//libs/tls)", "//libs/net:net //libs/tls:tls //libs/tls:tls.c @unikraft//:source"],
  ["deps(//apps/web:rootfs)", "//apps/web:config.txt //apps/web:rootfs"],
  [
    "deps(//apps/web)",
    "//apps/web:config.txt //apps/web:image //apps/web:kernel //apps/web:main.c //apps/web:rootfs //libs/http:http //libs/http:http.c //libs/net:net //libs/tls:tls //libs/tls:tls.c @unikraft//:source",
  ],
  ["deps(//apps/web, 0)", "//apps/web:image"],
  ["deps(//apps/web, 1)", "//apps/web:image //apps/web:kernel //apps/web:rootfs"],
  [
    "deps(//apps/web, 2)",
    "//apps/web:config.txt //apps/web:image //apps/web:kernel //apps/web:main.c //apps/web:rootfs //libs/http:http //libs/tls:tls",
  ],
  [
    "deps(//apps/web, 99)",
    "//apps/web:config.txt //apps/web:image //apps/web:kernel //apps/web:main.c //apps/web:rootfs //libs/http:http //libs/http:http.c //libs/net:net //libs/tls:tls //libs/tls:tls.c @unikraft//:source",
  ],
  [
    "deps(//apps/db)",
    "//apps/db:db //apps/db:db.c //libs/net:net //libs/tls:tls //libs/tls:tls.c //tools:gen //tools:run @unikraft//:source",
  ],
  [
    "deps(set(//libs/tls //libs/http))",
    "//libs/http:http //libs/http:http.c //libs/net:net //libs/tls:tls //libs/tls:tls.c @unikraft//:source",
  ],
  ["deps(//libs/tls) ^ deps(//libs/http)", "//libs/net:net @unikraft//:source"],
  ["deps(//apps/web) - deps(//apps/web:kernel)", "//apps/web:image //apps/web:rootfs"],
  ["deps(//empty:all)", ""],
  ["deps(@unikraft//:source)", "@unikraft//:source"],
  [
    "rdeps(//..., //libs/net)",
    "//apps/db:db //apps/web:image //apps/web:kernel //libs/http:http //libs/net:net //libs/tls:tls",
  ],
  ["rdeps(//..., //libs/net, 1)", "//libs/http:http //libs/net:net //libs/tls:tls"],
  ["rdeps(//..., //libs/net, 0)", "//libs/net:net"],
  [
    "rdeps(//..., @unikraft//:source, 2)",
    "//libs/http:http //libs/net:net //libs/tls:tls @unikraft//:source",
  ],
  ["rdeps(//apps/web, //libs/tls)", "//apps/web:image //apps/web:kernel //libs/tls:tls"],
  ["rdeps(//apps/db, //libs/tls)", "//apps/db:db //libs/tls:tls"],
  ["rdeps(//libs/tls, //libs/http)", ""],
  ["rdeps(//apps/web:rootfs, //libs/...)", ""],
  [
    "rdeps(//..., //apps/web:config.txt)",
    "//apps/web:config.txt //apps/web:image //apps/web:kernel //apps/web:rootfs",
  ],
  ["rdeps(//..., //tools:gen)", "//apps/db:db //tools:gen //tools:run"],
  [
    "rdeps(//apps/..., set(//libs/http //tools:run))",
    "//apps/db:db //apps/web:image //apps/web:kernel //libs/http:http //tools:run",
  ],
  [
    "allpaths(//apps/web, //libs/net)",
    "//apps/web:image //apps/web:kernel //libs/http:http //libs/net:net //libs/tls:tls",
  ],
  [
    "allpaths(//apps/web, //apps/web:config.txt)",
    "//apps/web:config.txt //apps/web:image //apps/web:kernel //apps/web:rootfs",
  ],
  ["allpaths(//apps/web, //tools:gen)", ""],
  [
    "allpaths(//apps/..., //libs/tls)",
    "//apps/db:db //apps/web:image //apps/web:kernel //libs/tls:tls",
  ],
  ["allpaths(//libs/net, //apps/web)", ""],
  [
    "somepath(//apps/web, //libs/net)",
    "//apps/web:image //apps/web:kernel //libs/http:http //libs/net:net",
  ],
  [
    "somepath(//apps/web, //apps/web:config.txt)",
    "//apps/web:image //apps/web:kernel //apps/web:config.txt",
  ],
  ["somepath(//apps/db, //tools:gen)", "//apps/db:db //tools:run //tools:gen"],
  ["somepath(//apps/web, //tools:gen)", ""],
  ["somepath(//libs/net, //apps/web)", ""],
  ["somepath(//libs/tls, //libs/tls)", "//libs/tls:tls"],
  [
    "somepath(//apps/..., @unikraft//:source)",
    "//apps/db:db //libs/tls:tls //libs/net:net @unikraft//:source",
  ],
  [
    "somepath(//apps/web, @unikraft//:source) - //libs/http",
    "//apps/web:image //apps/web:kernel //libs/net:net @unikraft//:source",
  ],
  [
    "somepath(//apps/web, @unikraft//:source) + //apps/db",
    "//apps/db:db //apps/web:image //apps/web:kernel //libs/http:http //libs/net:net @unikraft//:source",
  ],
  ["filter(libs, somepath(//apps/web, //libs/net))", "//libs/http:http //libs/net:net"],
  ["kind(rule, deps(//libs/tls))", "//libs/net:net //libs/tls:tls"],
  [
    'kind("source file", deps(//apps/web))',
    "//apps/web:config.txt //apps/web:main.c //libs/http:http.c //libs/tls:tls.c",
  ],
  ['kind("^alias rule$", //...)', "//tools:run"],
  ["kind(component, deps(//...))", "@unikraft//:source"],
  ['kind("copy|alias", //tools:all)', "//tools:gen //tools:run"],
  ["filter(tls, //...:*)", "//libs/tls:tls //libs/tls:tls.c"],
  ['filter("\\.c$", deps(//apps/web))', "//apps/web:main.c //libs/http:http.c //libs/tls:tls.c"],
  [
    'filter("^//apps/", rdeps(//..., //libs/net))',
    "//apps/db:db //apps/web:image //apps/web:kernel",
  ],
  ["filter(nothing, //...)", ""],
  ["some(//...)", "//apps/db:db"],
  ["some(//..., 3)", "//apps/db:db //apps/web:image //apps/web:kernel"],
  [
    "some(deps(//libs/tls), 99)",
    "//libs/net:net //libs/tls:tls //libs/tls:tls.c @unikraft//:source",
  ],
  ["some(//..., 0)", ""],
  ["some(somepath(//apps/web, //libs/net))", "//apps/web:image"],
  ["let x = //libs/... in $x", "//libs/http:http //libs/net:net //libs/tls:tls"],
  ["let x = //libs/... in deps($x) - $x", "//libs/http:http.c //libs/tls:tls.c @unikraft//:source"],
  [
    "let x = //libs/tls in let y = deps($x) in $y - $x",
    "//libs/net:net //libs/tls:tls.c @unikraft//:source",
  ],
  [
    "let x = //libs/tls in let x = deps($x) in $x",
    "//libs/net:net //libs/tls:tls //libs/tls:tls.c @unikraft//:source",
  ],
  ["//apps/db + let x = //libs/tls in $x - //apps/db", "//apps/db:db //libs/tls:tls"],
  [
    "let a_1 = //apps/... in rdeps(//..., $a_1) ^ $a_1",
    "//apps/db:db //apps/web:image //apps/web:kernel //apps/web:rootfs",
  ],
])("%s gives %s", (query, labels) => {
  expect(show(query, sampleGraph()).trimEnd().replaceAll("\n", " ")).toBe(labels);
});

test.each([
  [":kernel", "//apps/web:kernel"],
  ["kernel", "//apps/web:kernel"],
  ["...", "//apps/web:image //apps/web:kernel //apps/web:rootfs"],
  [".", "//apps/web:image"],
  ["../db", "//apps/db:db"],
  ["deps(rootfs) - :rootfs", "//apps/web:config.txt"],
])("in the directory of a package, %s gives %s", (query, labels) => {
  expect(show(query, sampleGraph("apps/web")).trimEnd().replaceAll("\n", " ")).toBe(labels);
});

test("a query may go over several lines", () => {
  const query =
    "let kernel = //apps/web:kernel\nin\n\tdeps($kernel, 1)\r\n  - $kernel\n  - //libs/...";
  expect(show(query, sampleGraph())).toBe("//apps/web:config.txt\n//apps/web:main.c\n");
});

test("a file that no target names is there once a query names it", () => {
  const graph = sampleGraph();
  expect(show("//apps/web:* ^ //apps/web:README", graph)).toBe("//apps/web:README\n");
  expect(show('kind("source file", //apps/web:README)', graph)).toBe("//apps/web:README\n");
});
