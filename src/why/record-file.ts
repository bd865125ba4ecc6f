// What targets were last made of, as lines of JSON that another machine can compare with its own.

import type { ExecPath } from "../action/action.ts";
import type { State } from "./state.ts";

/** All that was written down of some targets. */
export interface RecordSet {
  readonly engine: string;
  readonly targets: readonly string[];
  /** Each behind what it needs. */
  readonly actions: readonly RecordedAction[];
  /** What is in input directories, by the text that stands for each. */
  readonly trees: ReadonlyMap<string, ReadonlyMap<ExecPath, string>>;
}

/** The last success of an action. */
export interface RecordedAction extends State {
  readonly id: ExecPath;
  readonly mnemonic: string;
  readonly subject: string;
  readonly owner: string;
  /** What each tool says of its version, where that is known. */
  readonly versions: Readonly<Record<string, string>>;
  /** A short text for each output. */
  readonly outputs: Readonly<Record<ExecPath, string>>;
}

/** `set` as text, of which {@link parseRecords} makes the same again. */
export function formatRecords({ engine, targets, actions, trees }: RecordSet): string {
  const lines: readonly unknown[] = [
    { kind: "records", version: formatVersion, engine, targets },
    ...[...trees].map(([text, files]) => ({
      kind: "tree",
      text,
      files: Object.fromEntries(files),
    })),
    ...actions.map((action) => ({ kind: "action", ...action })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** What `text` says; undefined when it is not of this form. As others wrote it, all is checked. */
export function parseRecords(text: string): RecordSet | undefined {
  try {
    const [head, ...lines] = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => fieldsOf(JSON.parse(line)));
    if (head?.["kind"] !== "records" || head["version"] !== formatVersion) return undefined;
    const trees = lines.filter(({ kind }) => kind === "tree");
    return {
      engine: textIn(head["engine"]),
      targets: listIn(head["targets"]).map(textIn),
      trees: new Map(
        trees.map(({ text: name, files }) => [
          textIn(name),
          new Map(Object.entries(textsIn(files))),
        ]),
      ),
      actions: lines.filter(({ kind }) => kind === "action").map(readAction),
    };
  } catch {
    return undefined;
  }
}

const formatVersion = 1;

type Fields = Readonly<Record<string, unknown>>;

function readAction(fields: Fields): RecordedAction {
  const { command, options } = fields;
  const { names, path } = options === undefined ? {} : fieldsOf(options);
  return {
    id: textIn(fields["id"]),
    mnemonic: textIn(fields["mnemonic"]),
    subject: textIn(fields["subject"]),
    owner: textIn(fields["owner"]),
    command: command === undefined ? undefined : fieldsOf(command),
    commandDigest: textIn(fields["commandDigest"]),
    tools: textsIn(fields["tools"]),
    versions: textsIn(fields["versions"]),
    inputs: textsIn(fields["inputs"]),
    outputs: textsIn(fields["outputs"]),
    ...(options !== undefined && {
      options: { names: listIn(names).map(textIn), path: textIn(path) },
    }),
  };
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new TypeError("not a map");
}

function listIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError("not a list");
}

function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError("not a text");
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).map(([name, text]) => [name, textIn(text)]),
  );
}
