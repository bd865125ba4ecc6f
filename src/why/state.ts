// What the result of an action depended on, as it is compared and exported. Knows no build.

import type { ExecPath } from "../action/action.ts";

/** All that a result came from. */
export interface State {
  /** The action's fields but those that decide nothing; undefined when they are not known. */
  readonly command: Readonly<Record<string, unknown>> | undefined;
  /** The digest of the command, which is known always. */
  readonly commandDigest: string;
  /** A digest for each tool, by name. */
  readonly tools: Readonly<Record<string, string>>;
  /** Each input, and what a compiler saw of options, in a short text. */
  readonly inputs: Readonly<Record<ExecPath, string>>;
  /** Which of `inputs` are names of options, and which file has them. */
  readonly options?: { readonly names: readonly string[]; readonly path: ExecPath };
}

/** What can be looked up of states, by the digests in them. */
export interface StateFacts {
  /** What the tool with this digest says of its version; undefined when that is not known. */
  readonly toolVersion: (digest: string) => string | undefined;
  /** What is in the directory `path` with this text, by path below it; undefined: not known. */
  readonly filesIn: (text: string, path: ExecPath) => ReadonlyMap<ExecPath, string> | undefined;
}
