import type { Healthcheck, Instruction } from "./instruction.ts";
import { commandOf, type Reading } from "./read-instruction.ts";

const timeFlags = ["interval", "timeout", "start-period", "start-interval"] as const;

/** `HEALTHCHECK`, which no unikernel uses, but which must be right all the same. */
export function readHealthcheck(reading: Reading): Instruction | undefined {
  const { base, statement } = reading;
  const { flags, rest } = reading.flags([...timeFlags, "retries"]);
  const text = statement.text.slice(rest);
  if (/^none$/i.test(text)) {
    return { ...base, kind: "healthcheck", check: { test: ["NONE"], times: {} } };
  }
  const [, command] = /^cmd\s+(.*)$/is.exec(text) ?? [];
  if (command === undefined) return reading.mistake("HEALTHCHECK takes NONE, or CMD and a command");
  const times: Record<string, number> = {};
  for (const name of timeFlags) {
    const flag = flags.get(name);
    if (flag === undefined) continue;
    const time = nanosecondsOf(flag.value ?? "");
    if (time === undefined) {
      return reading.mistake(`--${name} needs a time such as 30s`, {}, flag.word);
    }
    times[configNames[name]] = time;
  }
  const retries = flags.get("retries");
  if (retries !== undefined && !/^\d+$/.test(retries.value ?? "")) {
    return reading.mistake("--retries needs a whole number", {}, retries.word);
  }
  if (retries !== undefined) times["Retries"] = Number(retries.value);
  const form = commandOf(command);
  const test = form.kind === "exec" ? ["CMD", ...form.argv] : ["CMD-SHELL", form.text];
  const check: Healthcheck = { test, times };
  return { ...base, kind: "healthcheck", check };
}

const configNames = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
} as const;

const unitNs: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

function nanosecondsOf(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)];
  return parts.reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (unitNs[unit] ?? 0),
    0,
  );
}
