// Statements → instructions, one reader for each keyword.

import type { Report } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { CommandForm, Instruction, Pair } from "./instruction.ts";
import { readFiles } from "./read-files.ts";
import { readHealthcheck } from "./read-healthcheck.ts";
import { readRun } from "./read-run.ts";
import type { Statement } from "./statement.ts";
import { blankSeparated, type Flag, flagsOf, jsonWordsOf, type Word, wordsOf } from "./words.ts";

/** A statement that is being read, and a place for its mistakes. */
export class Reading {
  readonly statement: Statement;
  readonly #report: Report;

  constructor(statement: Statement, report: Report) {
    this.statement = statement;
    this.#report = report;
  }

  /** What all instructions have. */
  get base() {
    const { keyword, text, at, escape } = this.statement;
    return { at, escape, text: `${keyword} ${text}` };
  }

  /** Reports a mistake: at `word`, else at the keyword. Gives nothing, for readers to return. */
  mistake(message: string, more: { readonly help?: string } = {}, word?: Word): undefined {
    const { statement } = this;
    const place = word === undefined ? statement.at : statement.spanOf(word.start, word.end);
    this.#report({ severity: "error", code: "bad-dockerfile", message, at: place, ...more });
  }

  /** The flags by name; of several of one name the last. Unknown ones are reported. */
  flags(known: readonly string[]): { flags: Map<string, Flag>; all: Flag[]; rest: number } {
    const { flags: all, rest } = flagsOf(this.statement);
    for (const { name, word } of all) {
      if (known.includes(name)) continue;
      const message = `${this.statement.keyword} takes no --${name}`;
      this.mistake(message, didYouMean(name, known), word);
    }
    return { flags: new Map(all.map((flag) => [flag.name, flag])), all, rest };
  }
}

type Reader = (reading: Reading) => Instruction | undefined;

/** By keyword, FROM excepted. */
export const readersOf: Readonly<Record<string, Reader>> = {
  ADD: (reading) => readFiles("add", reading),
  ARG: (reading) => readPairs("arg", reading),
  CMD: (reading) => readCommand("cmd", reading),
  COPY: (reading) => readFiles("copy", reading),
  ENTRYPOINT: (reading) => readCommand("entrypoint", reading),
  ENV: (reading) => readPairs("env", reading),
  EXPOSE: (reading) => readWords("expose", reading),
  HEALTHCHECK: readHealthcheck,
  LABEL: (reading) => readPairs("label", reading),
  MAINTAINER: ({ base, statement }) => ({ ...base, kind: "maintainer", name: statement.text }),
  ONBUILD: readTrigger,
  RUN: readRun,
  SHELL: readShell,
  STOPSIGNAL: (reading) => readWord("stopsignal", reading),
  USER: (reading) => readWord("user", reading),
  VOLUME: (reading) => readWords("volume", reading),
  WORKDIR: (reading) => readWord("workdir", reading),
};

/** The command of `text`, in either form. */
export function commandOf(text: string): CommandForm {
  const argv = jsonWordsOf(text);
  return argv === undefined ? { kind: "shell", text } : { kind: "exec", argv };
}

function readCommand(kind: "cmd" | "entrypoint", { base, statement }: Reading): Instruction {
  return { ...base, kind, command: commandOf(statement.text) };
}

/** The whole text is one word, blanks and all. */
function readWord(
  kind: "workdir" | "user" | "stopsignal",
  { base, statement }: Reading,
): Instruction {
  return { ...base, kind, word: statement.text };
}

function readWords(kind: "expose" | "volume", { base, statement }: Reading): Instruction {
  const json = kind === "volume" ? jsonWordsOf(statement.text) : undefined;
  return { ...base, kind, words: json ?? blankSeparated(statement.text) };
}

/** `NAME=VALUE` any number of times; or `ENV NAME VALUE`, the old form of one. */
function readPairs(kind: "arg" | "env" | "label", reading: Reading): Instruction | undefined {
  const { base, statement } = reading;
  const words = wordsOf(statement);
  const [first] = words;
  if (kind !== "arg" && first !== undefined && !first.text.includes("=")) {
    const value = statement.text.slice(first.end).trim();
    if (value === "") return reading.mistake(`${statement.keyword} needs NAME=VALUE`, {}, first);
    return { ...base, kind, pairs: [{ name: first.text, value }] };
  }
  const pairs: Pair[] = [];
  for (const word of words) {
    const equals = word.text.indexOf("=");
    const name = equals === -1 ? word.text : word.text.slice(0, equals);
    if (name === "" || (equals === -1 && kind !== "arg")) {
      reading.mistake(`${JSON.stringify(word.text)} is no NAME=VALUE`, {}, word);
      continue;
    }
    pairs.push({ name, ...(equals !== -1 && { value: word.text.slice(equals + 1) }) });
  }
  return pairs.length < words.length ? undefined : { ...base, kind, pairs };
}

function readShell(reading: Reading): Instruction | undefined {
  const argv = jsonWordsOf(reading.statement.text);
  if (argv === undefined || argv.length === 0) {
    return reading.mistake('SHELL takes a list such as ["/bin/sh", "-c"]');
  }
  return { ...reading.base, kind: "shell", argv };
}

function readTrigger(reading: Reading): Instruction | undefined {
  const { base, statement } = reading;
  const [keyword = ""] = statement.text.split(/\s/);
  if (["ONBUILD", "FROM", "MAINTAINER"].includes(keyword.toUpperCase())) {
    return reading.mistake(`ONBUILD cannot hold ${keyword.toUpperCase()}`);
  }
  if (readersOf[keyword.toUpperCase()] === undefined) {
    const message = `there is no instruction ${keyword}`;
    return reading.mistake(message, didYouMean(keyword, Object.keys(readersOf)));
  }
  const bodies = statement.heredocs.map(({ content, name }) => `\n${content}${name}`);
  return { ...base, kind: "onbuild", trigger: statement.text + bodies.join("") };
}
