// What is expected here is what conf of Unikraft 0.16.3 (Linux 5.2) writes for the same files.

import { expect, test } from "vitest";

import { kconfigIn, linesOf } from "./memory-kconfig.ts";

test("macros are expanded as they are used, or at once, and call each other with arguments", () => {
  const text = `name := early
late = $(name)
name := later
both += $(late)
both += more
if-y = $(shell,test $(1))
config A
	string
	default "$(name) $(late) $(both) $(HOME_OF) $(nothing)."
config B
	string
	default "$(if-y,x) \\"q\\" $(shell,a, b) $"
`;
  expect(linesOf(text)).toEqual([
    'CONFIG_A="later later later more kconfig ."',
    'CONFIG_B="test x \\"q\\" a, b $"',
  ]);
});

test("a wish holds where the option can be seen, and a default elsewhere", () => {
  const text = `config A
	bool "a"
config B
	bool "b" if A
	default y
config C
	int "c"
	depends on A && \\
		!B
	default 7
`;
  const wishes = "# CONFIG_B is not set\nCONFIG_C=9\n";
  expect(linesOf(text, wishes)).toEqual(["# CONFIG_A is not set", "CONFIG_B=y"]);
  expect(linesOf(text, `CONFIG_A=y\n${wishes}`)).toEqual([
    "CONFIG_A=y",
    "# CONFIG_B is not set",
    "CONFIG_C=9",
  ]);
});

test("what is selected is on whatever was asked for, and what is implied can be turned off", () => {
  const text = `config A
	def_bool y
	select B if !C
	imply D
config B
	bool "b"
config C
	bool "c"
config D
	bool "d"
`;
  expect(linesOf(text, "CONFIG_B=n\n")).toContain("CONFIG_B=y");
  expect(linesOf(text, "CONFIG_B=n\nCONFIG_C=y\n")).toContain("# CONFIG_B is not set");
  expect(linesOf(text)).toContain("CONFIG_D=y");
  expect(linesOf(text, "CONFIG_D=n\n")).toContain("# CONFIG_D is not set");
});

test("of a choice one is on: the last that was asked for, else the default, else the first", () => {
  const text = (more: string) => `choice
	prompt "c"
${more}
config A
	bool "a"
if A
config X
	bool "x"
endif
config B
	bool "b"
config C
	bool "c"
	depends on !A
endchoice
`;
  expect(linesOf(text("\tdefault B"))).toEqual([
    "# CONFIG_A is not set",
    "CONFIG_B=y",
    "# CONFIG_C is not set",
  ]);
  expect(linesOf(text(""))).toEqual([
    "CONFIG_A=y",
    "# CONFIG_X is not set",
    "# CONFIG_B is not set",
  ]);
  expect(linesOf(text("\toptional"))).toEqual([]);
  expect(linesOf(text(""), "CONFIG_A=y\nCONFIG_B=y\n")).toContain("CONFIG_B=y");
});

test("a number out of its range is as if nobody asked, and a default is bent into it", () => {
  const text = `config LOW
	int "low"
	default 3
config A
	int "a"
	range LOW 10
	default 99
config H
	hex "h"
	range 0x10 0x20
`;
  expect(linesOf(text, "CONFIG_A=5\n")).toContain("CONFIG_A=5");
  expect(linesOf(text, "CONFIG_A=2\n")).toContain("CONFIG_A=10");
  expect(linesOf(text, "CONFIG_A=2\nCONFIG_LOW=1\n")).toContain("CONFIG_A=2");
  expect(linesOf(text, "CONFIG_A=007\n")).toContain("CONFIG_A=10");
  expect(linesOf(text)).toContain("CONFIG_H=0x10");
  expect(linesOf(text, "CONFIG_H=1f\n")).toContain("CONFIG_H=1f");
});

test("m is there only with modules, and more than n is y without them", () => {
  const text = `config MODULES
	bool "modules"
	option modules
config T
	tristate "t"
config B
	bool "b"
	depends on T
config U
	tristate "u" if m
`;
  expect(linesOf(text, "CONFIG_MODULES=y\nCONFIG_T=m\nCONFIG_B=y\nCONFIG_U=y\n")).toEqual([
    "CONFIG_MODULES=y",
    "CONFIG_T=m",
    "CONFIG_B=y",
    "CONFIG_U=m",
  ]);
  expect(linesOf(text, "CONFIG_T=m\nCONFIG_U=y\n")).toEqual([
    "# CONFIG_MODULES is not set",
    "CONFIG_T=y",
    "# CONFIG_B is not set",
  ]);
});

test("other files are read in where they are named, by patterns too; one may be missing", () => {
  const files = {
    "lib/b.uk": "config B\n\tdef_bool y\n",
    "lib/a.uk": 'config A\n\tdef_bool y\n\nrsource "deep/c.uk"\n',
    "lib/deep/c.uk": "config C\n\tdef_bool y\n",
  };
  const text = 'source "lib/*.uk"\nosource "gone.uk"\nsource "missing.uk"\n';
  expect(linesOf(text, "", files)).toEqual(["CONFIG_A=y", "CONFIG_C=y", "CONFIG_B=y"]);
  expect(kconfigIn({ Kconfig: text, ...files }).warnings).toEqual([
    { place: { file: "Kconfig", line: 3 }, message: "there is no file missing.uk" },
  ]);
});

test("help ends where the indentation does, and tabs count to the next eighth column", () => {
  const text = 'config A\n\tbool "a"\n\thelp\n\t  First.\n\n            More.\n\tdefault y\n';
  const { root } = kconfigIn({ Kconfig: text });
  expect(root.children[0]?.help).toBe("First.\n\n  More.");
  expect(linesOf(text)).toEqual(["CONFIG_A=y"]);
});

test("menus stand in the file when they can be seen", () => {
  const kconfig = `mainmenu "Title"
menu "Outer"
comment "Remark"
menu "Hidden"
	visible if n
config A
	def_bool y
	prompt "a"
endmenu
endmenu
config B
	def_bool y
`;
  expect(linesOf(kconfig, "CONFIG_A=n\n")).toEqual(["CONFIG_A=y", "CONFIG_B=y"]);
});

test.each([
  ["frob A\n", 'Kconfig:1: "frob" is not expected here'],
  ['menu "m"\n', "Kconfig:1: this has no end"],
  ["\nendif\n", "Kconfig:2: there is no if that ends here"],
  ["config A\n\tdepends on (B\n", 'Kconfig:2: a ")" is missing'],
  ["config A\n\tdefault $(x\n", 'Kconfig:2: there is no ")" for "$(x"'],
  ["a = $(a)\nconfig A\n\tdefault $(a)\n", "Kconfig:3: the variable a contains itself"],
  ['source "Kconfig"\n', "Kconfig:1: Kconfig reads itself in"],
  ["$(error-if,y,stop here)\n", "Kconfig:1: stop here"],
])("%j is refused with its line", (text, message) => {
  expect(() => kconfigIn({ Kconfig: text })).toThrow(message);
});
