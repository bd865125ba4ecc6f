// Statements that are signed, in envelopes of DSSE. Knows no image.

import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** The media type of {@link signedEnvelope}. */
export const envelopeType = "application/vnd.dsse.envelope.v1+json";

/** The JSON of an envelope around `text`, signed with the private key `key`. */
export function signedEnvelope(text: string, payloadType: string, key: KeyObject): string {
  const payload = Buffer.from(text);
  const signature = sign(hashFor(key), encoded(payload, payloadType), key);
  return JSON.stringify({
    payloadType,
    payload: payload.toString("base64"),
    signatures: [{ keyid: keyIdOf(key), sig: signature.toString("base64") }],
  });
}

/** What `envelope`, the JSON of one, has in it; undefined unless `key` signed that. */
export function verifiedPayload(
  envelope: string,
  payloadType: string,
  key: KeyObject,
): string | undefined {
  const { payload, signatures, payloadType: type } = readEnvelope(envelope) ?? {};
  if (typeof payload !== "string" || type !== payloadType || !Array.isArray(signatures)) {
    return undefined;
  }
  const bytes = Buffer.from(payload, "base64");
  const signed = encoded(bytes, payloadType);
  const isSigned = signatures.some((one: unknown) => {
    // Names of keys are hints: whether one fits, only the signature tells.
    const sig: unknown = typeof one === "object" && one !== null ? Reflect.get(one, "sig") : "";
    if (typeof sig !== "string") return false;
    return verify(hashFor(key), signed, publicOf(key), Buffer.from(sig, "base64"));
  });
  return isSigned ? bytes.toString("utf8") : undefined;
}

/** What tells the key from others: the SHA-256 of its public half, in DER. */
export function keyIdOf(key: KeyObject): string {
  const der = publicOf(key).export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex");
}

/** Source: DSSE v1, "Protocol", PAE. */
function encoded(payload: Buffer, payloadType: string): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Ed25519 hashes by itself. */
function hashFor({ asymmetricKeyType: type }: KeyObject): string | null {
  return type === "ed25519" ? null : "sha256";
}

function publicOf(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}

function readEnvelope(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
