// Which other files a source asks for, told from its text. Knows no disk.

/** A name by which a source asks for another file, or asks whether there is one. */
export interface IncludeName {
  readonly name: string;
  /** Whether the directory of the source is where it is looked for first, and best found there. */
  readonly isLocal: boolean;
  /** Whether the next one is meant that is found after the source itself. */
  readonly isNext: boolean;
}

/**
 * What `text` asks for, in directives that count and in those that do not. Undefined when that
 * cannot be told from it alone, as the name comes out of a macro.
 *
 * Source: C17, 5.1.1.2 (lines that go on) and 6.10.2; GCC, The C Preprocessor, 4.3 (`__has_include`).
 */
export function includeNamesIn(text: string): readonly IncludeName[] | undefined {
  const whole = splicedText(text);
  if (whole === undefined) return undefined;
  const names: IncludeName[] = [];
  for (const [, verb = "", rest = ""] of whole.matchAll(directive)) {
    if (verb === "" && rest.trimStart().startsWith("/*")) return undefined;
    if (/^(embed|import)$/.test(verb)) return undefined;
    if (!/^include(_next)?$/.test(verb)) continue;
    const literal = /^(?:\s|\/\*.*?\*\/)*(?:"([^"\n]+)"|<([^>\n]+)>)/.exec(rest);
    if (literal === null) return undefined;
    names.push(nameOf(verb, literal));
  }
  for (const { 0: word, index } of whole.matchAll(/\b__has_(?:include|embed)\w*/g)) {
    if (
      /(?:\bdefined[ \t]*\(?|#[ \t]*ifn?def)[ \t]*$/.test(
        whole.slice(lineStart(whole, index), index),
      )
    ) {
      continue; // Whether the compiler knows the word, which its identity decides.
    }
    const rest = whole.slice(index + word.length, index + word.length + 500);
    const literal = /^[ \t]*\([ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)[ \t]*\)/.exec(rest);
    if (literal === null || word.includes("embed")) return undefined;
    names.push(nameOf(word, literal));
  }
  return names;
}

/** Whether what `text` comes to depends on when it is compiled, or when it was written. */
export function tellsTime(text: string): boolean {
  return /__(?:DATE|TIME|TIMESTAMP)__/.test(text);
}

/** Whether assembling `text` may read further files, which no depfile tells of. */
export function readsMore(text: string): boolean {
  return /\.(?:incbin|include)\b/.test(text);
}

/**
 * `text` with lines put together that a backslash continues; undefined when it has trigraphs, as
 * the command decides whether they mean anything.
 */
export function splicedText(text: string): string | undefined {
  if (/\?\?[=/]/.test(text)) return undefined;
  return text.includes("\\") ? text.replaceAll(/\\[ \t]*\r?\n/g, "") : text;
}

/** At the start of a line, but for blanks and comments; `rest` goes to the end of the line. */
const directive = /^(?:.*\*\/)?[ \t\f\v]*(?:#|%:)(?:[ \t\f\v]|\/\*.*?\*\/)*([A-Za-z_]*)(.*)$/gm;

function nameOf(verb: string, [, quoted, bracketed]: RegExpExecArray): IncludeName {
  const isNext = verb.includes("_next");
  return { name: quoted ?? bracketed ?? "", isLocal: quoted !== undefined && !isNext, isNext };
}

function lineStart(text: string, index: number): number {
  return text.lastIndexOf("\n", index) + 1;
}
