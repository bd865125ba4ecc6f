import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";

import { decodeActionResult, encodeActionResult } from "../../src/action/reapi-result.ts";
import type { ActionResult } from "../../src/action/result.ts";
import { digestOf, emptyDigest } from "../../src/digest/digest.ts";
import { signerFrom, trustIn } from "../../src/remote/signatures.ts";

const key = digestOf("key");
const result: ActionResult = {
  exitCode: 0,
  outputs: new Map([["out", { kind: "file", digest: digestOf("out"), executable: false }]]),
  stdout: emptyDigest,
  stderr: emptyDigest,
  wallMs: 12.5,
  mnemonic: "Test",
};

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    secret: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    trusted: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

const [ours, theirs] = [keyPair(), keyPair()];

test("a result that was signed is trusted, also after a server had it", () => {
  const signed = signerFrom(ours.secret)(key, result);
  const had = decodeActionResult(encodeActionResult({ ...signed, wallMs: 0 }));
  expect(had?.mnemonic).toBe("Test");
  expect(had && trustIn([theirs.trusted, ours.trusted])(key, had)).toBe(true);
});

test.each([
  ["nobody has signed", result],
  ["somebody else has signed", signerFrom(theirs.secret)(key, result)],
  ["was signed for another key", signerFrom(ours.secret)(digestOf("other"), result)],
  [
    "was changed since",
    { ...signerFrom(ours.secret)(key, result), outputs: new Map(), mnemonic: "Test" },
  ],
  ["has a signature that is none", { ...result, signature: "none" }],
])("a result that %s is not trusted", (_, given) => {
  expect(trustIn([ours.trusted])(key, given)).toBe(false);
});

test("keys of another kind are refused", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  expect(() => signerFrom(pem)).toThrow("it is a key of ec, not of Ed25519");
  const other = publicKey.export({ type: "spki", format: "pem" }).toString();
  expect(() => trustIn([other])).toThrow("it is a key of ec, not of Ed25519");
  expect(() => signerFrom("none")).toThrow();
});
