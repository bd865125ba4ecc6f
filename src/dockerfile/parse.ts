// Dockerfiles → stages. Reports every mistake with its place; reads no other file.

import type { Report, Source } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { Dockerfile, Instruction, Pair, Stage } from "./instruction.ts";
import { Reading, readersOf } from "./read-instruction.ts";
import { type Statement, statementsOf } from "./statement.ts";
import { wordsOf } from "./words.ts";

/** The stages of `source`; undefined when a mistake was reported that makes it useless. */
export function parseDockerfile(source: Source, report: Report): Dockerfile | undefined {
  let isGood = true;
  const statements = statementsOf(source);
  const stages: { head: Omit<Stage, "instructions">; instructions: Instruction[] }[] = [];
  const globals: Dockerfile["arguments"][number][] = [];
  const tell: Report = (diagnostic) => {
    if (diagnostic.severity === "error") isGood = false;
    report(diagnostic);
  };
  for (const statement of statements) {
    const reading = new Reading(statement, tell);
    if (statement.keyword === "FROM") {
      const head = readFrom(reading);
      if (head !== undefined) stages.push({ head, instructions: [] });
      continue;
    }
    const instruction = readInstruction(reading);
    const stage = stages.at(-1);
    if (stage !== undefined) {
      if (instruction !== undefined) stage.instructions.push(instruction);
    } else if (instruction?.kind === "arg") {
      const { at, escape } = statement;
      globals.push(...instruction.pairs.map((pair: Pair) => ({ ...pair, at, escape })));
    } else if (instruction !== undefined && isGood) {
      reading.mistake(`${statement.keyword} stands in front of the first FROM`);
    }
  }
  if (stages.length === 0 && isGood) {
    const at = { source, start: 0, end: 0 };
    const message = "the Dockerfile has no FROM, so there is nothing to build";
    tell({ severity: "error", code: "bad-dockerfile", message, at });
  }
  if (!isGood) return undefined;
  const whole = stages.map(({ head, instructions }) => ({ ...head, instructions }));
  return { arguments: globals, stages: whole };
}

/** The instructions that `trigger` of an ONBUILD stands for, with its mistakes under its name. */
export function parseTrigger(trigger: string, image: string, report: Report): Instruction[] {
  const source = { path: `ONBUILD of ${image}`, text: trigger };
  return statementsOf(source).flatMap(
    (statement) => readInstruction(new Reading(statement, report)) ?? [],
  );
}

function readInstruction(reading: Reading): Instruction | undefined {
  const { keyword, heredocs } = reading.statement;
  const read = readersOf[keyword];
  if (read === undefined) {
    const known = [...Object.keys(readersOf), "FROM"];
    reading.mistake(`there is no instruction ${keyword}`, didYouMean(keyword, known));
    return undefined;
  }
  const open = heredocs.find(({ isClosed }) => !isClosed);
  if (open !== undefined) {
    reading.mistake(`the here-document ${open.name} has no end`);
    return undefined;
  }
  if (reading.statement.text === "") {
    reading.mistake(`${keyword} needs an argument`);
    return undefined;
  }
  return read(reading);
}

function readFrom(reading: Reading): Omit<Stage, "instructions"> | undefined {
  const { statement } = reading;
  const { flags, rest } = reading.flags(["platform"]);
  const words = wordsOf(statement, rest);
  const [base, as, name, ...others] = words;
  const isNamed = as !== undefined && name !== undefined && /^as$/i.test(as.text);
  if (base === undefined || others.length > 0 || (as !== undefined && !isNamed)) {
    reading.mistake("FROM takes an image, or an image AS a name");
    return undefined;
  }
  if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/i.test(name.text)) {
    reading.mistake(`${JSON.stringify(name.text)} can be no name of a stage`, {}, name);
    return undefined;
  }
  const platform = flags.get("platform")?.value;
  return {
    base: base.text,
    at: at(statement, base.start, base.end),
    escape: statement.escape,
    ...(name !== undefined && { name: name.text.toLowerCase() }),
    ...(platform !== undefined && { platform }),
  };
}

function at(statement: Statement, start: number, end: number) {
  return statement.spanOf(start, end);
}
