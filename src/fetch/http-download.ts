// One attempt to get the rest of a file from a server.

import { type Address, publicAddress } from "./address.ts";
import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";
import type { Answer, Ask } from "./http-exchange.ts";
import { AttemptFailed, failureOfStatus } from "./http-failure.ts";
import type { PartialFile, Validators } from "./partial-file.ts";

/** What one attempt is about. */
export interface HttpAttempt {
  readonly address: Address & { kind: "http" };
  readonly part: PartialFile;
  /** Whether a part of an unnamed version may be gone on with, as its digest will tell. */
  readonly verified: boolean;
  /** What we have is of this version; undefined when we have none. */
  readonly known: string | undefined;
  readonly limitBytes: number;
}

/** How an attempt that worked ended. */
export type HttpOutcome =
  | { readonly kind: "whole"; readonly etag: string | undefined; readonly resumed: boolean }
  /** What we have is still what the server has. */
  | { readonly kind: "unchanged" };

/** Adds to the part what is missing. Throws an AttemptFailed, a FetchError, or what undici does. */
export async function attemptHttp(
  attempt: HttpAttempt,
  ask: Ask,
  context: FetchContext,
): Promise<HttpOutcome> {
  const { address, part, known } = attempt;
  const range = rangeHeaders(part, attempt.verified);
  const conditional = known === undefined ? {} : { "if-none-match": known };
  const headers = { "user-agent": "kraft-graph", "accept-encoding": "identity" };
  const answer = await ask(address, { ...headers, ...conditional, ...range });
  if (answer.status === 304 && known !== undefined) {
    await answer.body.dump();
    return { kind: "unchanged" };
  }
  const resumed = beginBody(answer, attempt, context);
  await takeBody(answer, attempt, context);
  return { kind: "whole", etag: answer.header("etag"), resumed };
}

/** Asks for the rest only when it is sure to be of the same version. Source: RFC 9110, 13.1.5. */
function rangeHeaders(part: PartialFile, verified: boolean): Record<string, string> {
  const { validators, sizeBytes } = part;
  if (validators === undefined) return {};
  const range = { range: `bytes=${sizeBytes}-` };
  const { etag, lastModified } = validators;
  if (etag !== undefined && !etag.startsWith("W/")) return { ...range, "if-range": etag };
  if (lastModified !== undefined) return { ...range, "if-range": lastModified };
  return verified ? range : {};
}

/** Readies the part for the body of `answer`; true when that is what follows the part. */
function beginBody(answer: Answer, { part, address }: HttpAttempt, context: FetchContext): boolean {
  const { status } = answer;
  const shown = publicAddress(address.url.href);
  const validators = validatorsOf(answer);
  if (status === 200) {
    part.restart(validators);
    return false;
  }
  if (status === 206 && continues(answer, part, validators)) return true;
  answer.body.on("error", () => {}).destroy();
  if (status === 206 || status === 416) {
    // It has another version by now, or counts in another way: from the start, then.
    part.restart(validators);
    const error = new FetchError("server-error", `${shown}: the server gives another part`);
    throw new AttemptFailed({ error, again: "now", retryAfterMs: undefined });
  }
  throw new AttemptFailed(failureOfStatus(answer, shown, context.epochMs()));
}

function validatorsOf(answer: Answer): Validators {
  return { etag: answer.header("etag"), lastModified: answer.header("last-modified") };
}

function continues(answer: Answer, part: PartialFile, { etag }: Validators): boolean {
  const [, start] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header("content-range") ?? "") ?? [];
  if (Number(start) !== part.sizeBytes) return false;
  const known = part.validators?.etag;
  return known === undefined || etag === undefined || known === etag;
}

async function takeBody(
  answer: Answer,
  { part, limitBytes, address }: HttpAttempt,
  context: FetchContext,
): Promise<void> {
  const length = answer.header("content-length");
  const announced = length === undefined ? undefined : Number(length);
  const total = announced === undefined ? undefined : part.sizeBytes + announced;
  const refuse = (sizeBytes: number) => {
    if (sizeBytes <= limitBytes) return;
    answer.body.on("error", () => {}).destroy();
    const shown = publicAddress(address.url.href);
    throw new FetchError("too-large", `${shown} is larger than ${limitBytes} bytes`);
  };
  refuse(total ?? 0);
  context.onProgress(part.sizeBytes, total);
  for await (const chunk of answer.body) {
    if (!(chunk instanceof Uint8Array)) throw new Error("bug: a body is made of bytes");
    refuse(part.sizeBytes + chunk.byteLength);
    part.append(chunk);
    context.onProgress(part.sizeBytes, total);
  }
}
