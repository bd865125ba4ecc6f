import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { defconfig } from "../../../../rules/unikraft/program/defconfig.ts";
import type { RequestedSetting } from "../../../../rules/unikraft/settings.ts";
import { runProgram } from "./program-rig.ts";

interface Request {
  readonly settings: readonly RequestedSetting[];
  readonly libraries?: readonly { readonly name: string; readonly path: string }[];
}

/** The defconfig for `request`, beside `files`. */
async function lines(
  files: Readonly<Record<string, string>>,
  { settings, libraries = [] }: Request,
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "kraft-defconfig-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const directories = [...new Set(Object.keys(files).map((path) => path.split("/")[0] ?? ""))];
  const words = JSON.stringify({ settings, libraries });
  await runProgram(defconfig, root, ["defconfig", words, ...directories], { output: "defconfig" });
  return readFileSync(join(root, "defconfig"), "utf8");
}

function user(symbol: string, value: string): RequestedSetting {
  return { symbol: `CONFIG_${symbol}`, value, by: "user" };
}

const types = `config B
\tbool "b"
config T
\ttristate "t"
config S
    string "s"
config H
\thex
\tdefault 0x10
menuconfig I
\tint "i"
config D
\tdef_bool y
`;

test("a value is quoted when its symbol is a string, and not for what it looks like", async () => {
  const settings = ["B", "T", "S", "H", "I", "D"].map((symbol) => user(symbol, "n"));
  expect(await lines({ "core/Config.uk": types }, { settings })).toBe(
    [
      "# CONFIG_B is not set",
      "# CONFIG_D is not set",
      "# CONFIG_H is not set",
      "# CONFIG_I is not set",
      "# CONFIG_T is not set",
      'CONFIG_S="n"',
      "",
    ].join("\n"),
  );
  const numbers = [user("S", "17"), user("I", "17"), user("H", "0x1F"), user("T", "m")];
  expect(await lines({ "core/Config.uk": types }, { settings: numbers })).toBe(
    'CONFIG_H=0x1F\nCONFIG_I=17\nCONFIG_S="17"\nCONFIG_T=m\n',
  );
});

test("a symbol that no file declares is quoted unless its value can only be a number or y, n, m", async () => {
  const values = ["y", "n", "m", "17", "-3", "0xff", "text", "", "1.5", "yes", "/a b"];
  const settings = values.map((value, i) => user(`X${i + 10}`, value));
  expect((await lines({ "core/Config.uk": "" }, { settings })).split("\n")).toEqual([
    "# CONFIG_X11 is not set",
    "CONFIG_X10=y",
    "CONFIG_X12=m",
    "CONFIG_X13=17",
    "CONFIG_X14=-3",
    "CONFIG_X15=0xff",
    'CONFIG_X16="text"',
    'CONFIG_X17=""',
    'CONFIG_X18="1.5"',
    'CONFIG_X19="yes"',
    'CONFIG_X20="/a b"',
    "",
  ]);
});

test("quotation marks and backslashes in a string are escaped", async () => {
  const settings = [user("S", 'a "b" \\c')];
  expect(await lines({ "core/Config.uk": types }, { settings })).toBe(
    'CONFIG_S="a \\"b\\" \\\\c"\n',
  );
});

test("declarations count in whichever file of Kconfig they are, with or without a prompt", async () => {
  const files = {
    "core/lib/a/Config.uk": "menu x\nconfig IN_A\n\tstring\nendmenu\n",
    "core/plat/Config.debug.uk": "config IN_B\n\tdef_bool n\n",
    "libs/c/Kconfig.c": 'config IN_C\n\tstring "c"\n',
    "app/notes.uk": "config IN_D\n\tstring\n",
  };
  const settings = ["IN_A", "IN_B", "IN_C", "IN_D"].map((symbol) => user(symbol, "y"));
  expect(await lines(files, { settings })).toBe(
    'CONFIG_IN_A="y"\nCONFIG_IN_B=y\nCONFIG_IN_C="y"\nCONFIG_IN_D=y\n',
  );
});

test("help may have any words, and ends where less is indented", async () => {
  const help = (line: string, type: string) =>
    `config ${line}\n\t${type} "x"\n\thelp\n\t  string that is used at boot,\n\n\t  bool or not\n`;
  const text = `${help("B", "bool")}\n${help("S", "string")}config I\n\thelp\n\t  string\n\tint\n`;
  const settings = ["B", "S", "I"].map((symbol) => user(symbol, "y"));
  expect(await lines({ "core/Config.uk": text }, { settings })).toBe(
    'CONFIG_B=y\nCONFIG_I=y\nCONFIG_S="y"\n',
  );
});

test("the type of a choice is not that of the symbol before it", async () => {
  const text = 'config S\n\tstring "s"\nchoice\n\tbool "c"\nconfig B\n\tbool\nendchoice\n';
  const settings = [user("S", "y"), user("B", "y")];
  expect(await lines({ "core/Config.uk": text }, { settings })).toBe('CONFIG_B=y\nCONFIG_S="y"\n');
});

test("a library is turned on by the option that its own file declares, but a user counts more", async () => {
  const files = {
    "libs/py/Config.uk": 'menuconfig LIBPYTHON3\n\tbool "Python"\nconfig LIBPYTHON3_MAIN\n\tbool\n',
    "libs/none/Makefile.uk": "",
  };
  const libraries = [
    { name: "python3", path: "libs/py" },
    { name: "none", path: "libs/none" },
  ];
  const guess = { symbol: "CONFIG_LIBPYTHON", value: "y", by: "library" } as const;
  expect(await lines(files, { settings: [guess], libraries })).toBe(
    "CONFIG_LIBPYTHON3=y\nCONFIG_LIBPYTHON=y\n",
  );
  const settings = [guess, user("LIBPYTHON3", "n")];
  expect(await lines(files, { settings, libraries })).toBe(
    "# CONFIG_LIBPYTHON3 is not set\nCONFIG_LIBPYTHON=y\n",
  );
});

test("the order of the request does not show in what it comes to", async () => {
  const settings = [user("B", "y"), user("S", "a"), user("I", "1")];
  const files = { "core/Config.uk": types };
  expect(await lines(files, { settings: settings.toReversed() })).toBe(
    await lines(files, { settings }),
  );
});
