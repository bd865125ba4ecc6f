// What is said of images beside them, from builds of the real program.

import { createHash, generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { startRegistry } from "../registry/registry-rig.ts";
import { examplesRig } from "./examples-rig.ts";

interface Provenance {
  readonly subject: readonly { readonly name: string; readonly digest: { sha256: string } }[];
  readonly predicate: {
    readonly buildDefinition: {
      readonly externalParameters: unknown;
      readonly internalParameters: { readonly actions: readonly { readonly mnemonic: string }[] };
      readonly resolvedDependencies: readonly { name: string; digest: { sha256: string } }[];
    };
    readonly runDetails: { readonly builder: { readonly id: string } };
  };
}

test("what an image was built from and how is said beside it, and signed", async () => {
  const { host } = await startRegistry();
  const here = examplesRig();
  const name = `${host}/team/hello:1.0`;
  for (const kind of ["mine", "other"]) {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    writeFileSync(here.path(`${kind}.pem`), pem);
    writeFileSync(here.path(`${kind}.pub`), publicKey.export({ type: "spki", format: "pem" }));
  }
  const pack = ["pkg", "//hello:qemu-x86_64", "--name", name, "--push"];
  const signed = [...pack, "--provenance", "--sbom", "--sign-key", "mine.pem"];
  const pushed = await here.run([...signed, "--builder", "https://example.com/ci"]);
  expect(pushed.code, pushed.text).toBe(0);
  const lines = pushed.stdout.trim().split("\n");
  expect(lines.map((line) => line.split(" ")[2])).toEqual([
    undefined,
    "application/spdx+json",
    "application/vnd.dsse.envelope.v1+json",
  ]);
  // The same again is the same statement.
  const again = await here.run([...signed, "--builder", "https://example.com/ci"]);
  expect(again.stdout).toBe(pushed.stdout);

  const verified = await here.run(["pkg", "verify", name, "--key", "mine.pub"]);
  const digest = lines[0]?.split(" ")[1] ?? "";
  expect(verified.stdout, verified.text).toContain(
    `${name} ${digest}\n  built by  https://example.com/ci\n`,
  );
  const refused = await here.run(["pkg", "verify", name, "--key", "other.pub"]);
  expect(refused.code).toBe(1);
  expect(refused.text.replaceAll(host, "HOST").replaceAll(digest, "DIGEST")).toMatchInlineSnapshot(`
    "error[not-verified]: no provenance of HOST/team/hello:1.0 (DIGEST) is signed by the key
     = help: pkg --push --provenance --sign-key FILE signs it
    "
  `);

  const plain = await here.run([...pack, "--provenance"]);
  const [, about = ""] = plain.stdout.trim().split("\n");
  const statement = await textOf(`${host}/team/hello`, about.split(" ")[1] ?? "");
  const { subject, predicate } = JSON.parse(statement) as Provenance;
  expect(subject[0]).toEqual({ name, digest: { sha256: digest.slice(7) } });
  const { buildDefinition, runDetails } = predicate;
  expect(buildDefinition.externalParameters).toEqual({
    targets: ["//hello:qemu-x86_64.oci"],
    as: "kraft",
  });
  expect(runDetails.builder.id).toBe("https://kraft-graph.dev/provenance/local");
  const source = createHash("sha256").update(here.read("hello/main.c")).digest("hex");
  expect(buildDefinition.resolvedDependencies).toContainEqual({
    name: "hello/main.c",
    digest: { sha256: source },
  });
  expect(buildDefinition.internalParameters.actions.length).toBeGreaterThan(5);
  expect(statement).not.toContain(here.root);
});

test("statements go with what is pushed, and need a key that signs", async () => {
  const here = examplesRig();
  const alone = await here.run(["pkg", "//hello:qemu-x86_64", "--provenance"]);
  expect(alone.text).toContain("error: pkg: --sbom, --provenance and --sign-key go with --push\n");
  expect(alone.code).toBe(2);
  const unsigned = ["--push", "--sign-key", "hello/main.c", "--name", "127.0.0.1:1/x"];
  const refused = await here.run(["pkg", "//hello:qemu-x86_64", ...unsigned]);
  expect(refused.text).toContain(
    "error: --sign-key: hello/main.c has no private key of Ed25519 or ECDSA in PEM\n",
  );
  expect(refused.code).toBe(2);
  const verify = await here.run(["pkg", "verify", "127.0.0.1:1/x", "--key", "hello/main.c"]);
  expect(verify.text).toBe("error: --key: hello/main.c has no key in PEM\n");
});

/** The text in the manifest `digest` of an artifact. */
async function textOf(repository: string, digest: string): Promise<string> {
  const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
  const origin = `http://${repository.replace("/", "/v2/")}`;
  const ask = (path: string) => fetch(`${origin}/${path}`, { headers });
  const { layers } = (await (await ask(`manifests/${digest}`)).json()) as {
    readonly layers: readonly { readonly digest: string }[];
  };
  return (await ask(`blobs/${layers[0]?.digest}`)).text();
}
