// Edits that people make to a workspace of unikernels, drawn by chance. Knows no build.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A number from 0 to `below`, which is excluded. */
export type Draw = (below: number) => number;

/** Numbers that only depend on `seed`. Source: mulberry32. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** An edit that was made. */
export interface Edit {
  /** As people would say it. */
  readonly what: string;
  /** The files of which only the text changed, if that is all; else anything may be made anew. */
  readonly changed?: readonly string[];
  /** Present when nothing can be built before it is undone. */
  readonly undo?: () => void;
}

/** The workspace as edits see it. */
export interface Editor {
  readonly root: string;
  readonly draw: Draw;
  /** Of files that were edited, as they were before all. */
  readonly originals: Map<string, string>;
  /** Counts edits, for names that are new. */
  count: number;
}

/** Makes one edit. */
export function editAtRandom(editor: Editor): Edit {
  editor.count += 1;
  const [edit] = pick(editor, weighted);
  return edit(editor);
}

type Make = (editor: Editor) => Edit;

/** Each as often as its number says. */
const weighted: readonly (readonly [Make])[] = (
  [
    [5, comment],
    [5, addFunction],
    [4, addDefinition],
    [3, useOption],
    [4, restore],
    [4, flipOption],
    [2, toggleLibrary],
    [3, toggleShadow],
    [2, toggleFlag],
    [2, toggleExport],
    [2, rename],
    [1, breakSource],
  ] as const
).flatMap(([times, make]) => Array.from({ length: times }, () => [make] as const));

function comment(editor: Editor): Edit {
  const path = pick(editor, sources(editor, /\.[chS]$/));
  return append(editor, path, `/* ${editor.count} */\n`, "a comment in");
}

function addFunction(editor: Editor): Edit {
  const path = pick(editor, sources(editor, /\.c$/));
  const { count } = editor;
  return append(
    editor,
    path,
    `int edit_${count}(void);\nint edit_${count}(void)\n{\n\treturn ${count};\n}\n`,
    "a function in",
  );
}

function addDefinition(editor: Editor): Edit {
  const path = pick(editor, sources(editor, /\.h$/));
  return append(
    editor,
    path,
    `#ifndef __ASSEMBLY__\n#define EDIT_${editor.count} 1\n#endif\n`,
    "a macro in",
  );
}

function useOption(editor: Editor): Edit {
  const path = pick(editor, sources(editor, /\.c$/));
  const option = pick(editor, options)[0];
  const name = `option_${editor.count}`;
  const text = `#include <uk/bits/config.h>\n#ifdef ${option}\nint ${name}(void);\nint ${name}(void)\n{\n\treturn 1;\n}\n#endif\n`;
  return append(editor, path, text, `${option} in`);
}

function append(editor: Editor, path: string, text: string, what: string): Edit {
  change(editor, path, (before) => before + text);
  return { what: `${what} ${path}`, changed: [path] };
}

/** A file as it was before all edits. */
function restore(editor: Editor): Edit {
  const paths = [...editor.originals.keys()].filter((path) => /\.[chS]$/.test(path)).sort();
  if (paths.length === 0) return comment(editor);
  const path = pick(editor, paths);
  const text = editor.originals.get(path) ?? "";
  editor.originals.delete(path);
  writeFileSync(join(editor.root, path), text);
  return { what: `${path} as it was`, changed: [path] };
}

const options: readonly (readonly [name: string, values: readonly string[]])[] = [
  ["CONFIG_APPHELLO_TIME", ["y"]],
  ["CONFIG_APPHELLO_GREETING", ['"Good morning"', '"Good night"']],
  ["CONFIG_LIBUKDEBUG_ENABLE_ASSERT", ["y"]],
  ["CONFIG_LIBUKDEBUG_BACKTRACE_DEPTH", ["5", "9"]],
  ["CONFIG_LIBUKPRINT_KLVL_INFO", ["y"]],
  ["CONFIG_LIBUKPRINT_PRINT_TIME", ["y"]],
  ["CONFIG_LIBUKPRINT_PRINT_SRCNAME", ["y"]],
  ["CONFIG_LIBUKALLOC_IFSTATS", ["y"]],
  ["CONFIG_LIBUKBOOT_MAXNBARGS", ["20", "30"]],
  ["CONFIG_LIBVFSCORE_MAX_FDS", ["64", "96"]],
  ["CONFIG_OPTIMIZE_SIZE", ["y"]],
];

function flipOption(editor: Editor): Edit {
  const path = pick(editor, ["hello/Kraftfile", "cat/Kraftfile"]);
  const [name, values] = pick(editor, options);
  const line = `    ${name}: '${pick(editor, values)}'\n`;
  change(editor, path, (text) => {
    const without = text.replace(new RegExp(`^    ${name}:.*\n`, "m"), "");
    return without === text ? text.replace(/^ {2}kconfig:\n/m, (head) => head + line) : without;
  });
  return { what: `${name} in ${path}` };
}

function toggleLibrary(editor: Editor): Edit {
  const crc = "  crc:\n    source: ../libs/lib-crc\n";
  change(editor, "hello/Kraftfile", (text) =>
    text.includes(crc)
      ? text.replace(crc, "")
      : text.replace(/^libraries:\n/m, (head) => head + crc),
  );
  return { what: "the library crc in hello/Kraftfile" };
}

/** A header that is found before the one of the same name. */
function toggleShadow(editor: Editor): Edit {
  const [path, original] = pick(editor, shadows);
  const file = join(editor.root, path);
  if (isThere(file)) {
    rmSync(file);
    return { what: `${path} is gone` };
  }
  const text = readFileSync(join(editor.root, original), "utf8");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${text}int shadow_${editor.count}(void);\n`);
  return { what: `${path} hides ${original}` };
}

const shadows = [
  ["core/include/string.h", "core/lib/nolibc/include/string.h"],
  ["core/include/uk/time.h", "core/include/uk/plat/time.h"],
  ["hello/wordcount.h", "libs/lib-wordcount/include/wordcount.h"],
  ["core/lib/ukprint/include/stdlib.h", "core/lib/nolibc/include/stdlib.h"],
] as const;

function toggleFlag(editor: Editor): Edit {
  const [path, library] = pick(editor, [
    ["hello/Makefile.uk", "APPHELLO"],
    ["libs/lib-wordcount/Makefile.uk", "LIBWORDCOUNT"],
    ["core/lib/uktime/Makefile.uk", "LIBUKTIME"],
  ] as const);
  const line = `${library}_CFLAGS-y += -DEDIT=${editor.draw(3)}\n`;
  toggleLine(editor, path, line);
  return { what: `${line.trimEnd()} in ${path}` };
}

function toggleExport(editor: Editor): Edit {
  const path = pick(editor, ["libs/lib-wordcount/exportsyms.uk", "core/lib/uktime/exportsyms.uk"]);
  toggleLine(editor, path, `exported_${editor.draw(2)}\n`);
  return { what: `an export in ${path}` };
}

function toggleLine(editor: Editor, path: string, line: string): void {
  change(editor, path, (text) => (text.includes(line) ? text.replace(line, "") : text + line));
}

/** A source under another name, and where that is listed. */
function rename(editor: Editor): Edit {
  const directory = pick(editor, ["cat", "libs/lib-wordcount", "core/lib/uktime"]);
  const names = readdirSync(join(editor.root, directory)).filter((name) => name.endsWith(".c"));
  const from = pick(editor, names.sort());
  const to = `r${editor.count}_${from.replace(/^r\d+_/, "")}`;
  renameSync(join(editor.root, directory, from), join(editor.root, directory, to));
  editor.originals.delete(`${directory}/${from}`);
  change(editor, `${directory}/Makefile.uk`, (text) => text.replace(`/${from}`, `/${to}`));
  return { what: `${directory}/${from} is now ${to}` };
}

function breakSource(editor: Editor): Edit {
  const path = pick(editor, ["hello/main.c", "core/lib/ukprint/include/uk/print.h"]);
  const file = join(editor.root, path);
  const before = readFileSync(file, "utf8");
  writeFileSync(file, `${before}#error edit ${editor.count}\n`);
  return { what: `a mistake in ${path}`, undo: () => writeFileSync(file, before) };
}

function change({ root, originals }: Editor, path: string, make: (text: string) => string): void {
  const file = join(root, path);
  const before = readFileSync(file, "utf8");
  if (!originals.has(path)) originals.set(path, before);
  writeFileSync(file, make(before));
}

/** Files that both kernels may be made of, whose path fits `name`. */
function sources({ root }: Editor, name: RegExp): string[] {
  return ["hello", "cat", "libs", "core/lib", "core/plat", "core/include"].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && name.test(basename(entry.name)))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      // Embedded text is data, and scripts of linkers take no C.
      .filter((path) => !path.endsWith(".lds.S"))
      .sort(),
  );
}

function isThere(file: string): boolean {
  return readdirSync(dirname(file)).includes(basename(file));
}

function pick<T>({ draw }: Editor, all: readonly T[]): T {
  return all[draw(all.length)]!;
}
