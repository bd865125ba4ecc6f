// What the instructions of a Dockerfile say. Words with variables are as they are written: what
// they stand for depends on the stage.

import type { Span } from "../diagnostic/diagnostic.ts";
import type { Heredoc } from "./statement.ts";

/** One instruction of a stage. Source: Dockerfile reference. */
export type Instruction =
  | FileInstruction
  | RunInstruction
  | (InstructionBase & { readonly kind: "arg" | "env" | "label"; readonly pairs: readonly Pair[] })
  | (InstructionBase & {
      readonly kind: "workdir" | "user" | "stopsignal";
      readonly word: string;
    })
  | (InstructionBase & { readonly kind: "expose" | "volume"; readonly words: readonly string[] })
  | (InstructionBase & { readonly kind: "cmd" | "entrypoint"; readonly command: CommandForm })
  | (InstructionBase & { readonly kind: "shell"; readonly argv: readonly string[] })
  | (InstructionBase & { readonly kind: "healthcheck"; readonly check: Healthcheck })
  | (InstructionBase & { readonly kind: "onbuild"; readonly trigger: string })
  | (InstructionBase & { readonly kind: "maintainer"; readonly name: string });

interface InstructionBase {
  readonly at: Span;
  /** As people know it: keyword and text, on one line. */
  readonly text: string;
  readonly escape: string;
}

/** A name with what it is set to; `value` is absent for an `ARG` without a default. */
export interface Pair {
  readonly name: string;
  readonly value?: string;
}

/** Shell form, of one text; or exec form, of words. */
export type CommandForm =
  | { readonly kind: "shell"; readonly text: string }
  | { readonly kind: "exec"; readonly argv: readonly string[] };

/** `COPY` and `ADD`. */
export interface FileInstruction extends InstructionBase {
  readonly kind: "copy" | "add";
  /** Of `--from`: a stage, by name or number, or an image; absent: the build context. */
  readonly from?: string;
  readonly sources: readonly string[];
  readonly heredocs: readonly Heredoc[];
  readonly destination: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly checksum?: string;
  readonly isLinked: boolean;
  readonly keepsParents: boolean;
  readonly keepsGitDirectory: boolean;
  /** Of `--unpack`; absent: what the instruction does by itself. */
  readonly unpacks?: boolean;
  readonly excluded: readonly string[];
}

/** `RUN`. */
export interface RunInstruction extends InstructionBase {
  readonly kind: "run";
  readonly command: CommandForm;
  readonly heredocs: readonly Heredoc[];
  readonly mounts: readonly MountOptions[];
  readonly network: "default" | "none" | "host";
  readonly isPrivileged: boolean;
}

/** A `--mount` of `RUN`: its options as they are written. */
export interface MountOptions {
  readonly type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  readonly options: ReadonlyMap<string, string>;
  readonly at: Span;
}

/** How to find out whether a container is well; no unikernel is asked so. */
export interface Healthcheck {
  readonly test: readonly string[];
  /** Durations in nanoseconds, as image configs have them. */
  readonly times: Readonly<Record<string, number>>;
}

/** A stage: what stands between one `FROM` and the next. */
export interface Stage {
  /** In small letters; absent: it has only its number. */
  readonly name?: string;
  /** An image, a stage or `scratch`, as it is written. */
  readonly base: string;
  readonly platform?: string;
  readonly at: Span;
  readonly escape: string;
  readonly instructions: readonly Instruction[];
}

/** A whole file. */
export interface Dockerfile {
  /** Of `ARG` in front of the first `FROM`. */
  readonly arguments: readonly (Pair & { readonly escape: string; readonly at: Span })[];
  /** At least one. */
  readonly stages: readonly Stage[];
}
