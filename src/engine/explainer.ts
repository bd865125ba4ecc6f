// Why known results could not be used, as causes. Decides nothing, and keeps nothing.

import { lstatSync, readlinkSync } from "node:fs";

import { type Action, actionId, type ExecPath } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import type { Store } from "../store/store.ts";
import type { Cause } from "../why/cause.ts";
import { causesBetween } from "../why/causes-between.ts";
import type { Evidence } from "../why/evidence.ts";
import type { State, StateFacts } from "../why/state.ts";
import { openStateFacts, versionIn } from "./evidence-notes.ts";
import type { Inputs } from "./inputs.ts";
import type { ActionRecord, ReadSet } from "./records.ts";
import {
  type ActionState,
  commandTextOf,
  stateWith,
  textOf,
  toolDigestOf,
  toolsOf,
} from "./state-of.ts";
import type { Toolchain } from "./toolchain.ts";
import { filesOfTree } from "./tree-files.ts";

/** What explaining takes. */
export interface ExplainerParts {
  readonly inputs: Inputs;
  readonly toolchain: Pick<Toolchain, "identities">;
  readonly store: Pick<Store, "cas">;
  readonly evidence: Evidence;
  /** Actions whose results builds that are written down had from a cache. */
  readonly earlierHits: () => ReadonlySet<ExecPath>;
}

/** Compares actions with the records of their last success. */
export class Explainer {
  readonly #parts: ExplainerParts;
  /** Of what was; what is now may not have been noted yet. */
  readonly #facts: StateFacts;
  /** Read when it is first asked for. */
  #hits: ReadonlySet<ExecPath> | undefined;

  constructor(parts: ExplainerParts) {
    this.#parts = parts;
    this.#facts = openStateFacts(parts.evidence, parts.store.cas);
  }

  /**
   * Why `record` does not serve for `action`; never empty. `state` is undefined for a compile
   * action of which a file is gone that it read.
   */
  causesOf(
    action: Action,
    record: ActionRecord | undefined,
    state: ActionState | undefined,
  ): readonly Cause[] {
    if (record === undefined) return [{ kind: this.#isUnrecorded(action) ? "unrecorded" : "new" }];
    const current = state ?? this.#stateOfWhatIsLeft(action, record);
    if (record.fingerprint === current.fingerprint) return [{ kind: "result-lost" }];
    const options = optionsOf(action, record.reads);
    const isSame = record.command === current.command;
    const text = isSame ? undefined : this.#parts.evidence.read(record.command)?.toString();
    const before = stateFrom(record, text, options);
    const now = stateFrom(current, isSame ? undefined : commandTextOf(action), options);
    const causes = causesBetween(before, now, this.#factsFor(action));
    if (causes.length === 0) return [{ kind: "command" }];
    const { outside } = mountsOf(action);
    return causes.map((cause) => this.#outside(cause, outside));
  }

  /** Whether its last result is here, and no record of it: see `SubBuilds`. */
  #isUnrecorded(action: Action): boolean {
    const { earlierHits } = this.#parts;
    this.#hits ??= earlierHits();
    return this.#hits.has(actionId(action));
  }

  #factsFor(action: Action): StateFacts {
    const { toolchain, inputs, store } = this.#parts;
    const { toolVersion, filesIn } = this.#facts;
    return {
      toolVersion: (digest) => {
        const name = toolsOf(action).find(
          (one) => toolDigestOf(one, toolchain.identities) === digest,
        );
        const identity = name === undefined ? undefined : toolchain.identities.get(name);
        return identity === undefined ? toolVersion(digest) : versionIn(identity);
      },
      filesIn: (text, path) => {
        const { outside } = mountsOf(action);
        const node = inputs.of(action).find((input) => input.path === outside(path))?.node;
        const isNow = node?.kind === "tree" && textOf(node) === text;
        return isNow ? filesOfTree(node, store.cas) : filesIn(text, path);
      },
    };
  }

  #stateOfWhatIsLeft(action: Action, { inputs, reads }: ActionRecord): ActionState {
    const { outside } = mountsOf(action);
    const left = { ...inputs };
    for (const file of reads?.files ?? []) {
      const node = this.#parts.inputs.nodeAt(outside(file));
      if (node === undefined) delete left[file];
      else if (left[file] !== undefined) left[file] = textOf(node);
    }
    return stateWith(action, left, this.#parts.toolchain.identities);
  }

  /** `cause` by paths of the graph; of a link of the user it is said where that leads. */
  #outside(cause: Cause, outside: (path: ExecPath) => ExecPath): Cause {
    switch (cause.kind) {
      case "file": {
        const path = outside(cause.path);
        const leadsTo = cause.change === "content" ? this.#targetOf(path) : undefined;
        const isDropped = cause.change === "gone" && this.#isThere(path);
        const change = isDropped ? "dropped" : cause.change;
        return { ...cause, path, change, ...(leadsTo !== undefined && { leadsTo }) };
      }
      case "shadow":
        return { ...cause, path: outside(cause.path) };
      case "renamed":
        return { ...cause, from: outside(cause.from), to: outside(cause.to) };
      case "option":
        return cause.path === undefined ? cause : { ...cause, path: outside(cause.path) };
      default:
        return cause;
    }
  }

  #isThere(path: ExecPath): boolean {
    if (path.startsWith(`${outputRoot}/`)) return this.#parts.inputs.outputAt(path) !== undefined;
    const file = this.#parts.inputs.diskPathOf(path);
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  }

  #targetOf(path: ExecPath): string | undefined {
    if (path.startsWith(`${outputRoot}/`)) return undefined;
    const file = this.#parts.inputs.diskPathOf(path);
    const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? readlinkSync(file) : undefined;
  }
}

function stateFrom(
  { command, tools, inputs }: ActionState,
  text: string | undefined,
  options: State["options"],
): State {
  const fields = text === undefined ? undefined : (JSON.parse(text) as State["command"]); // Ours.
  const more = options === undefined ? {} : { options };
  return { command: fields, commandDigest: command, tools, inputs, ...more };
}

/** The names among what `action` depends on that are options. */
function optionsOf(action: Action, reads: ReadSet | undefined): State["options"] {
  if (action.kind !== "compile" || reads?.options === undefined) return undefined;
  const path = action.options?.header;
  return path === undefined ? undefined : { names: reads.options, path };
}
