import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { kraftkitDirectory, kraftkitImages } from "../../src/registry/kraftkit-store.ts";
import { partsOf } from "../../src/registry/layout.ts";
import { freshDirectory } from "../fetch/fetch-rig.ts";
import { rootOf, writeTestImage } from "./image-rig.ts";

test("images of KraftKit are found by their links, and those it removed are left out", async () => {
  const directory = freshDirectory();
  const layout = await writeTestImage(freshDirectory());
  const { digest } = rootOf(layout);
  cpSync(join(layout, "blobs"), join(directory, "digests"), { recursive: true });
  const tags = join(directory, "indexes/unikraft.org/official/app");
  mkdirSync(tags, { recursive: true });
  const blob = join(directory, "digests/sha256", digest.slice(7));
  symlinkSync(blob, join(tags, "1.0"));
  symlinkSync(join(directory, "digests/sha256", "0".repeat(64)), join(tags, "gone"));
  writeFileSync(join(tags, "strange"), "no link");
  const found = kraftkitImages(directory);
  expect(found).toMatchObject([{ reference: "unikraft.org/official/app:1.0", root: { digest } }]);
  const [image] = found;
  if (image === undefined) throw new Error("nothing was found");
  expect(partsOf(image.blobs, image.root).blobs).toHaveLength(4);
});

test("a port in a name is found again, though KraftKit writes a slash before it", async () => {
  const directory = freshDirectory();
  const layout = await writeTestImage(freshDirectory(), { name: "127.0.0.1:5000/team/app:1.0" });
  const { digest } = rootOf(layout);
  cpSync(join(layout, "blobs"), join(directory, "digests"), { recursive: true });
  const tags = join(directory, "indexes/127.0.0.1/5000/team/app");
  mkdirSync(tags, { recursive: true });
  symlinkSync(join(directory, "digests/sha256", digest.slice(7)), join(tags, "1.0"));
  expect(kraftkitImages(directory)).toMatchObject([{ reference: "127.0.0.1:5000/team/app:1.0" }]);
});

test("it is looked for where KraftKit keeps it, and nowhere without a home", () => {
  expect(kraftkitDirectory({ HOME: "/home/me" })).toBe(
    "/home/me/.local/share/kraftkit/runtime/oci",
  );
  expect(kraftkitDirectory({ HOME: "/home/me", KRAFTKIT_RUNTIME_DIR: "/run/kraft" })).toBe(
    "/run/kraft/oci",
  );
  expect(kraftkitDirectory({})).toBeUndefined();
  expect(kraftkitImages("/nowhere")).toEqual([]);
});
