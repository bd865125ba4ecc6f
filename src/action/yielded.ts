// Actions as an action writes them: JSON. Knows no graph, so not what other actions make.

import type { Label } from "../label/label.ts";
import type { Action, Argv, ExecPath, OptionHeader, WithoutOwner } from "./action.ts";
import { isExecPath } from "./exec-path.ts";
import { type StrictValue, readStrictJson } from "./strict-json.ts";
import { compareUtf8 } from "./utf8-order.ts";
import { readShared, sharedFields } from "./yielded-shared.ts";
import { readImageBuild } from "./yielded-build.ts";
import { readImageRoot } from "./yielded-root.ts";
import { readSource } from "./yielded-source.ts";

/**
 * `actions` as JSON that {@link parseYielded} reads. Their owners are left out: actions that an
 * action yields belong to its own target. Equal actions give equal text, for early cutoff.
 */
export function formatYielded(actions: readonly (Action | WithoutOwner<Action>)[]): string {
  const lines = actions.map((action) =>
    JSON.stringify({ ...action, owner: undefined }, inFieldOrder),
  );
  return `{"version":${formatVersion},"actions":[\n${lines.join(",\n")}\n]}\n`;
}

/**
 * The actions in `text`, all of `owner`; or what is wrong with it, one line. As a program wrote it,
 * nothing is taken on trust: no unknown field, no path that leaves the input root.
 */
export function parseYielded(
  text: string,
  owner: Label,
): readonly Action[] | { readonly problem: string } {
  const result = readStrictJson(text, (value) => {
    const document = value.object(["version", "actions"]);
    const version = document.required("version");
    if (version.count() !== formatVersion) version.refuse(`is not ${formatVersion}`);
    return document.required("actions").list((action) => readAction(action, owner));
  });
  return "problem" in result ? result : result.value;
}

/** Raised when a text would be read differently. */
const formatVersion = 1;

function readAction(value: StrictValue, owner: Label): Action {
  const kind = new Map(value.fields()).get("kind")?.text() ?? value.refuse("has no kind");
  switch (kind) {
    case "command":
      return readCommand(value, owner);
    case "compile":
      return readCompile(value, owner);
    case "program": {
      const own = value.object([...sharedFields, "program", "version", "args", "places"]);
      const places = own.optional("places")?.fields();
      return {
        kind,
        ...readShared(own, owner),
        program: own.required("program").name(),
        version: own.required("version").count(),
        args: own.required("args").list((arg) => arg.text()),
        ...(places !== undefined && {
          places: Object.fromEntries(places.map(([name, place]) => [name, place.text()])),
        }),
      };
    }
    case "write": {
      const own = value.object([...sharedFields, "text", "executable"]);
      const executable = own.optional("executable")?.boolean();
      return {
        kind,
        ...readShared(own, owner),
        text: own.required("text").text(),
        ...(executable !== undefined && { executable }),
      };
    }
    case "fetch": {
      const own = value.object([...sharedFields, "source"]);
      return { kind, ...readShared(own, owner), source: readSource(own.required("source")) };
    }
    default:
      return value.refuse(`is of no known kind: ${JSON.stringify(kind)}`);
  }
}

function readCommand(value: StrictValue, owner: Label): Action {
  const own = value.object([...sharedFields, ...commandFields]);
  const root = own.optional("root");
  const build = own.optional("build");
  const network = own.optional("network")?.boolean();
  const sharesSandbox = own.optional("sharesSandbox")?.boolean();
  return {
    kind: "command",
    ...readShared(own, owner),
    argv: readArgv(own.required("argv")),
    env: readEnvironment(own.required("env")),
    tools: own.required("tools").list((tool) => tool.name()),
    ...(network !== undefined && { network }),
    ...(sharesSandbox !== undefined && { sharesSandbox }),
    ...(root !== undefined && { root: readImageRoot(root) }),
    ...(build !== undefined && { build: readImageBuild(build) }),
  };
}

const commandFields = [
  "argv",
  "env",
  "tools",
  "network",
  "sharesSandbox",
  "root",
  "build",
] as const;

function readCompile(value: StrictValue, owner: Label): Action {
  const own = value.object([...sharedFields, ...compileFields]);
  const compile = own.optional("compile");
  const options = own.optional("options");
  return {
    kind: "compile",
    ...readShared(own, owner),
    preprocess: readArgv(own.required("preprocess")),
    ...(compile !== undefined && { compile: readArgv(compile) }),
    text: readPath(own.required("text")),
    depfile: readPath(own.required("depfile")),
    searchPath: own.required("searchPath").list(readArgument),
    ...(options !== undefined && { options: readOptions(options) }),
    env: readEnvironment(own.required("env")),
    tools: own.required("tools").list((tool) => tool.name()),
  };
}

const compileFields = [
  "preprocess",
  "compile",
  "text",
  "depfile",
  "searchPath",
  "options",
  "env",
  "tools",
] as const;

function readOptions(value: StrictValue): OptionHeader {
  const own = value.object(["header", "prefix"]);
  return { header: readPath(own.required("header")), prefix: own.required("prefix").name() };
}

function readArgv(value: StrictValue): Argv {
  const [program, ...args] = value.list(readArgument);
  if (program === undefined || program === "") return value.refuse("does not begin with a program");
  return [program, ...args];
}

function readPath(value: StrictValue): ExecPath {
  const path = value.text();
  return isExecPath(path) ? path : value.refuse("is no path in an input root");
}

function readEnvironment(value: StrictValue): Readonly<Record<string, string>> {
  const variables = value.fields().map(([name, variable]) => {
    if (!/^[^=\0]+$/.test(name)) variable.refuse("is not a name that a variable can have");
    return [name, readArgument(variable)] as const;
  });
  return Object.fromEntries(variables);
}

/** Text that the system takes; it would end at a zero byte. */
function readArgument(value: StrictValue): string {
  const text = value.text();
  return text.includes("\0") ? value.refuse("has a zero byte") : text;
}

/** For JSON.stringify: the fields of each object in one order. */
function inFieldOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareUtf8(a, b)));
}
