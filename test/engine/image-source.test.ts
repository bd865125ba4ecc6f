import { join } from "node:path";
import { expect, test } from "vitest";

import type { ImageSource } from "../../src/action/remote-source.ts";
import { Fetching } from "../../src/engine/fetching.ts";
import { openStore } from "../../src/store/store.ts";
import { materialize } from "../../src/store/tree-layout.ts";
import { lockText } from "../../src/workspace/lock-text.ts";
import { pinName, pinNameOf, pinnedBy, readLockFile } from "../../src/workspace/lock-file.ts";
import { freshDirectory } from "../fetch/fetch-rig.ts";
import { rootOf, writeTestImage } from "../registry/image-rig.ts";
import { skopeo, skopeoCopy, startRegistry } from "../registry/registry-rig.ts";

const host = {
  env: {},
  kill: () => undefined,
  epochMs: () => 0,
  now: () => 0,
  processId: 1,
};

test("an image is pinned by its manifest, and comes as a layout that tools read", async () => {
  const { host: registry } = await startRegistry();
  const layout = await writeTestImage(freshDirectory());
  skopeoCopy(`oci:${layout}:1.0`, `docker://${registry}/app:1.0`, "--dest-tls-verify=false");
  const directory = freshDirectory();
  const store = openStore(directory, host);
  const registries = { insecure: [], mirrors: {} };
  const fetching = new Fetching({ store, host, vendorDirectory: undefined, registries });
  const platform = { os: "qemu", architecture: "x86_64", features: ["CONFIG_LIBVFSCORE=y"] };
  const source: ImageSource = { kind: "image", reference: `${registry}/app:1.0`, platform };
  const options = { signal: new AbortController().signal, onProgress: () => undefined };

  const pin = await fetching.resolve(source, options);
  const { digest } = rootOf(layout, 1);
  expect(pin).toEqual({
    kind: "image",
    url: `${registry}/app:1.0`,
    reference: "qemu/x86_64 CONFIG_LIBVFSCORE=y",
    digest,
  });
  const text = lockText({ pins: [pin], components: [] }, undefined);
  const [read] = readLockFile({ path: "kraft.lock.yaml", text }, (one) => {
    throw new Error(one.message);
  }).values();
  expect(read && pinName(read)).toBe(pinNameOf(source));
  expect(read && pinnedBy(source, read)).toEqual({ ...source, digest });

  for (const name of ["first", "second"]) {
    const node = await fetching.fetch({ ...source, digest }, options);
    if (node.kind !== "tree") throw new Error("expected a tree");
    materialize(node, join(directory, name), store.cas);
    expect(skopeo("inspect", "--raw", `oci:${join(directory, name)}`)).toContain("vnd.oci.image");
    expect(rootOf(join(directory, name)).digest).toBe(digest);
  }
});
