import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { blobsIn, readLayoutRoots } from "../../src/registry/layout.ts";
import { pushImage } from "../../src/registry/push-image.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { listReferrers } from "../../src/registry/referrers.ts";
import { type NamedSource, spdxOf, spdxType } from "../../src/registry/sbom.ts";
import { writeStatement } from "../../src/registry/statement.ts";
import { freshDirectory } from "../fetch/fetch-rig.ts";
import { writeTestImage } from "./image-rig.ts";
import { openRegistries, startRegistry } from "./registry-rig.ts";

const commit = "0123456789".repeat(4);
const sha256 = "ab".repeat(32);
const sources: readonly NamedSource[] = [
  {
    name: "unikraft",
    source: {
      kind: "git",
      url: "https://me:secret@example.com/unikraft.git",
      reference: "stable",
      commit,
    },
  },
  { name: "lwip", source: { kind: "archive", urls: ["https://example.com/lwip.tgz"], sha256 } },
  { name: "patch", source: { kind: "file", urls: ["https://example.com/p"], checksums: [] } },
  {
    name: "base",
    source: {
      kind: "image",
      reference: "unikraft.org/base:latest",
      platform: { os: "qemu", architecture: "x86_64" },
      digest: `sha256:${sha256}`,
    },
  },
];

test("a list of sources says where each came from, and as which bytes, without passwords", () => {
  const subject = {
    reference: "unikraft.org/app:1.0",
    digest: `sha256:${sha256}`,
    toolVersion: "1.2.3",
    created: 0,
  };
  const text = spdxOf(subject, sources);
  expect(spdxOf(subject, sources.toReversed())).toBe(text);
  expect(text).not.toContain("secret");
  const { packages, relationships, creationInfo } = JSON.parse(text) as {
    packages: Record<string, unknown>[];
    relationships: unknown[];
    creationInfo: unknown;
  };
  expect(creationInfo).toEqual({
    created: "1970-01-01T00:00:00Z",
    creators: ["Tool: kraft-graph-1.2.3"],
  });
  expect(relationships).toHaveLength(5);
  const checksums = [{ algorithm: "SHA256", checksumValue: sha256 }];
  expect(packages).toMatchObject([
    { name: "unikraft.org/app:1.0", checksums },
    { name: "base", versionInfo: "unikraft.org/base:latest", checksums },
    { name: "lwip", downloadLocation: "https://example.com/lwip.tgz", checksums },
    { name: "patch", downloadLocation: "https://example.com/p" },
    {
      name: "unikraft",
      versionInfo: "stable",
      downloadLocation: `git+https://example.com/unikraft.git@${commit}`,
    },
  ]);
});

test("it is found by its image in a registry", async () => {
  const { host } = await startRegistry();
  const layout = await writeTestImage(freshDirectory());
  const [subject] = readLayoutRoots(layout);
  if (subject === undefined) throw new Error("the layout is empty");
  const registries = openRegistries();
  const reference = parseReference(`${host}/app:1.0`, "kraft");
  await pushImage({ blobs: blobsIn(layout), root: subject, reference }, registries);
  const directory = freshDirectory();
  const statement = { artifactType: spdxType, text: '{"spdxVersion":"SPDX-2.3"}', subject };
  const root = await writeStatement(statement, directory, new AbortController().signal);
  const bare = { registry: host, repository: "app" };
  await pushImage({ blobs: blobsIn(directory), root, reference: bare }, registries);
  const place = await registries.placeOf(bare);
  const found = await listReferrers(subject.digest, { place, registries });
  expect(found).toMatchObject([{ artifactType: spdxType, digest: root.digest }]);
  const manifest = readFileSync(blobsIn(directory)(root.digest), "utf8");
  expect(JSON.parse(manifest)).toMatchObject({ subject: { digest: subject.digest } });
});
