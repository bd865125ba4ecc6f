// Actions that run elsewhere, by REAPI's Execution service. What comes of them is checked.

import { status as codes } from "@grpc/grpc-js";

import { decodeTree, encodeDirectory } from "../action/reapi-directory.ts";
import { decodeActionResult } from "../action/reapi-result.ts";
import type { ActionResult } from "../action/result.ts";
import { type Digest, digestOf } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { type AttemptOptions, Attempts } from "./attempts.ts";
import { Breaker } from "./breaker.ts";
import { type CallListener, CallTrace } from "./call-trace.ts";
import { encodeCapabilitiesRequest } from "./capabilities.ts";
import { Downloads } from "./downloads.ts";
import {
  decodeCanExecute,
  decodeOperation,
  encodeExecuteRequest,
  encodeWaitRequest,
  type ExecuteResponse,
} from "./execution-messages.ts";
import { callContextOf, openGrpcCache } from "./grpc-cache.ts";
import { type CallContext, callForStream, callUnary } from "./grpc-calls.ts";
import { statusIn } from "./grpc-error.ts";
import { type BlobOrigin, InputBlobs } from "./input-blobs.ts";
import type { RemoteCache, RemoteOptions } from "./remote-cache.ts";
import { asRemoteError, RemoteError } from "./remote-error.ts";
import type { RemotePlace } from "./remote-url.ts";
import { filesInTrees, shallowBlobsOf } from "./result-blobs.ts";
import { inlinedBlobsOf } from "./result-messages.ts";
import { tracedCache } from "./traced-cache.ts";

/** Where actions are executed, and how it is asked. */
export interface ExecutionRequest {
  readonly place: Extract<RemotePlace, { kind: "grpc" }>;
  readonly options: RemoteOptions;
  /** How to try again; absent: by the machine's clock, with the same credentials. */
  readonly attempts?: AttemptOptions;
  readonly cas: Cas;
  /** Hears once, in a few words, why nothing is executed there any more. */
  readonly tell: (reason: string) => void;
  /** Hears of each request when it is over. */
  readonly trace: CallListener;
}

/** An action to execute. */
export interface RemoteAction {
  /** Of the encoded REAPI `Action`. */
  readonly digest: Digest;
  /** It, its Command, and all of its input root. */
  readonly blobs: ReadonlyMap<Digest, BlobOrigin>;
}

/** What came of an action. */
export type Executed =
  | {
      readonly kind: "ran";
      /** All of it is in the CAS. Its exit code may be any. */
      readonly result: ActionResult;
      /** Whether it ran some time before. */
      readonly isCached: boolean;
      /** What the server says about it, in words; may be empty. */
      readonly message: string;
      /** What it logged, for people. */
      readonly logs: readonly { readonly name: string; readonly text: Buffer }[];
    }
  /** It did not come to an end, for a reason of its own. */
  | { readonly kind: "failed"; readonly message: string }
  /** Nothing is known of it: it has to run somewhere else. */
  | { readonly kind: "unavailable" };

/** A place where actions are executed. */
export interface RemoteExecution {
  /**
   * Never rejects for what the server does; gives `unavailable` when `signal` aborts. With files
   * `later`, what it printed comes here, and what trees are made of, but no file.
   */
  readonly execute: (
    action: RemoteAction,
    signal: AbortSignal,
    options: { readonly files: "now" | "later" },
  ) => Promise<Executed>;
  readonly traffic: () => { readonly sentBytes: number; readonly receivedBytes: number };
  /** Ends whatever is under way. */
  readonly close: () => void;
}

/** Opens it; undefined when it cannot be used, of which `tell` heard. */
export async function openRemoteExecution(
  request: ExecutionRequest,
): Promise<RemoteExecution | undefined> {
  const { place, options, cas } = request;
  const breaker = new Breaker(request.tell);
  const attempts = new Attempts(breaker, request.attempts);
  const trace = new CallTrace(request.trace);
  const cache = tracedCache(openGrpcCache(place, options, attempts), trace);
  const context = callContextOf(place, options, attempts);
  const close = () => {
    breaker.end();
    cache.close();
    context.client.close();
  };
  try {
    const abilities = await cache.abilities();
    await trace.timed("abilities", undefined, () =>
      refuseUnlessExecuting(context, options.instance, attempts),
    );
    const downloads = new Downloads({ cache, abilities, cas });
    const inputs = new InputBlobs({ cache, abilities });
    const { instance } = options;
    return new OpenExecution({
      cache,
      context,
      trace,
      attempts,
      breaker,
      downloads,
      inputs,
      cas,
      instance,
      close,
    });
  } catch (error) {
    breaker.trip(asRemoteError(error));
    close();
    return undefined;
  }
}

async function refuseUnlessExecuting(
  context: CallContext,
  instance: string,
  attempts: Attempts,
): Promise<void> {
  const path = `${services}.Capabilities/GetCapabilities`;
  const call = { path, request: encodeCapabilitiesRequest(instance) };
  const answer = await attempts.run(() => callUnary(context, call));
  if (!decodeCanExecute(answer)) throw new RemoteError("unsupported", "it executes no actions");
}

const services = "/build.bazel.remote.execution.v2";

/** How often an action is begun anew, as the server had lost something of it. */
const maxRounds = 4;

/** After how many actions in a row that came to nothing the server is given up. */
const toleratedFailures = 3;

/** How often an answer that broke off is taken up again, as long as the server says anything. */
const maxReconnects = 100;

/** An action takes as long as it takes: whether the server is there is gRPC's keep-alive to say. */
const longestMs = 2 ** 31 - 1;

interface OpenParts {
  readonly cache: RemoteCache;
  readonly context: CallContext;
  readonly trace: CallTrace;
  readonly attempts: Attempts;
  readonly breaker: Breaker;
  readonly downloads: Downloads;
  readonly inputs: InputBlobs;
  readonly cas: Cas;
  readonly instance: string;
  readonly close: () => void;
}

type Files = Parameters<RemoteExecution["execute"]>[2]["files"];

class OpenExecution implements RemoteExecution {
  readonly #parts: OpenParts;
  readonly close: () => void;
  /** Actions in a row that came to nothing. */
  #failures = 0;

  constructor(parts: OpenParts) {
    this.#parts = parts;
    this.close = parts.close;
  }

  readonly execute: RemoteExecution["execute"] = async (action, signal, { files }) => {
    try {
      const known = await this.#known(action, files);
      if (known !== undefined) return known;
      const executed = await this.#executeAnew(action, signal, files);
      if (executed.kind !== "unavailable") this.#failures = 0;
      return executed;
    } catch (error) {
      const { kind, message } = asRemoteError(error);
      if (kind === "denied" || kind === "unsupported") this.#parts.breaker.trip({ kind, message });
      else if ((kind === "transient" || kind === "full") && !signal.aborted) this.#fail(message);
      return { kind: "unavailable" };
    }
  };

  readonly traffic = () => ({
    sentBytes: this.#parts.inputs.sentBytes,
    receivedBytes: this.#parts.downloads.receivedBytes,
  });

  /** Notes an action that came to nothing, whatever else the server answers. */
  #fail(reason: string): void {
    this.#failures += 1;
    if (this.#failures >= toleratedFailures)
      this.#parts.breaker.trip({ kind: "transient", message: reason });
  }

  /** What the server has of an earlier run, before anything is sent. */
  async #known({ digest }: RemoteAction, files: Files): Promise<Executed | undefined> {
    const bytes = await this.#parts.cache.readResult(digest);
    const result = bytes === undefined ? undefined : await this.#take(bytes, files);
    if (result === undefined || result.exitCode !== 0) return undefined;
    return { kind: "ran", result, isCached: true, message: "", logs: [] };
  }

  async #executeAnew(action: RemoteAction, signal: AbortSignal, files: Files): Promise<Executed> {
    const { inputs, attempts, trace } = this.#parts;
    let problem = "";
    for (let round = 0; round < maxRounds && !signal.aborted; round++) {
      await inputs.send(action.blobs);
      const asking = { skipsCache: round > 0, signal };
      const response = await trace.timed("execute", undefined, () =>
        this.#ask(action.digest, asking),
      );
      const { status, result: bytes } = response;
      if (status.code === codes.OK && bytes !== undefined) {
        const result = await this.#take(bytes, files);
        // What it left is gone already: it has to run again, whatever the server remembers.
        if (result === undefined) continue;
        const { isCached, message } = response;
        return { kind: "ran", result, isCached, message, logs: await this.#logsOf(response) };
      }
      problem = status.message.split("\n", 1)[0] ?? "";
      if (status.code === codes.DEADLINE_EXCEEDED) {
        return { kind: "failed", message: `it took longer than the server allows: ${problem}` };
      }
      if (!mayBeMended.has(status.code)) break;
      // Where it does not say what it lacks, it may be anything.
      inputs.forget(status.missing.length > 0 ? status.missing : action.blobs.keys());
      if (status.missing.length === 0) await attempts.pause(round);
    }
    if (!signal.aborted) this.#fail(`Execute: ${problem}`);
    return { kind: "unavailable" };
  }

  /** Executes the action, and hears of it to its end, however often the line breaks. */
  async #ask(
    action: Digest,
    { skipsCache, signal }: { readonly skipsCache: boolean; readonly signal: AbortSignal },
  ): Promise<ExecuteResponse> {
    const { context, attempts, instance } = this.#parts;
    const both = AbortSignal.any([context.signal, signal]);
    const patient = { ...context, timeoutMs: longestMs, signal: both };
    const execute = {
      path: `${services}.Execution/Execute`,
      request: encodeExecuteRequest(instance, action, { skipsCache }),
    };
    let name = "";
    for (let times = 0; times < maxReconnects; times++) {
      const answer = await attempts.run(async () => {
        const wait = {
          path: `${services}.Execution/WaitExecution`,
          request: encodeWaitRequest(name),
        };
        let heard = false;
        let response: ExecuteResponse | undefined;
        try {
          await callForStream(patient, name === "" ? execute : wait, (message) => {
            const operation = decodeOperation(message);
            if (operation === undefined) throw new RemoteError("refused", "Execute: no Operation");
            heard = true;
            if (operation.name !== "") name = operation.name;
            response = operation.response ?? response;
          });
        } catch (error) {
          const { kind } = asRemoteError(error);
          const status = statusIn(error);
          if (status !== undefined && mayBeMended.has(status.code) && kind === "refused") {
            return { status, result: undefined, isCached: false, logs: [], message: "" };
          }
          // A server that was started again knows nothing of it any more.
          if (kind === "missing" && name !== "") {
            name = "";
            throw new RemoteError("transient", "WaitExecution: it is not known any more");
          }
          if (response === undefined && !(heard && kind === "transient")) throw error;
        }
        if (response === undefined && !heard) {
          throw new RemoteError("transient", "Execute: it ended without an answer");
        }
        return response;
      });
      if (answer !== undefined) return answer;
    }
    throw new RemoteError("transient", "Execute: the line broke again and again");
  }

  /**
   * The result in `bytes`, in the CAS all of it but `files` that are for later; undefined when it is
   * none, or is lost.
   */
  async #take(bytes: Uint8Array, files: Files): Promise<ActionResult | undefined> {
    const { downloads, cas } = this.#parts;
    await downloads.accept(inlinedBlobsOf(bytes));
    const roots = new Map<Digest, Digest>();
    // Servers before version 2.3 do not say which directory is at the top of a tree.
    const unknown: Digest[] = [];
    decodeActionResult(bytes, (tree) => {
      unknown.push(tree);
      return tree;
    });
    const trees = unknown.map((digest) => ({ digest, executable: false }));
    // What was lost for one action may have been made again for this one.
    downloads.lost.clear();
    if (!(await downloads.fetch(trees))) return undefined;
    for (const digest of unknown) {
      const tree = decodeTree(cas.read(digest) ?? new Uint8Array(0));
      if (tree !== undefined) roots.set(digest, digestOf(encodeDirectory(tree.root)));
    }
    const result = decodeActionResult(bytes, (tree) => roots.get(tree));
    if (result === undefined) return undefined;
    const blobs = shallowBlobsOf(result);
    if (!(await downloads.fetch(blobs.small))) return undefined;
    // Of what fails, all is looked at.
    if (files === "later" && result.exitCode === 0) return result;
    if (!(await downloads.fetch(blobs.files))) return undefined;
    const inTrees = filesInTrees(blobs.trees, cas);
    return inTrees !== undefined && (await downloads.fetch(inTrees)) ? result : undefined;
  }

  async #logsOf({ logs }: ExecuteResponse) {
    const { downloads, cas } = this.#parts;
    const readable = logs.filter(({ isReadable }) => isReadable);
    await downloads.fetch(readable.map(({ digest }) => ({ digest, executable: false })));
    return readable.flatMap(({ name, digest }) => {
      const text = cas.read(digest);
      return text === undefined ? [] : [{ name, text }];
    });
  }
}

/** Codes after which it may go well when all inputs are sent again. */
const mayBeMended: ReadonlySet<number> = new Set([
  codes.FAILED_PRECONDITION,
  codes.NOT_FOUND,
  codes.INTERNAL,
  codes.UNKNOWN,
  codes.UNAVAILABLE,
  codes.ABORTED,
  codes.RESOURCE_EXHAUSTED,
  codes.DATA_LOSS,
]);
