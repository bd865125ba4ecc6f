// A remote that is tried again some time after it was given up, and used again if it answers.

import type { Host } from "../base/host.ts";
import { Breaker } from "./breaker.ts";
import { openRemote, type RemoteRequest } from "./open-remote.ts";
import type { Remote, RemoteProblem, RemoteTraffic } from "./remote.ts";

/** What such a remote is opened with. */
export interface ReturningRequest extends RemoteRequest {
  readonly host: Pick<Host, "epochMs" | "now">;
}

/** How long a remote is left alone that was given up; twice as long each further time. */
const firstRestMs = 30_000;

/** Opens a remote that may come back, even when it cannot be used now, of which `tell` hears. */
export async function openReturningRemote(request: ReturningRequest): Promise<Remote> {
  const remote = new ReturningRemote(request);
  await remote.begin();
  return remote;
}

/**
 * The connections to one remote, one after the other. No timer runs: whoever wants something of a
 * remote that had its rest has it tried, and does not wait for it. Each kind of problem is told once, so
 * that a server that comes and goes fills no screen.
 */
class ReturningRemote implements Remote {
  readonly #request: ReturningRequest;
  readonly #told = new Set<RemoteProblem["kind"]>();
  /** Also those that were given up, for what went to and fro. */
  readonly #opened: Remote[] = [];
  #current: Remote | undefined;
  #breaker: Breaker;
  #restMs = firstRestMs;
  /** When to try again; infinite while it is used, tried, or off for good. */
  #retryAtMs = Infinity;
  #isClosed = false;
  #bug: unknown;

  constructor(request: ReturningRequest) {
    this.#request = request;
    this.#breaker = this.#newBreaker();
  }

  async begin(): Promise<void> {
    const remote = await openRemote(this.#heard, this.#breaker);
    if (remote === undefined) return;
    this.#opened.push(remote);
    if (this.#isClosed) remote.close();
    else if (!this.#breaker.isOpen) this.#current = remote;
  }

  readonly lookUp: Remote["lookUp"] = async (key, options) => this.#use()?.lookUp(key, options);

  readonly fetch: Remote["fetch"] = async (nodes) => (await this.#use()?.fetch(nodes)) ?? false;

  readonly upload: Remote["upload"] = (upload) => this.#use()?.upload(upload);

  readonly pending = (): number => this.#opened.reduce((sum, one) => sum + one.pending(), 0);

  readonly drained = async (): Promise<void> => {
    await Promise.all(this.#opened.map((remote) => remote.drained()));
    if (this.#bug !== undefined) throw this.#bug;
  };

  readonly traffic = (): RemoteTraffic => {
    const all = this.#opened.map((remote) => remote.traffic());
    const sumOf = (count: (one: RemoteTraffic) => number) =>
      all.reduce((sum, one) => sum + count(one), 0);
    return {
      receivedBytes: sumOf((one) => one.receivedBytes),
      sentBytes: sumOf((one) => one.sentBytes),
      uploaded: sumOf((one) => one.uploaded),
      failed: sumOf((one) => one.failed),
    };
  };

  readonly close = (): void => {
    this.#isClosed = true;
    this.#breaker.end();
    for (const remote of this.#opened) remote.close();
  };

  /** The remote, if it is used now. */
  #use(): Remote | undefined {
    if (this.#current !== undefined || this.#isClosed) return this.#current;
    if (this.#request.host.now() >= this.#retryAtMs) {
      this.#retryAtMs = Infinity;
      this.#tryAgain().catch((error: unknown) => {
        this.#bug = error;
      });
    }
    return undefined;
  }

  async #tryAgain(): Promise<void> {
    this.#breaker = this.#newBreaker();
    await this.begin();
    if (this.#current !== undefined) this.#tell({ kind: "back", reason: "it answers" });
  }

  #newBreaker(): Breaker {
    return new Breaker((reason, { mayPass }) => {
      // Else what is next would be given the same broken connection.
      this.#current?.close();
      this.#current = undefined;
      if (mayPass) {
        this.#retryAtMs = this.#request.host.now() + this.#restMs;
        this.#restMs *= 2;
      }
      this.#tell({ kind: "given-up", reason });
    });
  }

  get #heard(): RemoteRequest {
    return { ...this.#request, tell: (problem) => this.#tell(problem) };
  }

  #tell(problem: RemoteProblem): void {
    if (this.#told.has(problem.kind) || this.#isClosed) return;
    this.#told.add(problem.kind);
    this.#request.tell(problem);
  }
}
