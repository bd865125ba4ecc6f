import type { FileInstruction, Instruction } from "./instruction.ts";
import type { Reading } from "./read-instruction.ts";
import { blankSeparated, type Flag, jsonWordsOf } from "./words.ts";

const copyFlags = ["chmod", "chown", "exclude", "from", "link", "parents"];
const addFlags = ["checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"];

/** `COPY` and `ADD`. */
export function readFiles(kind: "copy" | "add", reading: Reading): Instruction | undefined {
  const { base, statement } = reading;
  const { flags, all, rest } = reading.flags(kind === "copy" ? copyFlags : addFlags);
  const text = statement.text.slice(rest);
  const words = jsonWordsOf(text) ?? blankSeparated(text);
  const destination = words.at(-1);
  const isHeredoc = (word: string) => statement.heredocs.some(({ name }) => isMarkerOf(word, name));
  const sources = words.slice(0, -1).filter((word) => !isHeredoc(word));
  const { heredocs } = statement;
  if (destination === undefined || isHeredoc(destination) || sources.length + heredocs.length < 1) {
    return reading.mistake(`${statement.keyword} needs at least one source, and a destination`);
  }
  if (
    sources.length + heredocs.length > 1 &&
    !/(?:^|\/)\.{0,2}$/.test(withoutQuotes(destination))
  ) {
    return reading.mistake(
      "the destination of several sources must be a directory, and end with /",
    );
  }
  for (const { name, value, word } of all) {
    const isSwitch = ["link", "parents", "keep-git-dir", "unpack"].includes(name);
    if (isSwitch ? !/^(?:true|false)?$/.test(value ?? "") : (value ?? "") === "") {
      return reading.mistake(`--${name} needs ${isSwitch ? "true or false" : "a value"}`, {}, word);
    }
  }
  const unpacks = flags.get("unpack");
  return {
    ...base,
    kind,
    sources,
    heredocs,
    destination,
    isLinked: isOn(flags.get("link")),
    keepsParents: isOn(flags.get("parents")),
    keepsGitDirectory: isOn(flags.get("keep-git-dir")),
    excluded: all.flatMap(({ name, value }) => (name === "exclude" ? (value ?? []) : [])),
    ...(unpacks !== undefined && { unpacks: isOn(unpacks) }),
    ...valuesOf(flags),
  };
}

type Values = Pick<FileInstruction, "from" | "chown" | "chmod" | "checksum">;

function valuesOf(flags: ReadonlyMap<string, Flag>): Values {
  const names = ["from", "chown", "chmod", "checksum"] as const;
  const given = names.map((name) => [name, flags.get(name)?.value] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Values;
}

/** `--link` alone is `--link=true`. */
function isOn(flag: Flag | undefined): boolean {
  return flag !== undefined && flag.value !== "false";
}

/** Whether `word` is what begins the here-document `name`. */
function isMarkerOf(word: string, name: string): boolean {
  return /^\d*<<-?/.test(word) && withoutQuotes(word).replace(/^\d*<<-?/, "") === name;
}

function withoutQuotes(word: string): string {
  return word.replaceAll(/["']/g, "");
}
