// What decides the result of an action, once: it is both hashed and explained.

import { assertNever } from "../base/brand.ts";
import type { Action, ExecPath } from "./action.ts";
import { factsOfBuild } from "./image-build.ts";
import { factsOfRoot } from "./image-root.ts";
import { identityOf } from "./remote-source.ts";
import type { Node } from "./result.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** One thing that decides a result: what people call it, and what it is. */
export type Fact = readonly [name: string, value: string];

/** What facts are drawn from. */
export interface KeySource {
  readonly action: Action;
  /** A node for each path that the action reads. */
  readonly inputs: ReadonlyMap<ExecPath, Node>;
  /** For each tool of the action a text that changes when the tool does. */
  readonly toolchain: ReadonlyMap<string, string>;
  /** Whose results may be used: keys of different scopes differ. Absent: everyone's. */
  readonly scope?: string | undefined;
}

/** An action with all that its result depends on, as the REAPI messages divide it. */
export interface KeyParts {
  /** Their values are the arguments of the Command. */
  readonly arguments: readonly Fact[];
  readonly environment: Readonly<Record<string, string>>;
  readonly outputPaths: readonly ExecPath[];
  readonly inputs: ReadonlyMap<ExecPath, Node>;
  /** What no field of the messages holds. */
  readonly salt: readonly Fact[];
}

/**
 * The parts of a key. Only a tool with a trailing `?` may be missing in the toolchain, which is a
 * fact too; any other throws, as it is a bug.
 */
export function keyPartsOf(source: KeySource): KeyParts {
  const { action, inputs, scope } = source;
  const general: Fact[] = [
    ["key scheme", keyScheme],
    // Else a command named kraft-graph could pass for a program of the engine.
    ["kind", action.kind],
  ];
  if (scope !== undefined) general.push(["scope", scope]);
  const own = ownPartsOf(source);
  const salt = [...general, ...own.salt];
  return { outputPaths: action.outputs, inputs, ...own, salt };
}

/** What differs by the kind of action. */
function ownPartsOf({
  action,
  toolchain,
}: KeySource): Pick<KeyParts, "arguments" | "environment" | "salt"> {
  switch (action.kind) {
    case "command": {
      const network: Fact[] = action.network === true ? [["network", "yes"]] : [];
      const root = action.root === undefined ? [] : factsOfRoot(action.root);
      const build = action.build === undefined ? [] : factsOfBuild(action.build);
      const salt = [...network, ...root, ...build, ...toolFactsOf(action.tools, toolchain)];
      return { arguments: listed("argv", action.argv), environment: action.env, salt };
    }
    case "compile": {
      const { preprocess, compile = [], searchPath, options, env: environment, tools } = action;
      const args = [...listed("preprocess", preprocess), ...listed("compile", compile)];
      const header: Fact[] =
        options === undefined ? [] : [["options", `${options.prefix} in ${options.header}`]];
      const salt = [...listed("search path", searchPath), ...header];
      return { arguments: args, environment, salt: [...salt, ...toolFactsOf(tools, toolchain)] };
    }
    case "program": {
      const program: Fact[] = [...engine, ["operation", "program"], ["program", action.program]];
      const salt: Fact[] = [
        ["program version", String(action.version)],
        ...(action.code === undefined ? [] : [["program code", action.code] as const]),
        ...toolFactsOf([engineTool], toolchain),
      ];
      const args = [...program, ...listed("args", action.args)];
      return { arguments: args, environment: {}, salt };
    }
    case "write": {
      const mode = action.executable === true ? "executable" : "plain";
      const args: Fact[] = [...engine, ["operation", "write"], ["mode", mode]];
      return { arguments: [...args, ["text", action.text]], environment: {}, salt: [] };
    }
    case "fetch": {
      const fetched: Fact[] = [...engine, ["operation", "fetch"]];
      const args = [...fetched, ...identityOf(action.source)];
      return { arguments: args, environment: {}, salt: [] };
    }
    default:
      return assertNever(action);
  }
}

/** Everything that decides a result, in a fixed order. Equal facts give equal keys. */
export function factsOf(source: KeySource): readonly Fact[] {
  const parts = keyPartsOf(source);
  return [
    ...factsOfPart.arguments(parts.arguments),
    ...factsOfPart.environment(parts.environment),
    ...factsOfPart.inputs(parts.inputs),
    ...factsOfPart.outputPaths(parts.outputPaths),
    ...factsOfPart.salt(parts.salt),
  ];
}

/** A case for each part, or it does not compile: what is hashed can be explained. */
const factsOfPart: { [Part in keyof KeyParts]: (part: KeyParts[Part]) => readonly Fact[] } = {
  arguments: (facts) => facts,
  environment: (variables) =>
    sorted(Object.entries(variables).map(([name, value]): Fact => [`env.${name}`, value])),
  inputs: (nodes) =>
    sorted([...nodes].map(([path, node]): Fact => [`input ${path}`, textOf(node)])),
  outputPaths: (paths) =>
    sorted([...new Set(paths)].map((path): Fact => [`output ${path}`, "declared"])),
  salt: (facts) => facts,
};

/** By which name a toolchain has the engine itself, which runs programs; it may be left out. */
export const engineTool = "kraft-graph?";

/** Raised whenever results under the old keys are no longer good. */
const keyScheme = "1";

/** The first argument of what the engine does itself. */
const engine: readonly Fact[] = [["engine", "kraft-graph"]];

function listed(name: string, values: readonly string[]): readonly Fact[] {
  return values.map((value, i): Fact => [`${name}[${i}]`, value]);
}

function toolFactsOf(
  tools: readonly string[],
  toolchain: ReadonlyMap<string, string>,
): readonly Fact[] {
  const facts = new Map<string, string>();
  for (const tool of tools) {
    const name = tool.replace(/\?$/, "");
    const identity = toolchain.get(tool) ?? toolchain.get(name);
    if (identity === undefined && name === tool) throw new Error(`bug: no identity of ${tool}`);
    facts.set(`tool ${name}`, identity ?? "absent");
  }
  return sorted([...facts]);
}

function sorted(facts: readonly Fact[]): readonly Fact[] {
  return facts.toSorted(([a], [b]) => compareUtf8(a, b));
}

function textOf(node: Node): string {
  switch (node.kind) {
    case "file": {
      const mode = node.mode === undefined ? "" : ` mode ${node.mode.toString(8)}`;
      return `${node.digest}${node.executable ? " executable" : ""}${mode}`;
    }
    case "symlink":
      return `link to ${node.target}`;
    case "tree":
      return `directory ${node.root}`;
    default:
      return assertNever(node);
  }
}
