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
  /** Where the next line of `text` is, as its author sees it: in `file`, at `line`. */
  let file: FilePart = { file: "", flags: "" };
  let line = 1;
  let entered = 1;
  let isAfterEnd = true;
  for (const content of lines) {
    const marker = readMarker(content);
    if (marker !== undefined) {
      const isChange = marker.isChange || marker.file !== file.file;
      file = marker;
      line = marker.line;
      if (isChange) {
        entered = line;
        written.change(content, file, line);
      }
      continue;
    }
    const isBlank = content.trim() === "";
    if (!isBlank) {
      const name = isAfterEnd ? prototypeIn(content) : undefined;
      if (name === undefined || !unused.has(name)) {
        const isMoved = name !== undefined && isGenerated(file.file);
        written.add(content, file, isMoved ? entered : line);
      }
      isAfterEnd = /[;}]\s*$/.test(content) && !content.startsWith("#");
    }
    line++;
  }
  if (lines.at(-1) !== "" && readMarker(lines.at(-1) ?? "") === undefined) written.leaveOpen();
  return written.text();
}

/** Which file a line is in, and what is known of that. */
interface FilePart {
  readonly file: string;
  /** Those that hold for all of it: `3` and `4`. */
  readonly flags: string;
}

/** Lines with as many markers as they need. */
class WrittenLines {
  readonly #lines: string[] = [];
  #file: FilePart = { file: "", flags: "" };
  #next = 1;
  #end = "\n";

  /** Takes in a marker that says more than a number. */
  change(marker: string, file: FilePart, line: number): void {
    this.#lines.push(marker);
    this.#file = file;
    this.#next = line;
  }

  /** Takes in what `content` has at `line` of `file`. */
  add(content: string, file: FilePart, line: number): void {
    const gap = line - this.#next;
    const isSame = file.file === this.#file.file && file.flags === this.#file.flags;
    if (isSame && gap >= 0 && gap <= mostBlankLines) {
      for (let i = 0; i < gap; i++) this.#lines.push("");
    } else this.#lines.push(`# ${line} "${file.file}"${file.flags}`);
    this.#lines.push(content);
    this.#file = file;
    this.#next = line + 1;
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

interface Marker extends FilePart {
  readonly line: number;
  /** Whether a file begins here, or goes on behind one that was included. */
  readonly isChange: boolean;
}

function readMarker(line: string): Marker | undefined {
  // Before all else, as most lines are none.
  if (!line.startsWith("# ")) return undefined;
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
  // Not by `matchAll`, which makes an object for each word.
  for (const word of text.match(/[A-Za-z_]\w*/g) ?? []) {
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
