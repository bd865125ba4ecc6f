import type { Instruction, MountOptions } from "./instruction.ts";
import { commandOf, type Reading } from "./read-instruction.ts";
import type { Flag } from "./words.ts";

/** `RUN`. */
export function readRun(reading: Reading): Instruction | undefined {
  const { base, statement } = reading;
  const { flags, all, rest } = reading.flags(["mount", "network", "security"]);
  const text = statement.text.slice(rest);
  if (text === "") return reading.mistake("RUN needs a command");
  const network = oneOf(flags.get("network"), ["default", "none", "host"], reading);
  const security = oneOf(flags.get("security"), ["sandbox", "insecure"], reading);
  const mounts = all.filter(({ name }) => name === "mount").map((flag) => mountOf(flag, reading));
  if (network === undefined || security === undefined) return undefined;
  const read = mounts.filter((mount) => mount !== undefined);
  if (read.length < mounts.length) return undefined;
  return {
    ...base,
    kind: "run",
    command: commandOf(text),
    heredocs: statement.heredocs,
    mounts: read,
    network,
    isPrivileged: security === "insecure",
  };
}

/** The value of `flag`, the first of `allowed` when there is no flag; undefined when it is wrong. */
function oneOf<const T extends string>(
  flag: Flag | undefined,
  allowed: readonly [T, ...T[]],
  reading: Reading,
): T | undefined {
  if (flag === undefined) return allowed[0];
  const found = allowed.find((one) => one === flag.value);
  if (found !== undefined) return found;
  return reading.mistake(`--${flag.name} must be one of ${allowed.join(", ")}`, {}, flag.word);
}

const mountTypes = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;

const sharedKeys = ["type", "target", "dst", "destination"];
const keysOf: Readonly<Record<MountOptions["type"], readonly string[]>> = {
  bind: [...sharedKeys, "source", "src", "from", "rw", "readwrite", "ro", "readonly"],
  cache: [
    ...sharedKeys,
    ..."id sharing from source src mode uid gid ro readonly rw readwrite".split(" "),
  ],
  tmpfs: [...sharedKeys, "size"],
  secret: [...sharedKeys, "id", "source", "src", "required", "mode", "uid", "gid", "env"],
  ssh: [...sharedKeys, "id", "required", "mode", "uid", "gid"],
};

/** The options of a `--mount`: CSV of `name=value`, or of names alone. */
function mountOf({ value = "", word }: Flag, reading: Reading): MountOptions | undefined {
  const options = new Map<string, string>();
  for (const field of csvFields(value)) {
    const equals = field.indexOf("=");
    const key = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    options.set(key, equals === -1 ? "true" : field.slice(equals + 1));
  }
  const written = options.get("type") ?? "bind";
  const type = mountTypes.find((one) => one === written);
  if (type === undefined) {
    const message = `${JSON.stringify(written)} is no type of a mount`;
    return reading.mistake(message, { help: `it is one of ${mountTypes.join(", ")}` }, word);
  }
  const unknown = [...options.keys()].find((key) => !keysOf[type].includes(key));
  if (unknown !== undefined) {
    return reading.mistake(`a mount of type ${type} has no option ${unknown}`, {}, word);
  }
  const { start, end } = word;
  return { type, options, at: reading.statement.spanOf(start, end) };
}

/** Fields between commas, which may be quoted. */
function csvFields(text: string): string[] {
  const fields = text.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return fields.map((field) => field.replaceAll('"', ""));
}
