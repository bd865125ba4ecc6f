// A preprocessed text less what no object can depend on. Knows no compiler and no cache.

import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

import type { CompileAction } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import type { Inputs } from "./inputs.ts";

/** Takes out of `textFile`, which preprocessing left for `action`, what cannot matter. */
export function reduceText(
  action: CompileAction,
  textFile: string,
  inputs: Pick<Inputs, "isGenerated">,
): void {
  // By this name compilers know C, and by `-C` they leave comments in.
  if (!action.text.endsWith(".i") || action.preprocess.some((word) => /^-CC?$/.test(word))) return;
  const { outside } = mountsOf(action);
  const text = readFileSync(textFile, "latin1");
  const isGenerated = (file: string) => inputs.isGenerated(outside(posix.normalize(file)));
  const reduced = reducedText(text, isGenerated);
  if (reduced !== text) writeFileSync(textFile, reduced, "latin1");
}

/**
 * `text`, preprocessed C, without plain prototypes of functions that nothing else in it names:
 * which functions the rest of an image provides should not decide about each of its objects.
 *
 * Lines keep their numbers, but for what is left of such prototypes in a file that `isGenerated`:
 * which line they are on says how many functions are provided, and nothing else. They are given
 * that of the last change of files.
 *
 * Source: C17, 6.7.6.3 and 6.9; GCC, The C Preprocessor, 9 (lines that begin with `#`).
 */
export function reducedText(text: string, isGenerated: (file: string) => boolean): string {
  // Names may be spelled in other ways here, and strings may go on over several lines.
  if (/\\[uU][\dA-Fa-f]{4}|R"/.test(text)) return text;
  const lines = text.split("\n");
  const unused = unusedNamesIn(text, lines);
  const written = new WrittenLines();
  /** Where the next line of `text` is, as its author sees it. */
  let at: Place = { file: "", flags: "", line: 1 };
  let entered = 1;
  let isAfterEnd = true;
  for (const [i, line] of lines.entries()) {
    const marker = readMarker(line);
    if (marker !== undefined) {
      const isChange = marker.isChange || marker.file !== at.file;
      at = marker;
      if (isChange) {
        entered = marker.line;
        written.change(line, marker);
      }
      continue;
    }
    const name = isAfterEnd ? prototypeIn(line) : undefined;
    if (name === undefined || !unused.has(name)) {
      const isMoved = name !== undefined && isGenerated(at.file);
      if (line.trim() !== "") written.add(line, isMoved ? { ...at, line: entered } : at);
    }
    at = { ...at, line: at.line + 1 };
    if (line.trim() !== "") isAfterEnd = /[;}]\s*$/.test(line) && !line.startsWith("#");
    if (i === lines.length - 1 && line !== "") written.leaveOpen();
  }
  return written.text();
}

/** Where a line is: in which file, and what is known of that. */
interface Place {
  readonly file: string;
  /** Those that hold for all of it: `3` and `4`. */
  readonly flags: string;
  readonly line: number;
}

/** Lines with as many markers as they need. */
class WrittenLines {
  readonly #lines: string[] = [];
  #next: Place = { file: "", flags: "", line: 1 };
  #end = "\n";

  /** Takes in a marker that says more than a number. */
  change(marker: string, to: Place): void {
    this.#lines.push(marker);
    this.#next = to;
  }

  add(line: string, at: Place): void {
    const gap = at.line - this.#next.line;
    const isSame = at.file === this.#next.file && at.flags === this.#next.flags;
    if (isSame && gap >= 0 && gap <= mostBlankLines) {
      for (let i = 0; i < gap; i++) this.#lines.push("");
    } else this.#lines.push(`# ${at.line} "${at.file}"${at.flags}`);
    this.#lines.push(line);
    this.#next = { ...at, line: at.line + 1 };
  }

  /** The last line has no end. */
  leaveOpen(): void {
    this.#end = "";
  }

  text(): string {
    return this.#lines.join("\n") + this.#end;
  }
}

/** As compilers have it. */
const mostBlankLines = 8;

function readMarker(line: string): (Place & { readonly isChange: boolean }) | undefined {
  const match = /^# (\d+) "((?:[^"\\]|\\.)*)"((?: [1-4])*)$/.exec(line);
  if (match === null) return undefined;
  const [, number = "", file = "", all = ""] = match;
  return {
    file,
    flags: all.replaceAll(/ [12]/g, ""),
    line: Number(number),
    isChange: /[12]/.test(all),
  };
}

/** Names of plain prototypes that stand nowhere else in `text`, be it in a string. */
function unusedNamesIn(text: string, lines: readonly string[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const name = prototypeIn(line);
    if (name !== undefined) counts.set(name, 0);
  }
  if (counts.size === 0) return new Set();
  for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) {
    const count = counts.get(word);
    if (count !== undefined) counts.set(word, count + 1);
  }
  return new Set([...counts].flatMap(([name, count]) => (count === 1 ? [name] : [])));
}

/**
 * The name of the function that `line` declares, if it does no more than that: no type is in it
 * that must be known, and no compiler has ever heard of the function, so that it might call it
 * where it is declared.
 */
function prototypeIn(line: string): string | undefined {
  if (!line.endsWith(");")) return undefined;
  const match = prototype.exec(line);
  if (match === null) return undefined;
  const [, name = "", list = ""] = match;
  if (!/^[a-z][a-z\d]*_\w+$/.test(name) || knownNames.test(name)) return undefined;
  const named = list.split(",").flatMap((one) => parameter.exec(one.trim())?.[1] ?? []);
  if (new Set(named).size < named.length || named.some((one) => keywords.has(one))) {
    return undefined;
  }
  return name;
}

const scalar =
  "(?:float|double|long double|(?:(?:un)?signed )?(?:char|int|(?:short|long|long long)(?: int)?))";
const parameterPattern = `(?:const )?(?:${scalar} ?\\**|void ?\\*+)(?: ?\\b([A-Za-z_]\\w*))?`;
const parameter = new RegExp(`^${parameterPattern}$`);
const anyParameter = parameterPattern.replace("([A-Za-z_]", "(?:[A-Za-z_]");
const prototype = new RegExp(
  `^(?:extern )?(?:const )?(?:${scalar}|void)(?: | ?\\*+ ?)([A-Za-z_]\\w*) ?` +
    `\\((void|${anyParameter}(?:, ?${anyParameter})*)\\);$`,
);

/** What may stand where a name may in the patterns above, and is none. */
const keywords = new Set(
  "char const double float int long restrict short signed unsigned void volatile".split(" "),
);

/** Functions with such names are of a library that compilers know. Source: GCC, builtins.def. */
const knownNames = /(?:_unlocked|_r|_memalign|_alloc)$|^(?:omp|acc|goacc|gomp)_/i;
