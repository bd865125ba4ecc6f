import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { keyIdOf, signedEnvelope, verifiedPayload } from "../../src/registry/envelope.ts";
import { type ProvenanceFacts, provenanceOf } from "../../src/registry/provenance.ts";
import { freshDirectory } from "../fetch/fetch-rig.ts";

const sha256 = "ab".repeat(32);
const commit = "0123456789".repeat(4);
const facts: ProvenanceFacts = {
  subjects: [{ name: "unikraft.org/app:1.0", digest: `sha256:${sha256}` }],
  parameters: { targets: ["//app:oci"], as: "kraft" },
  sources: [
    {
      name: "unikraft",
      source: {
        kind: "git",
        url: "https://me:secret@example.com/u.git",
        reference: "stable",
        commit,
      },
    },
    { name: "lwip", source: { kind: "archive", urls: ["https://example.com/lwip.tgz"], sha256 } },
    {
      name: "base",
      source: {
        kind: "image",
        reference: "unikraft.org/base:latest",
        platform: { os: "qemu", architecture: "x86_64" },
        digest: `sha256:${sha256}`,
      },
    },
    {
      name: "patch",
      source: { kind: "file", urls: ["https://example.com/p"], checksums: [`sha256:${sha256}`] },
    },
  ],
  files: [{ path: "app/main.c", sha256 }],
  actions: [
    {
      owner: "//app:qemu-x86_64",
      mnemonic: "CcCompile",
      subject: "app/main.c",
      outputs: [{ path: ".kraft/out/app/main.o", sha256 }],
    },
  ],
  builder: "https://example.com/ci",
  toolVersion: "1.2.3",
};

test("provenance has the fields of SLSA, and no time unless one is given", () => {
  const text = provenanceOf(facts);
  expect(provenanceOf({ ...facts, sources: facts.sources.toReversed() })).toBe(text);
  expect(text).not.toContain("secret");
  expect(JSON.parse(text)).toEqual({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "unikraft.org/app:1.0", digest: { sha256 } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://kraft-graph.dev/provenance/pkg/v1",
        externalParameters: { targets: ["//app:oci"], as: "kraft" },
        internalParameters: {
          actions: [{ owner: "//app:qemu-x86_64", mnemonic: "CcCompile", subject: "app/main.c" }],
        },
        resolvedDependencies: [
          { name: "app/main.c", digest: { sha256 } },
          { name: "base", uri: "oci://unikraft.org/base:latest", digest: { sha256 } },
          { name: "lwip", uri: "https://example.com/lwip.tgz", digest: { sha256 } },
          { name: "patch", uri: "https://example.com/p", digest: { sha256 } },
          {
            name: "unikraft",
            uri: "git+https://example.com/u.git@stable",
            digest: { gitCommit: commit },
          },
        ],
      },
      runDetails: {
        builder: { id: "https://example.com/ci", version: { "kraft-graph": "1.2.3" } },
        byproducts: [{ name: ".kraft/out/app/main.o", digest: { sha256 } }],
      },
    },
  });
  expect(JSON.parse(provenanceOf({ ...facts, created: 86400 }))).toMatchObject({
    predicate: {
      runDetails: {
        metadata: { startedOn: "1970-01-02T00:00:00Z", finishedOn: "1970-01-02T00:00:00Z" },
      },
    },
  });
});

const type = "application/vnd.in-toto+json";

test.each([
  ["Ed25519", generateKeyPairSync("ed25519")],
  ["ECDSA", generateKeyPairSync("ec", { namedCurve: "P-256" })],
] as const)("a statement signed by a key of %s is believed by its public half alone", (_, pair) => {
  const envelope = signedEnvelope("a statement", type, pair.privateKey);
  expect(verifiedPayload(envelope, type, pair.publicKey)).toBe("a statement");
  expect(verifiedPayload(envelope, "text/plain", pair.publicKey)).toBeUndefined();
  const other = generateKeyPairSync("ed25519").publicKey;
  expect(verifiedPayload(envelope, type, other)).toBeUndefined();
  const value = JSON.parse(envelope) as { signatures: { keyid: string }[] };
  expect(value.signatures[0]?.keyid).toBe(keyIdOf(pair.publicKey));
  const forged = { ...value, payload: Buffer.from("another").toString("base64") };
  expect(verifiedPayload(JSON.stringify(forged), type, pair.publicKey)).toBeUndefined();
  for (const broken of ["", "null", "{}", '{"payload":1}']) {
    expect(verifiedPayload(broken, type, pair.publicKey)).toBeUndefined();
  }
});

test("openssl finds the signature right, over what DSSE says is signed", () => {
  const directory = freshDirectory();
  const at = (name: string) => join(directory, name);
  const openssl = (...words: string[]) =>
    execFileSync("openssl", words, { cwd: directory, encoding: "utf8", stdio: "pipe" });
  openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem");
  openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem");
  const key = createPrivateKey(readFileSync(at("key.pem")));
  const { signatures } = JSON.parse(signedEnvelope("hello world", type, key)) as {
    signatures: { sig: string }[];
  };
  writeFileSync(at("signature"), Buffer.from(signatures[0]?.sig ?? "", "base64"));
  writeFileSync(at("signed"), `DSSEv1 ${type.length} ${type} 11 hello world`);
  const verify = ["pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin"];
  const said = openssl(...verify, "-in", "signed", "-sigfile", "signature");
  expect(said).toContain("Signature Verified Successfully");
  expect(keyIdOf(createPublicKey(readFileSync(at("public.pem"))))).toBe(keyIdOf(key));
});
