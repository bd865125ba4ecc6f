import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { applyLayers, findImage } from "../../src/format/image-tree.ts";
import { lacks, noSignal, run, temporaryDirectory } from "./format-rig.ts";
import { diskLines, linesOf } from "./tree-rig.ts";

/** A layer, as lines of mtree: what tools for layers meet in the wild. */
type Layer = readonly string[];

const file = (path: string, mode = "0644") => `./${path} type=file mode=${mode} uid=0 gid=0 size=0`;
const directory = (path: string, mode = "0755") => `./${path} type=dir mode=${mode} uid=0 gid=0`;
const link = (path: string, to: string) => `./${path} type=link link=${to} uid=0 gid=0`;

const layers: readonly Layer[] = [
  [
    directory("usr"),
    directory("usr/lib"),
    file("usr/lib/a.so"),
    file("usr/lib/b.so", "0755"),
    link("lib", "usr/lib"),
    directory("var"),
    directory("var/cache"),
    file("var/cache/one"),
    directory("var/cache/two"),
    file("var/cache/two/deep"),
    directory("etc"),
    file("etc/hosts"),
    file("etc/shadow", "0600"),
    directory("srv"),
    file("srv/kept"),
    link("gone", "etc"),
  ],
  [
    // Opaque: what the layer itself puts there stays, on either side of the mark.
    directory("var"),
    directory("var/cache", "0700"),
    file("var/cache/new"),
    file("var/cache/.wh..wh..opq"),
    file("var/cache/newer"),
    directory("etc"),
    file("etc/.wh.shadow"),
    file("etc/.wh.never-there"),
    file(".wh.gone"),
    // A directory where a file was, and the other way round.
    directory("etc/hosts"),
    file("etc/hosts/entry"),
    file("srv"),
    directory("usr"),
    directory("usr/lib"),
    file("usr/lib/.wh.a.so"),
  ],
];

/** A layout with one image of `layers` for each platform, tagged `one`. */
function layoutOf(
  given: readonly Layer[],
  platforms: readonly string[] = ["amd64"],
): { readonly layout: string; readonly digests: readonly string[] } {
  const layout = join(temporaryDirectory(), "layout");
  mkdirSync(join(layout, "blobs/sha256"), { recursive: true });
  const add = (bytes: Uint8Array, mediaType: string) => {
    const hash = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(layout, "blobs/sha256", hash), bytes);
    return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
  };
  const oci = "application/vnd.oci.image";
  const json = (value: object, type: string) => add(Buffer.from(JSON.stringify(value)), type);
  const tars = given.map((lines) => {
    const input = Buffer.from(["#mtree", ...lines, ""].join("\n"));
    const tar = run("bsdtar", ["--format=pax", "-cf", "-", "@-"], { cwd: layout, input });
    return add(Buffer.from(tar, "latin1"), `${oci}.layer.v1.tar`);
  });
  const manifests = platforms.map((architecture) => {
    const config = json(
      {
        architecture,
        os: "linux",
        config: { Cmd: ["-g", "daemon off;"], Entrypoint: ["/nginx"], Env: ["A=b"], User: "1000" },
        rootfs: { type: "layers", diff_ids: tars.map(({ digest }) => digest) },
      },
      `${oci}.config.v1+json`,
    );
    const manifest = { schemaVersion: 2, mediaType: `${oci}.manifest.v1+json`, config };
    return {
      ...json({ ...manifest, layers: tars }, `${oci}.manifest.v1+json`),
      platform: { architecture, os: "linux" },
      annotations: { "org.opencontainers.image.ref.name": "one" },
    };
  });
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  return { layout, digests: manifests.map(({ digest }) => digest) };
}

async function linesOfLayout(layout: string): Promise<string[]> {
  const image = await findImage(layout, { architecture: "x86_64" }, noSignal);
  const { tree, close } = applyLayers(image.layers);
  onTestFinished(close);
  return linesOf(tree, { owners: true });
}

test.skipIf(lacks("umoci") || lacks("bsdtar"))(
  "layers over each other are what umoci unpacks: whiteouts, opaque directories, changed kinds",
  async () => {
    const { layout } = layoutOf(layers);
    const bundle = join(temporaryDirectory(), "bundle");
    run("umoci", ["unpack", "--image", `${layout}:one`, bundle]);
    expect(await linesOfLayout(layout)).toEqual(
      diskLines(join(bundle, "rootfs"), { owners: true }),
    );
  },
);

test.skipIf(lacks("bsdtar"))(
  "a member below a symbolic link lands where the link leads",
  async () => {
    const { layout } = layoutOf([...layers, [file("lib/c.so"), file("gone/x")]]);
    const lines = await linesOfLayout(layout);
    expect(lines).toContain("usr/lib/c.so file 0644 0 e3b0c44298fc 0:0");
    expect(lines).toContain("lib symlink usr/lib 0:0");
  },
);

test.skipIf(lacks("umoci") || lacks("bsdtar"))(
  "an opaque directory where a link was leaves alone what the link led to",
  async () => {
    const below = [directory("srv"), file("srv/kept"), link("data", "srv")];
    const opaque = (path: string) => file(`${path}/.wh..wh..opq`);
    const kept = "srv/kept file 0644 0 e3b0c44298fc 0:0";
    // On either side of the mark, and where only the mark says that there is a directory.
    const [entry, mark, own] = [directory("data"), opaque("data"), file("data/own")];
    for (const above of [
      [entry, mark, own],
      [mark, entry, own],
    ]) {
      const { layout } = layoutOf([below, above]);
      const lines = await linesOfLayout(layout);
      expect(lines).toEqual([
        "data directory 0755 0:0",
        "data/own file 0644 0 e3b0c44298fc 0:0",
        "srv directory 0755 0:0",
        kept,
      ]);
      // It follows the link if the mark is the first to speak of the directory.
      if (above[0] !== entry) continue;
      const bundle = join(temporaryDirectory(), "bundle");
      run("umoci", ["unpack", "--image", `${layout}:one`, bundle]);
      expect(lines).toEqual(diskLines(join(bundle, "rootfs"), { owners: true }));
    }
    expect(await linesOfLayout(layoutOf([below, [mark]]).layout)).toContain(kept);
  },
);

test.skipIf(lacks("bsdtar"))("of several images the one for the platform is taken", async () => {
  const { layout } = layoutOf(layers, ["amd64", "arm64"]);
  const image = await findImage(layout, { architecture: "arm64" }, noSignal);
  expect(image.platform).toEqual({ architecture: "arm64", os: "linux" });
  expect(image.start).toEqual({
    entrypoint: ["/nginx"],
    cmd: ["-g", "daemon off;"],
    env: ["A=b"],
    workingDirectory: "",
    user: "1000",
    labels: {},
  });
  await expect(findImage(layout, { architecture: "riscv64" }, noSignal)).rejects.toThrow(
    "has no image for linux/riscv64, but images for linux/amd64, linux/arm64",
  );
});

test.skipIf(lacks("bsdtar"))("a blob with other bytes is told, not unpacked", async () => {
  const { layout, digests } = layoutOf(layers);
  const blob = (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
  const manifest = JSON.parse(readFileSync(blob(digests[0] ?? ""), "utf8")) as {
    layers: { digest: string }[];
  };
  const layer = manifest.layers[0]?.digest ?? "";
  appendFileSync(blob(layer), "x");
  const find = () => findImage(layout, { architecture: "x86_64" }, noSignal);
  await expect(find()).rejects.toThrow(`has other bytes than it should as the blob ${layer}`);
  rmSync(blob(layer));
  await expect(find()).rejects.toThrow(`lacks the blob ${layer}`);
});
