// Results that say who gave them: signs those of this machine, and checks those of others.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

import { encodeActionResult } from "../action/reapi-result.ts";
import type { ActionResult } from "../action/result.ts";
import { type Digest, digestOf, splitDigest } from "../digest/digest.ts";

/** How results are signed, and whose are used. */
export interface Signing {
  /** `result` of `key` with a signature; absent: results are given without one. */
  readonly sign?: ((key: Digest, result: ActionResult) => ActionResult) | undefined;
  /** Whether `result` of `key` was signed by one who is trusted; absent: everybody is. */
  readonly isTrusted?: ((key: Digest, result: ActionResult) => boolean) | undefined;
}

/** Signs with the private key in `pem`. Throws an Error when that is none of Ed25519. */
export function signerFrom(pem: string): Exclude<Signing["sign"], undefined> {
  const secret = refuseOther(createPrivateKey(pem));
  return (key, result) => {
    const signature = sign(null, messageOf(key, result), secret).toString("base64");
    return { ...result, signature };
  };
}

/** Trusts whoever has signed with the other half of one of `pems`. Throws an Error, as above. */
export function trustIn(pems: readonly string[]): Exclude<Signing["isTrusted"], undefined> {
  const trusted = pems.map((pem) => refuseOther(createPublicKey(pem)));
  return (key, result) => {
    if (result.signature === undefined) return false;
    const signature = Buffer.from(result.signature, "base64");
    const message = messageOf(key, result);
    return trusted.some((one) => verify(null, message, one, signature));
  };
}

/**
 * What is signed: the key, as a result under another one would be a wrong one, and what the action
 * left. Not how long it took, nor in which order a server keeps the fields.
 */
function messageOf(key: Digest, result: ActionResult): Buffer {
  const { exitCode, outputs, stdout, stderr } = result;
  const left = encodeActionResult({ exitCode, outputs, stdout, stderr, wallMs: 0 });
  return Buffer.from(`${scheme}\n${splitDigest(key).hash}\n${digestOf(left)}\n`);
}

/** So that a signature of something else can be none of a result. */
const scheme = "kraft-graph action result 1";

function refuseOther(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new Error(`it is a key of ${key.asymmetricKeyType ?? "another kind"}, not of Ed25519`);
}
