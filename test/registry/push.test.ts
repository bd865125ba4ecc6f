import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { FetchError } from "../../src/fetch/fetch-error.ts";
import { blobsIn, readLayoutRoots } from "../../src/registry/layout.ts";
import { deleteManifest, listRepositories, listTags } from "../../src/registry/listing.ts";
import { pushImage, type PushRequest } from "../../src/registry/push-image.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { listReferrers } from "../../src/registry/referrers.ts";
import { Registries } from "../../src/registry/registries.ts";
import { freshDirectory, testContext } from "../fetch/fetch-rig.ts";
import { writeTestImage, writeReferrer } from "./image-rig.ts";
import { cuttingProxy, openRegistries, skopeo, skopeoCopy, startRegistry } from "./registry-rig.ts";

/** Pushes what the layout has as `1.0`. */
async function push(
  layout: string,
  name: string,
  more: Partial<PushRequest> & { registries?: Registries } = {},
) {
  const registries = more.registries ?? openRegistries();
  const [root] = readLayoutRoots(layout);
  if (root === undefined) throw new Error("the layout is empty");
  const reference = parseReference(name, "kraft");
  return pushImage({ blobs: blobsIn(layout), root, reference, ...more }, registries);
}

describe("what is pushed", () => {
  test("has the same bytes for skopeo, and for whoever pulls it", async () => {
    const { host } = await startRegistry();
    const layout = await writeTestImage(freshDirectory());
    const { digest, sent } = await push(layout, `${host}/team/app:1.0`);
    expect(sent).toBe(4);
    const raw = skopeo("inspect", "--tls-verify=false", "--raw", `docker://${host}/team/app:1.0`);
    expect(raw).toBe(readFileSync(join(layout, "blobs/sha256", digest.slice(7)), "utf8"));
    const copy = join(freshDirectory(), "copy");
    skopeoCopy(`docker://${host}/team/app:1.0`, `oci:${copy}:1.0`, "--src-tls-verify=false");
    const [back] = readLayoutRoots(copy);
    expect(back?.digest).toBe(digest);
  });

  test("is not sent twice, and mounted from a repository that has it", async () => {
    const { host } = await startRegistry();
    const layout = await writeTestImage(freshDirectory());
    await push(layout, `${host}/app:1.0`);
    const again = await push(layout, `${host}/app:2.0`);
    expect(again).toMatchObject({ sent: 0, present: 4 });
    const other = await push(layout, `${host}/other:1.0`, { mountFrom: "app" });
    expect(other).toMatchObject({ sent: 0, mounted: 4 });
    const nowhere = await push(layout, `${host}/third:1.0`, { mountFrom: "nothing" });
    expect(nowhere).toMatchObject({ sent: 4 });
  });

  test("goes in chunks, too", async () => {
    const { host } = await startRegistry();
    const layout = await writeTestImage(freshDirectory(), { kernelBytes: 100_000 });
    await push(layout, `${host}/app:1.0`, { chunkBytes: 7000 });
    const copy = join(freshDirectory(), "copy");
    skopeoCopy(`docker://${host}/app:1.0`, `oci:${copy}:1.0`, "--src-tls-verify=false");
  });

  test("can be listed and deleted", async () => {
    const { host } = await startRegistry();
    const layout = await writeTestImage(freshDirectory());
    const { digest } = await push(layout, `${host}/team/app:1.0`);
    await push(layout, `${host}/team/app:2.0`);
    await push(layout, `${host}/zoo:1`);
    const registries = openRegistries();
    const place = await registries.placeOf(parseReference(`${host}/team/app`, "kraft"));
    expect(await listRepositories(place, registries)).toEqual(["team/app", "zoo"]);
    expect(await listTags(place, registries)).toEqual(["1.0", "2.0"]);
    await deleteManifest(digest, place, registries);
    expect(await listTags(place, registries)).toEqual([]);
    await expect(deleteManifest(digest, place, registries)).rejects.toThrow("answers 404");
  });
});

test("what is about an image is found by it, in a registry that keeps no list", async () => {
  const { host } = await startRegistry();
  const layout = await writeTestImage(freshDirectory());
  const { digest } = await push(layout, `${host}/app:1.0`);
  const registries = openRegistries();
  const place = await registries.placeOf(parseReference(`${host}/app`, "kraft"));
  expect(await listReferrers(digest, { place, registries })).toEqual([]);
  for (const artifactType of ["application/spdx+json", "application/vnd.in-toto+json"]) {
    const root = writeReferrer(layout, { subject: digest, artifactType });
    const reference = { registry: host, repository: "app" };
    await pushImage({ blobs: blobsIn(layout), root, reference }, registries);
    await pushImage({ blobs: blobsIn(layout), root, reference }, registries);
  }
  const found = await listReferrers(digest, { place, registries });
  const types = found.map(({ artifactType }) => artifactType);
  expect(types).toEqual(["application/spdx+json", "application/vnd.in-toto+json"]);
});

const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9];

test("an upload that breaks off after any tenth goes on where it was", async () => {
  const { host } = await startRegistry();
  const layout = await writeTestImage(freshDirectory(), { kernelBytes: 1_000_000 });
  for (const tenth of tenths) {
    const proxy = await cuttingProxy(host, { toServer: tenth * 100_000 });
    const name = `app${tenth}:1.0`;
    const { digest } = await push(layout, `${proxy.host}/${name}`);
    expect(proxy.cuts()).toBe(1);
    const raw = skopeo("inspect", "--tls-verify=false", "--raw", `docker://${host}/${name}`);
    expect(raw).toBe(readFileSync(join(layout, "blobs/sha256", digest.slice(7)), "utf8"));
  }
});

test("an upload that is told to stop after any tenth is completed by the next", async () => {
  const { host } = await startRegistry();
  const layout = await writeTestImage(freshDirectory(), { kernelBytes: 1_000_000 });
  for (const tenth of tenths) {
    const { context, abort } = testContext();
    const settings = { insecure: [], mirrors: {} };
    const registries = new Registries(settings, {
      ...context,
      onProgress: (bytes, total) => {
        if (total !== undefined && bytes >= (tenth * total) / 10) abort.abort();
      },
    });
    const name = `${host}/app${tenth}:1.0`;
    await expect(push(layout, name, { registries })).rejects.toThrow(FetchError);
    await registries.close();
    await push(layout, name);
  }
  const last = join(freshDirectory(), "copy");
  skopeoCopy(`docker://${host}/app9:1.0`, `oci:${last}:1.0`, "--src-tls-verify=false");
});

test("a layout that is damaged is not pushed", async () => {
  const { host } = await startRegistry();
  const layout = await writeTestImage(freshDirectory());
  const [root] = readLayoutRoots(layout);
  const manifest = join(layout, "blobs/sha256", root?.digest.slice(7) ?? "");
  execFileSync("chmod", ["u+w", manifest]);
  writeFileSync(manifest, `${readFileSync(manifest, "utf8")} `);
  await expect(push(layout, `${host}/app:1.0`)).rejects.toThrow("is damaged");
});
