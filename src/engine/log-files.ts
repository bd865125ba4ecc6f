import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Action, actionId } from "../action/action.ts";
import { digestOf } from "../digest/digest.ts";
import type { SandboxRun } from "../sandbox/sandbox.ts";
import { writeError } from "../store/store-error.ts";

/** What a program printed. */
export interface Streams {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Keeps what failed programs printed, in a file for each action. */
export class LogFiles {
  readonly #directory: string;

  /** In the absolute `directory`, which is made when missing. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What `run` printed. */
  read({ isSilent, stdoutFile, stderrFile }: SandboxRun): Streams {
    if (isSilent) return { stdout: nothing, stderr: nothing };
    return { stdout: readStream(stdoutFile), stderr: readStream(stderrFile) };
  }

  /** Writes the log of `action`; gives its last lines, and its path unless it printed nothing. */
  keep(action: Action, { stdout, stderr }: Streams): { lastLines: string; logFile?: string } {
    const text = Buffer.concat([stdout, stderr]);
    if (text.byteLength === 0) return { lastLines: "" };
    const name = actionId(action)
      .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
      .slice(-80);
    const logFile = join(this.#directory, `${name}-${digestOf(actionId(action)).slice(0, 8)}.log`);
    try {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(logFile, text);
    } catch (cause) {
      throw writeError(cause, logFile);
    }
    return { lastLines: lastLinesOf(text.toString()), logFile };
  }
}

const nothing = Buffer.alloc(0);

/** Without opening what is empty, as most are. */
function readStream(file: string): Buffer {
  return statSync(file).size === 0 ? nothing : readFileSync(file);
}

/** Enough to see the error, and little enough to see the next failure too. */
const lastLineCount = 20;

function lastLinesOf(text: string): string {
  return text.trimEnd().split("\n").slice(-lastLineCount).join("\n");
}
