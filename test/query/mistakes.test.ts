import { expect, test } from "vitest";

import { sampleGraph, show } from "./query-rig.ts";

test.each([
  [
    "",
    `error[bad-query]: expected a label, a function or (, found the end of the query
 --> query:1:1
  |
1 | 
  | ^`,
  ],
  [
    "deps(",
    `error[bad-query]: expected a label, a function or (, found the end of the query
 --> query:1:6
  |
1 | deps(
  |      ^`,
  ],
  [
    "deps(//libs/tls",
    `error[bad-query]: expected ")", found the end of the query
 --> query:1:16
  |
1 | deps(//libs/tls
  |                ^
note: to go with this one
 --> query:1:5
  |
1 | deps(//libs/tls
  |     ^`,
  ],
  [
    "(//libs/tls",
    `error[bad-query]: expected ")", found the end of the query
 --> query:1:12
  |
1 | (//libs/tls
  |            ^
note: to go with this one
 --> query:1:1
  |
1 | (//libs/tls
  | ^`,
  ],
  [
    "(//libs/tls //libs/net)",
    `error[bad-query]: expected ")", found "//libs/net"
 --> query:1:13
  |
1 | (//libs/tls //libs/net)
  |             ^^^^^^^^^^
note: to go with this one
 --> query:1:1
  |
1 | (//libs/tls //libs/net)
  | ^
  = help: join expressions with "+", "-" or "^"`,
  ],
  [
    "deps(//libs/tls //libs/net)",
    `error[bad-query]: expected ")", found "//libs/net"
 --> query:1:17
  |
1 | deps(//libs/tls //libs/net)
  |                 ^^^^^^^^^^
note: to go with this one
 --> query:1:5
  |
1 | deps(//libs/tls //libs/net)
  |     ^
  = help: join expressions with "+", "-" or "^"`,
  ],
  [
    "//libs/tls //libs/net",
    `error[bad-query]: expected an operator or the end, found "//libs/net"
 --> query:1:12
  |
1 | //libs/tls //libs/net
  |            ^^^^^^^^^^
  = help: join expressions with "+", "-" or "^"`,
  ],
  [
    "//libs/tls + ",
    `error[bad-query]: expected a label, a function or (, found the end of the query
 --> query:1:14
  |
1 | //libs/tls + 
  |              ^`,
  ],
  [
    "+ //libs/tls",
    `error[bad-query]: expected a label, a function or (, found "+"
 --> query:1:1
  |
1 | + //libs/tls
  | ^`,
  ],
  [
    "//libs/tls)",
    `error[bad-query]: expected an operator or the end, found ")"
 --> query:1:11
  |
1 | //libs/tls)
  |           ^`,
  ],
  [
    "dep(//libs/tls)",
    `error[unknown-function]: there is no function "dep"
 --> query:1:1
  |
1 | dep(//libs/tls)
  | ^^^
  = help: did you mean "deps"?`,
  ],
  [
    "zzzzzz(//libs/tls)",
    `error[unknown-function]: there is no function "zzzzzz"
 --> query:1:1
  |
1 | zzzzzz(//libs/tls)
  | ^^^^^^
  = help: the functions are deps, rdeps, allrdeps, same_pkg_direct_rdeps, allpaths, somepath, some, kind, filter, attr, labels, siblings, buildfiles, loadfiles, rbuildfiles, inputs, outputs, mnemonic, whatinputs, whatoutputs, changes`,
  ],
  [
    "rdeps(//libs/tls)",
    `error[bad-query]: expected ",", found ")"
 --> query:1:17
  |
1 | rdeps(//libs/tls)
  |                 ^
  = help: it is used as rdeps(universe, e[, depth])`,
  ],
  [
    "somepath(//libs/tls, //libs/net, 3)",
    `error[bad-query]: somepath takes no more than this
 --> query:1:32
  |
1 | somepath(//libs/tls, //libs/net, 3)
  |                                ^
  = help: it is used as somepath(from, to)`,
  ],
  [
    "deps(//libs/tls, x)",
    `error[bad-query]: expected a number from 0, found "x"
 --> query:1:18
  |
1 | deps(//libs/tls, x)
  |                  ^`,
  ],
  [
    "deps(//libs/tls, -1)",
    `error[bad-query]: expected a number from 0, found "-"
 --> query:1:18
  |
1 | deps(//libs/tls, -1)
  |                  ^`,
  ],
  [
    "deps()",
    `error[bad-query]: expected a label, a function or (, found ")"
 --> query:1:6
  |
1 | deps()
  |      ^`,
  ],
  [
    'kind("(", //...)',
    `error[bad-query]: this is no regular expression: unterminated group
 --> query:1:6
  |
1 | kind("(", //...)
  |      ^^^`,
  ],
  [
    "kind((x), //...)",
    `error[bad-query]: expected a regular expression, found "("
 --> query:1:6
  |
1 | kind((x), //...)
  |      ^`,
  ],
  [
    "set(//libs/tls, //libs/net)",
    `error[bad-query]: expected a label or ")", found ","
 --> query:1:15
  |
1 | set(//libs/tls, //libs/net)
  |               ^
note: to go with this one
 --> query:1:4
  |
1 | set(//libs/tls, //libs/net)
  |    ^
  = help: a set has labels and patterns, with spaces between them: set(//a //b)`,
  ],
  [
    "set(deps(//libs/tls))",
    `error[bad-query]: expected a label or ")", found "("
 --> query:1:9
  |
1 | set(deps(//libs/tls))
  |         ^
note: to go with this one
 --> query:1:4
  |
1 | set(deps(//libs/tls))
  |    ^
  = help: a set has labels and patterns, with spaces between them: set(//a //b)`,
  ],
  [
    "set //libs/tls",
    `error[bad-query]: expected "(", found "//libs/tls"
 --> query:1:5
  |
1 | set //libs/tls
  |     ^^^^^^^^^^`,
  ],
  [
    "//libs/#tls",
    `error[bad-query]: "#" cannot stand here without quotes
 --> query:1:8
  |
1 | //libs/#tls
  |        ^
  = help: put names and expressions with such characters into quotes`,
  ],
  [
    '"//libs/tls',
    `error[bad-query]: this quote is not closed
 --> query:1:1
  |
1 | "//libs/tls
  | ^
  = help: add " at the end of the name`,
  ],
  [
    "'//libs/tls",
    `error[bad-query]: this quote is not closed
 --> query:1:1
  |
1 | '//libs/tls
  | ^
  = help: add ' at the end of the name`,
  ],
  [
    "let x = //libs/tls",
    `error[bad-query]: expected "in", found the end of the query
 --> query:1:19
  |
1 | let x = //libs/tls
  |                   ^
note: to go with this one
 --> query:1:1
  |
1 | let x = //libs/tls
  | ^^^`,
  ],
  [
    "let 1x = //libs/tls in $x",
    `error[bad-query]: expected a name for a variable, found "1x"
 --> query:1:5
  |
1 | let 1x = //libs/tls in $x
  |     ^^
  = help: a name is made of letters, digits and _, and is used as $name`,
  ],
  [
    "let x //libs/tls in $x",
    `error[bad-query]: expected "=", found "//libs/tls"
 --> query:1:7
  |
1 | let x //libs/tls in $x
  |       ^^^^^^^^^^`,
  ],
  [
    "$x",
    `error[unknown-variable]: nothing is called "$x" here
 --> query:1:1
  |
1 | $x
  | ^^`,
  ],
  [
    "let tls = //libs/tls in $tsl + $y",
    `error[unknown-variable]: nothing is called "$tsl" here
 --> query:1:25
  |
1 | let tls = //libs/tls in $tsl + $y
  |                         ^^^^
  = help: did you mean "$tls"?
error[unknown-variable]: nothing is called "$y" here
 --> query:1:32
  |
1 | let tls = //libs/tls in $tsl + $y
  |                                ^^`,
  ],
  [
    "in",
    `error[bad-query]: expected a label, a function or (, found "in"
 --> query:1:1
  |
1 | in
  | ^^`,
  ],
  [
    "some(//empty:all)",
    `error[nothing-selected]: there is none to take some of
 --> query:1:1
  |
1 | some(//empty:all)
  | ^^^^^^^^^^^^^^^^^`,
  ],
  [
    "some(//libs/tls - //libs/tls) + some(set())",
    `error[nothing-selected]: there is none to take some of
 --> query:1:1
  |
1 | some(//libs/tls - //libs/tls) + some(set())
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
error[nothing-selected]: there is none to take some of
 --> query:1:33
  |
1 | some(//libs/tls - //libs/tls) + some(set())
  |                                 ^^^^^^^^^^^`,
  ],
  [
    "//libs/tsl",
    `error[unknown-package]: there is no package //libs/tsl
 --> query:1:1
  |
1 | //libs/tsl
  | ^^^^^^^^^^
  = help: did you mean "//libs/tls"?`,
  ],
  [
    "deps(//libs/tls:tsl) +\n  rdeps(//app/..., //libs/tls)",
    `error[unknown-target]: package //libs/tls has no target "tsl"
 --> query:1:6
  |
1 | deps(//libs/tls:tsl) +
  |      ^^^^^^^^^^^^^^
  = help: did you mean "tls"?
error[unknown-package]: there is no package at or below //app
 --> query:2:9
  |
2 |   rdeps(//app/..., //libs/tls)
  |         ^^^^^^^^^
  = help: did you mean "//apps"?`,
  ],
  [
    '"-//libs/tls"',
    `error[bad-label]: "-//libs/tls" subtracts from nothing
 --> query:1:1
  |
1 | "-//libs/tls"
  | ^^^^^^^^^^^^^
  = help: write "e except //libs/tls", where e is what to subtract from`,
  ],
  [
    "//libs//tls",
    `error[bad-label]: "//libs//tls" is not a target pattern: its package path is not valid
 --> query:1:1
  |
1 | //libs//tls
  | ^^^^^^^^^^^
  = help: did you mean "//libs/tls"?`,
  ],
  [
    "//apps/web:main.h",
    `error[missing-file]: package //apps/web has no file "main.h"
 --> query:1:1
  |
1 | //apps/web:main.h
  | ^^^^^^^^^^^^^^^^^
  = help: did you mean "main.c"?`,
  ],
  [
    "@unikarft//:source",
    `error[unknown-target]: no target needs the component @unikarft//:source
 --> query:1:1
  |
1 | @unikarft//:source
  | ^^^^^^^^^^^^^^^^^^
  = help: did you mean "@unikraft//:source"?`,
  ],
  [
    "../outside",
    `error[bad-label]: "../outside" is not a target pattern: it is outside of the workspace /w
 --> query:1:1
  |
1 | ../outside
  | ^^^^^^^^^^
  = help: a pattern is //package:target, //package, //package:all, //path/..., //path/...:target or a directory`,
  ],
  [
    "//libs/tls:",
    `error[bad-label]: "//libs/tls:" is not a target pattern: "" cannot be the name of a target
 --> query:1:1
  |
1 | //libs/tls:
  | ^^^^^^^^^^^
  = help: a pattern is //package:target, //package, //package:all, //path/..., //path/...:target or a directory`,
  ],
  [
    "deps(//libs/tls,)",
    `error[bad-query]: expected a number from 0, found ")"
 --> query:1:17
  |
1 | deps(//libs/tls,)
  |                 ^`,
  ],
  [
    "changes(HEAD^)",
    `error[bad-query]: expected "," or ")", found "^"
 --> query:1:13
  |
1 | changes(HEAD^)
  |             ^
  = help: put a revision into quotes: 'HEAD^'`,
  ],
  [
    "changes(HEAD^2, //...)",
    `error[bad-query]: expected "," or ")", found "^"
 --> query:1:13
  |
1 | changes(HEAD^2, //...)
  |             ^
  = help: put a revision into quotes: 'HEAD^2'`,
  ],
])("%j is refused with its place", (query, printed) => {
  expect(show(query, sampleGraph())).toBe(printed);
});

test("nesting is bounded, so that no query is too much for the stack", () => {
  const nested = (depth: number): string =>
    `${"deps(".repeat(depth)}//libs/net${")".repeat(depth)}`;
  expect(show(nested(199), sampleGraph())).toBe("//libs/net:net\n@unikraft//:source\n");
  expect(show(nested(100_000), sampleGraph()).split("\n")[0]).toBe(
    "error[bad-query]: this query is nested more than 200 deep",
  );
});
