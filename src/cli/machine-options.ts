import { parsePorts, type PortMapping } from "../machine/port.ts";
import { parseMemory } from "../machine/size.ts";
import type { DeviceWords } from "../machine/solo5.ts";

/** How a machine is to be, as typed. */
export interface MachineWords {
  readonly memory: string | undefined;
  readonly ports: readonly string[];
  readonly env: readonly string[];
  readonly kernelArgs: readonly string[];
  /** `NAME=FILE` each. */
  readonly block: readonly string[];
  /** `NAME=INTERFACE` each. */
  readonly net: readonly string[];
  readonly noAcceleration: boolean;
  readonly expect: string | undefined;
  readonly timeout: string | undefined;
}

/** How a machine is to be; or what is wrong with what was typed. */
export type MachineOptions =
  | {
      readonly kind: "options";
      readonly memoryBytes?: number;
      readonly ports: readonly PortMapping[];
      readonly env: readonly string[];
      readonly kernelArgs: readonly string[];
      readonly devices: DeviceWords;
      readonly acceleration: "auto" | "emulation";
      readonly expect?: string;
      readonly timeoutMs?: number;
    }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/** What `words` say. */
export function readMachineOptions(words: MachineWords): MachineOptions {
  const { env, kernelArgs, noAcceleration, expect } = words;
  const memory = words.memory === undefined ? undefined : parseMemory(words.memory);
  const ports = parsePorts(words.ports);
  const timeoutMs = timeoutOf(words.timeout);
  const devices = { block: namedBy(words.block), net: namedBy(words.net) };
  const unnamed = [...words.block, ...words.net].filter((word) => !deviceWord.test(word));
  const reasons = [
    ...(memory?.kind === "refused" ? memory.reasons : []),
    ...(ports.kind === "refused" ? ports.reasons : []),
    ...unnamed.map((word) => `${word} does not say which device: NAME=WHAT`),
    ...(timeoutMs === "refused" ? [`${words.timeout} is no number of seconds`] : []),
    ...(expect === "" ? ["--expect needs a text, as every output contains the empty one"] : []),
  ];
  if (reasons.length > 0 || ports.kind === "refused" || timeoutMs === "refused") {
    return { kind: "refused", reasons };
  }
  return {
    kind: "options",
    ports: ports.ports,
    env,
    kernelArgs,
    devices,
    acceleration: noAcceleration ? "emulation" : "auto",
    ...(memory?.kind === "memory" && { memoryBytes: memory.bytes }),
    ...(expect !== undefined && { expect }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

const deviceWord = /^([A-Za-z0-9]+)=(.+)$/s;

function namedBy(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name = "", what = ""] = deviceWord.exec(word) ?? [];
      return [name, what];
    }),
  );
}

/** In milliseconds. Timers of Node take no more than 2^31. */
function timeoutOf(text: string | undefined): number | undefined | "refused" {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const isUsable = /^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds < 2_000_000;
  return isUsable ? Math.ceil(seconds * 1000) : "refused";
}
