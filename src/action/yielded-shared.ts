// What every action has, read from the JSON of a yielded one.

import type { Label } from "../label/label.ts";
import type { Action, ExecPath, Resources } from "./action.ts";
import { isExecPath } from "./exec-path.ts";
import type { StrictObject, StrictValue } from "./strict-json.ts";

/** The fields that an action of any kind may have. */
export const sharedFields = [
  "kind",
  "mnemonic",
  "subject",
  "inputs",
  "outputs",
  "yields",
  "modesOf",
  "without",
  "within",
  "mounts",
  "resources",
] as const;

type SharedField = (typeof sharedFields)[number];
type Shared = Omit<Action, "kind">;

/** The part of an action of `owner` that does not depend on its kind. */
export function readShared(own: StrictObject<SharedField>, owner: Label): Shared {
  const inputs = readPaths(own.required("inputs"), readInput);
  const subject = own.optional("subject")?.name();
  const yields = own.optional("yields");
  const modesOf = own.optional("modesOf")?.list(readInput);
  const without = own.optional("without");
  const within = own.optional("within");
  const mounts = own.optional("mounts");
  const resources = own.optional("resources");
  const known = new Set(inputs);
  const outputs = readOutputs(own.required("outputs"), known);
  if (modesOf?.some((path) => !known.has(path)) === true) {
    own.required("modesOf").refuse("has a path that is no input");
  }
  return {
    mnemonic: own.required("mnemonic").name(),
    owner,
    ...(subject !== undefined && { subject }),
    inputs,
    outputs,
    ...(yields !== undefined && { yields: readYields(yields, outputs) }),
    ...(modesOf !== undefined && { modesOf }),
    ...(without !== undefined && { without: readByInput(without, known, readPatterns) }),
    ...(within !== undefined && { within: readByInput(within, known, readInput) }),
    ...(mounts !== undefined && { mounts: readMounts(mounts) }),
    ...(resources !== undefined && { resources: readResources(resources) }),
  };
}

function readOutputs(value: StrictValue, inputs: ReadonlySet<ExecPath>): Action["outputs"] {
  const [first, ...others] = readPaths(value, readOutput);
  if (first === undefined) return value.refuse("is empty");
  if ([first, ...others].some((path) => inputs.has(path))) value.refuse("has an input in it");
  return [first, ...others];
}

function readPaths(value: StrictValue, read: (item: StrictValue) => ExecPath): ExecPath[] {
  const paths = value.list(read);
  return new Set(paths).size === paths.length ? paths : value.refuse("has a path twice");
}

function readOutput(value: StrictValue): ExecPath {
  const path = value.text();
  return isExecPath(path) ? path : value.refuse(`is no path in an input root: ${show(path)}`);
}

/** The whole root may be read, though no action may make it. */
function readInput(value: StrictValue): ExecPath {
  return value.text() === "." ? "." : readOutput(value);
}

function readYields(value: StrictValue, outputs: readonly ExecPath[]): ExecPath {
  const path = value.text();
  return outputs.includes(path) ? path : value.refuse("is none of the outputs");
}

/** What is said of some of the inputs, each read by `read`. */
function readByInput<T>(
  value: StrictValue,
  inputs: ReadonlySet<ExecPath>,
  read: (said: StrictValue) => T,
): Record<ExecPath, T> {
  const pairs = value.fields().map(([path, said]) => {
    if (!inputs.has(path)) said.refuse("is for none of the inputs");
    return [path, read(said)] as const;
  });
  return Object.fromEntries(pairs);
}

function readPatterns(list: StrictValue): string[] {
  return list.list((pattern) => pattern.text());
}

function readMounts(value: StrictValue): NonNullable<Action["mounts"]> {
  const pairs = value.fields().map(([path, seen]) => {
    if (!isExecPath(path) && path !== ".") seen.refuse(`is for no path: ${show(path)}`);
    return [path, readOutput(seen)] as const;
  });
  if (new Set(pairs.map(([, seen]) => seen)).size < pairs.length) value.refuse("has a path twice");
  return Object.fromEntries(pairs);
}

function readResources(value: StrictValue): Resources {
  return Object.fromEntries(value.fields().map(([pool, units]) => [pool, units.amount()]));
}

function show(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
