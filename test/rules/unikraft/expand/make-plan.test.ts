import { expect, test } from "vitest";

import { readMakePlan } from "../../../../rules/unikraft/expand/make-plan.ts";

test("a step has the target, what it needs, the core's word for it, and its commands", () => {
  const text = `/kraft/core/Makefile:66: update target '/kraft/build/config' due to: /kraft/build/.config FORCE
printf '  %-7s %s\\n' 'CP' 'config' && { cmp -s a b || cp a b; }
/kraft/core/Makefile:7: target '/kraft/build/list' does not exist
printf '  %-7s %s\\n' 'GEN'  'lib : list' && echo a | sort > /kraft/build/list
`;
  expect(readMakePlan(text)).toEqual([
    {
      target: "/kraft/build/config",
      prerequisites: ["/kraft/build/.config", "FORCE"],
      kind: "CP",
      commands: ["{ cmp -s a b || cp a b; }"],
      rule: "/kraft/core/Makefile:66",
    },
    {
      target: "/kraft/build/list",
      prerequisites: [],
      kind: "GEN",
      commands: ["echo a | sort > /kraft/build/list"],
      rule: "/kraft/core/Makefile:7",
    },
  ]);
});

test("make 4.4, which does not say what a missing target needs, is not taken at its words", () => {
  const text = `Makefile:1: update target '/kraft/build/a' due to: target does not exist
touch a
Makefile:2: update target 'all' due to: target is .PHONY
echo all
Makefile:3: update target '/kraft/build/b' due to: unknown reasons
touch b
`;
  expect(readMakePlan(text).map(({ target, prerequisites }) => [target, prerequisites])).toEqual([
    ["/kraft/build/a", []],
    ["all", []],
    ["/kraft/build/b", []],
  ]);
});

test("all commands of one target are one step, by the first word that the core has for it", () => {
  const text = `Linker.uk:25: update target '/kraft/build/k' due to: /kraft/build/k.dbg
printf '  %-7s %s\\n' 'SCSTRIP' ' : k' && strip -s k.dbg -o k
printf '  %-7s %s\\n' 'OBJCOPY' ' : k.multiboot' && objcopy -O elf32-i386 k
`;
  expect(readMakePlan(text)).toMatchObject([
    { kind: "SCSTRIP", commands: ["strip -s k.dbg -o k", "objcopy -O elf32-i386 k"] },
  ]);
});

test("a command that a backslash continues is one", () => {
  const text = `Makefile:1: target 'a' does not exist
if test -e b; then \\
  cp b a; \\
fi
`;
  expect(readMakePlan(text)).toMatchObject([{ commands: ["if test -e b; then    cp b a;  fi"] }]);
});

test("a target that only stands for others is no step", () => {
  const text = `Makefile:1: target 'all' does not exist
:
Makefile:2: update target 'images' due to: /kraft/build/k
true
make[1]: Nothing to be done for 'x'.
# a comment
`;
  expect(readMakePlan(text)).toEqual([]);
});

test("what is printed before the first target, or behind the last, is no command", () => {
  const text = `Using the default configuration
Makefile:1: target 'a' does not exist
touch a

# GNU Make 4.3
# Make data base, printed on Sat Nov 21 2026
b: c
\ttouch b
`;
  expect(readMakePlan(text)).toMatchObject([{ target: "a", commands: ["touch a"] }]);
});

test("a name with what people quote in it is a target's", () => {
  const text = `Makefile:1: update target '/kraft/build/it's' due to: /kraft/app/a'b
touch a
`;
  expect(readMakePlan(text)).toMatchObject([
    { target: "/kraft/build/it's", prerequisites: ["/kraft/app/a'b"] },
  ]);
});

test("nothing printed is no plan", () => {
  expect(readMakePlan("")).toEqual([]);
});
