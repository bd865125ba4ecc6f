// Opens a remote: what the server can do decides what of it is used.

import type { ActionResult } from "../action/result.ts";
import type { Host } from "../base/host.ts";
import type { Digest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { type AttemptOptions, Attempts } from "./attempts.ts";
import { Breaker } from "./breaker.ts";
import { type CallListener, CallTrace } from "./call-trace.ts";
import { Downloads } from "./downloads.ts";
import { openRemoteCache } from "./open-cache.ts";
import type { Remote, RemoteProblem } from "./remote.ts";
import type { RemoteCache, RemoteOptions } from "./remote-cache.ts";
import { asRemoteError } from "./remote-error.ts";
import type { RemotePlace } from "./remote-url.ts";
import { type PackParts, ResultPacks } from "./result-packs.ts";
import type { Signing } from "./signatures.ts";
import { tracedCache } from "./traced-cache.ts";
import { Uploads } from "./uploads.ts";
import { UsedRemote, type UsedParts } from "./used-remote.ts";

/** What a remote is opened with. */
export interface RemoteRequest {
  readonly place: RemotePlace;
  readonly options: RemoteOptions;
  /** How to try again; absent: by the machine's clock, with the same credentials. */
  readonly attempts?: AttemptOptions;
  /** See `PackParts`; absent: no results are kept together. */
  readonly describe?: PackParts["describe"] | undefined;
  /** Whether results of this build are given to others. */
  readonly uploads: boolean;
  /** Absent: nothing is signed, and everybody trusted. */
  readonly signing?: Signing;
  readonly cas: Cas;
  readonly host: Pick<Host, "epochMs">;
  /** Hears once, in a few words, why the remote is not used, or not written to, any more. */
  readonly tell: (problem: RemoteProblem) => void;
  /** Hears of each request when it is over; absent: nobody wants to know. */
  readonly trace?: CallListener;
}

/**
 * Opens a remote; undefined when it cannot be used, of which the one heard who made `breaker`: by itself,
 * it is one that tells of it.
 */
export async function openRemote(
  request: RemoteRequest,
  breaker = new Breaker((reason) => request.tell({ kind: "given-up", reason })),
): Promise<Remote | undefined> {
  const { place, options, host } = request;
  const attempts = new Attempts(breaker, request.attempts);
  const opened = await openRemoteCache(place, options, { attempts, epochMs: host.epochMs });
  const { trace } = request;
  const cache = trace === undefined ? opened : tracedCache(opened, new CallTrace(trace));
  const close = () => {
    breaker.end();
    cache.close();
  };
  try {
    const used = { cache, abilities: await cache.abilities() };
    return new UsedRemote({ ...partsOf(used, request, breaker), close });
  } catch (error) {
    breaker.trip(asRemoteError(error));
    close();
    return undefined;
  }
}

/** What is done with the cache, which has these abilities. */
function partsOf(
  used: Pick<PackParts, "cache" | "abilities">,
  { cas, tell, uploads, describe, signing = {} }: RemoteRequest,
  breaker: Breaker,
): Omit<UsedParts, "close"> {
  const { canUpdate, asksMany } = used.abilities;
  const { sign } = signing;
  const stopped = (reason: string) => tell({ kind: "not-written", reason });
  if (uploads && !canUpdate) stopped("it takes no results");
  const readResult = resultReader(used.cache, breaker);
  const downloads = new Downloads({ ...used, cas });
  const given = uploads && canUpdate ? new Uploads({ ...used, cas, stopped, sign }) : undefined;
  const packs =
    describe === undefined || !asksMany
      ? undefined
      : new ResultPacks({ ...used, readResult, downloads, cas, describe, sign });
  const isTrusted = trustIn(signing, tell);
  return { readResult, downloads, uploads: given, packs, cas, isTrusted };
}

/** Reads results of `cache`; what goes wrong makes them misses, and some of it is for good. */
function resultReader(cache: RemoteCache, breaker: Breaker): UsedParts["readResult"] {
  return async (key: Digest) => {
    try {
      return breaker.isOpen ? undefined : await cache.readResult(key);
    } catch (error) {
      const known = asRemoteError(error);
      if (known.kind === "denied" || known.kind === "unsupported") breaker.trip(known);
      return undefined;
    }
  };
}

/** Whether results are signed as they have to be; the first that is not is told of. */
function trustIn(signing: Signing, tell: RemoteRequest["tell"]): UsedParts["isTrusted"] {
  let isTold = false;
  return (key: Digest, result: ActionResult) => {
    if (signing.isTrusted?.(key, result) !== false) return true;
    if (!isTold) tell({ kind: "untrusted", reason: "no key that is trusted has signed them" });
    isTold = true;
    return false;
  };
}
