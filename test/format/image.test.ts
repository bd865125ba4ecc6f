import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { type ImageSpec, type ImageTarget, writeImage } from "../../src/format/image.ts";
import { lacks, noSignal, run, temporaryDirectory } from "./format-rig.ts";

const kconfig = `#
# Automatically generated file; DO NOT EDIT.
#
CONFIG_UK_FULLVERSION="0.17.0~5d6707af"
CONFIG_UK_CODENAME="Calypso"
CONFIG_UK_BASE="/home/someone/unikraft"
CONFIG_UK_APP="/home/someone/app"
CONFIG_LIBVFSCORE=y
# CONFIG_DEBUG is not set
CONFIG_STACK_SIZE_PAGE_ORDER=4
CONFIG_ARCH_X86_64=y
`;

/** As they are to be in `os.features`. */
const features = [
  "CONFIG_ARCH_X86_64=y",
  "CONFIG_LIBVFSCORE=y",
  "CONFIG_STACK_SIZE_PAGE_ORDER=4",
  "CONFIG_UK_CODENAME=Calypso",
  "CONFIG_UK_FULLVERSION=0.17.0~5d6707af",
];

const mediaType = {
  layer: "application/vnd.oci.image.layer.v1.tar",
  config: "application/vnd.oci.image.config.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
};

const platform = {
  architecture: "x86_64",
  os: "qemu",
  "os.version": "0.17.0~5d6707af",
  "os.features": features,
};

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations: Record<string, string>;
  platform?: unknown;
}

/** What tests read out of a manifest. */
interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

/** A layout on disk, and what is in it. */
class Layout {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get index(): { manifests: Descriptor[]; annotations: unknown } {
    return JSON.parse(readFileSync(join(this.directory, "index.json"), "utf8")) as never;
  }

  /** The blob, which must be as its descriptor says. */
  blob({ digest, size }: Descriptor): Buffer {
    const [algorithm, hash] = digest.split(":");
    const bytes = readFileSync(join(this.directory, "blobs", algorithm!, hash!));
    expect(bytes.length).toBe(size);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(hash);
    return bytes;
  }

  json(descriptor: Descriptor): Manifest {
    return JSON.parse(this.blob(descriptor).toString()) as Manifest;
  }

  /** Every file, by path. */
  files(): Record<string, string> {
    const names = readdirSync(this.directory, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
    return Object.fromEntries(
      paths.map((path) => [path.slice(this.directory.length), readFileSync(path, "latin1")]),
    );
  }
}

function target(home: string, more: Partial<ImageTarget> = {}): ImageTarget {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "kernel"), "\x7fELF kernel");
  writeFileSync(join(home, "initrd"), "070701 initrd".repeat(100), { mode: 0o755 });
  return {
    name: "qemu-x86_64",
    platform: "qemu",
    architecture: "x86_64",
    kernel: join(home, "kernel"),
    initrd: join(home, "initrd"),
    kconfig,
    args: ["/server", "--greeting", "hello world"],
    env: ["PORT=8080", "EMPTY="],
    labels: { zebra: "1", "cloud.unikraft.v1.instances/scale": "true" },
    ...more,
  };
}

async function write(spec: Omit<ImageSpec, "name"> & { name?: string }, at?: string) {
  const directory = at ?? join(temporaryDirectory(), "layout");
  await writeImage(directory, { name: "nginx:1.25", ...spec }, noSignal);
  return new Layout(directory);
}

/** One image, and another for another platform without most things. */
function twoTargets(home: string): ImageTarget[] {
  const second: ImageTarget = {
    name: "fc-arm64",
    platform: "fc",
    architecture: "arm64",
    kernel: join(home, "kernel"),
    args: [],
    env: [],
    labels: {},
  };
  return [target(home), second];
}

const names = {
  "io.containerd.image.name": "unikraft.org/nginx:1.25",
  "org.opencontainers.image.ref.name": "unikraft.org/nginx",
  "sh.kraftkit.version": "kraft-graph",
};
const manifestAnnotations = {
  ...names,
  "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
  "org.unikraft.image.name": "unikraft.org/nginx",
  "org.unikraft.kernel.version": "0.17.0~5d6707af",
};

describe("an image of one target", () => {
  const write1 = () =>
    write({ kind: "image", created: 1_700_000_000, targets: [target(temporaryDirectory())] });

  test("is a layout whose index names the manifest by its tag", async () => {
    const layout = await write1();
    expect(layout.files()["/oci-layout"]).toBe('{"imageLayoutVersion":"1.0.0"}');
    expect(layout.index).toEqual({
      schemaVersion: 2,
      mediaType: mediaType.index,
      annotations: names,
      manifests: [
        {
          mediaType: mediaType.manifest,
          digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
          size: expect.any(Number) as number,
          platform,
          annotations: { ...manifestAnnotations, "org.opencontainers.image.ref.name": "1.25" },
        },
      ],
    });
  });

  test("has a manifest of config and layers, kernel first", async () => {
    const layout = await write1();
    const manifest = layout.json(layout.index.manifests[0]!);
    const descriptor = { digest: expect.any(String) as string, size: expect.any(Number) as number };
    expect(manifest).toEqual({
      schemaVersion: 2,
      mediaType: mediaType.manifest,
      config: { mediaType: mediaType.config, ...descriptor, platform },
      layers: [
        {
          mediaType: mediaType.layer,
          ...descriptor,
          annotations: { "org.unikraft.kernel.image": "/unikraft/bin/kernel" },
        },
        {
          mediaType: mediaType.layer,
          ...descriptor,
          annotations: { "org.unikraft.kernel.initrd": "/unikraft/bin/initrd" },
        },
      ],
      annotations: manifestAnnotations,
    });
  });

  test("has a config with its platform, its command and its layers, and no time", async () => {
    const layout = await write1();
    const { config, layers } = layout.json(layout.index.manifests[0]!);
    expect(layout.json(config)).toEqual({
      ...platform,
      config: {
        Env: ["PORT=8080", "EMPTY="],
        Cmd: ["/server", "--greeting", "hello world"],
        Labels: { "cloud.unikraft.v1.instances/scale": "true", zebra: "1" },
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    });
  });

  test("has layers of one file each, owned by root and without a time", async () => {
    const layout = await write1();
    const { layers } = layout.json(layout.index.manifests[0]!);
    const [kernel, initrd] = layers.map((layer) => layout.blob(layer));
    expect(kernel!.length).toBe(512 + 512 + 1024);
    expect(initrd!.length).toBe(512 + 1536 + 1024);
    const header = initrd!.toString("latin1", 0, 512);
    expect(header.slice(0, 100)).toBe("unikraft/bin/initrd".padEnd(100, "\0"));
    expect(header.slice(100, 148)).toBe(
      "0000644\0" + "0000000\0" + "0000000\0" + "00000002424\0" + "00000000000\0",
    );
    expect(header.slice(156, 157)).toBe("0");
    expect(header.slice(257, 329)).toBe("ustar\x0000".padEnd(72, "\0"));
  });

  test.skipIf(lacks("bsdtar"))("has layers that bsdtar lists", async () => {
    const layout = await write1();
    const { layers } = layout.json(layout.index.manifests[0]!);
    const lists = layers.map((layer) =>
      run("bsdtar", ["-tvf", "-", "--numeric-owner"], { input: layout.blob(layer) }),
    );
    expect(lists).toEqual([
      "-rw-r--r--  0 0      0          11 Jan  1  1970 unikraft/bin/kernel\n",
      "-rw-r--r--  0 0      0        1300 Jan  1  1970 unikraft/bin/initrd\n",
    ]);
  });
});

test("an index names each target with its platform, and so does the layout with its tag", async () => {
  const targets = twoTargets(temporaryDirectory());
  const layout = await write({ kind: "index", targets });
  const [index, ...rest] = layout.index.manifests;
  expect(layout.index.manifests.map(({ mediaType: type }) => type)).toEqual([
    mediaType.index,
    mediaType.manifest,
    mediaType.manifest,
  ]);
  const tagged = (tag: string) => ({
    ...names,
    "io.containerd.image.name": `unikraft.org/nginx:${tag}`,
    "org.opencontainers.image.ref.name": tag,
  });
  expect(index!.annotations).toEqual(tagged("1.25"));
  expect(rest[0]!.annotations).toMatchObject(tagged("1.25-qemu-x86_64"));
  expect(rest[1]!.annotations).toMatchObject(tagged("1.25-fc-arm64"));

  const unversioned = { ...names, "org.unikraft.image.name": "unikraft.org/nginx" };
  const annotations = {
    ...unversioned,
    "org.unikraft.kernel.version": "0.17.0~5d6707af",
  };
  const second = { architecture: "arm64", os: "fc" };
  expect(layout.json(index!)).toEqual({
    schemaVersion: 2,
    mediaType: mediaType.index,
    annotations: names,
    manifests: [
      { ...rest[0], platform, annotations },
      { ...rest[1], platform: second, annotations: unversioned },
    ],
  });
});

test("a target without initrd, configuration and command says nothing of them", async () => {
  const layout = await write({
    kind: "image",
    targets: twoTargets(temporaryDirectory()).slice(1),
  });
  const manifest = layout.json(layout.index.manifests[0]!);
  expect(manifest.layers).toHaveLength(1);
  expect(layout.json(manifest.config)).toEqual({
    architecture: "arm64",
    os: "fc",
    config: {},
    rootfs: { type: "layers", diff_ids: [manifest.layers[0]!.digest] },
  });
});

test("equal images are equal layouts, wherever their files are and whatever their modes", async () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()];
  const first = await write({ kind: "index", targets: twoTargets(one) });
  const targets = twoTargets(other);
  writeFileSync(join(other, "again"), readFileSync(join(other, "kernel")), { mode: 0o700 });
  const second = await write({
    kind: "index",
    targets: [{ ...targets[0]!, kernel: join(other, "again") }, targets[1]!],
  });
  expect(second.files()).toEqual(first.files());
});

test("targets share the blobs that are equal, and no file is left over", async () => {
  const layout = await write({ kind: "index", targets: twoTargets(temporaryDirectory()) });
  // Two layers, two configs, two manifests, an index; index.json and oci-layout.
  expect(Object.keys(layout.files())).toHaveLength(7 + 2);
  for (const [path, content] of Object.entries(layout.files())) {
    const hash = /\/blobs\/sha256\/(.*)/.exec(path)?.[1];
    const digest = createHash("sha256").update(content, "latin1").digest("hex");
    expect(hash ?? digest).toBe(digest);
  }
});

test.each([
  ["nginx", "unikraft.org/nginx:latest"],
  ["nginx:1", "unikraft.org/nginx:1"],
  ["team/nginx", "unikraft.org/team/nginx:latest"],
  ["ghcr.io/team/nginx:1.2_3", "ghcr.io/team/nginx:1.2_3"],
  ["localhost:5000/nginx", "localhost:5000/nginx:latest"],
])("the name %s is completed to %s", async (name, full) => {
  const layout = await write({ kind: "image", name, targets: [target(temporaryDirectory())] });
  expect(layout.index.annotations).toMatchObject({ "io.containerd.image.name": full });
});

test.each([
  ["Nginx", '"Nginx" is no name of an image: use a-z, 0-9, . _ - and /'],
  ["", '"" is no name of an image'],
  ["a//b", '"a//b" is no name of an image'],
  ["a b", '"a b" is no name of an image'],
  ["nginx:", '"nginx:" has a tag that no image can have'],
  ["nginx:.x", '"nginx:.x" has a tag that no image can have'],
])("the name %j is refused", async (name, message) => {
  const targets = [target(temporaryDirectory())];
  await expect(write({ kind: "image", name, targets })).rejects.toThrow(message);
});

test("two targets of one name are refused, as their tags would be the same", async () => {
  const one = target(temporaryDirectory());
  await expect(write({ kind: "index", targets: [one, one] })).rejects.toThrow(
    "1.25-qemu-x86_64 can be no tag of the image, or is there twice",
  );
});

describe.skipIf(lacks("skopeo"))("skopeo", () => {
  test("inspects an image of one target, without being told which", async () => {
    const targets = [target(temporaryDirectory())];
    const layout = await write({ kind: "image", created: 1_700_000_000, targets });
    const { manifests } = layout.index;
    const seen = JSON.parse(run("skopeo", ["inspect", `oci:${layout.directory}`])) as unknown;
    const { layers } = layout.json(manifests[0]!);
    expect(seen).toMatchObject({
      Digest: manifests[0]!.digest,
      Architecture: "x86_64",
      Os: "qemu",
      Layers: layers.map(({ digest }) => digest),
      Env: ["PORT=8080", "EMPTY="],
      Labels: { zebra: "1" },
    });
  });

  test("copies an image of one target with every byte", async () => {
    const layout = await write({ kind: "image", targets: [target(temporaryDirectory())] });
    const copy = join(temporaryDirectory(), "copy");
    run("skopeo", ["copy", "--insecure-policy", `oci:${layout.directory}:1.25`, `dir:${copy}`]);
    const manifest = readFileSync(join(copy, "manifest.json"));
    expect(manifest.equals(layout.blob(layout.index.manifests[0]!))).toBe(true);
  });

  test("copies an index with all its targets, and picks one by its platform", async () => {
    const layout = await write({ kind: "index", targets: twoTargets(temporaryDirectory()) });
    const home = temporaryDirectory();
    const source = `oci:${layout.directory}:1.25`;
    run("skopeo", ["copy", "--insecure-policy", "--all", source, `dir:${home}/all`]);
    const index = layout.index.manifests[0]!;
    expect(readFileSync(join(home, "all/manifest.json")).equals(layout.blob(index))).toBe(true);
    const choice = ["--override-os", "fc", "--override-arch", "arm64"];
    const seen = JSON.parse(run("skopeo", [...choice, "inspect", source])) as unknown;
    expect(seen).toMatchObject({ Architecture: "arm64", Os: "fc" });
  });

  test("inspects each target of an index by its own tag", async () => {
    const layout = await write({ kind: "index", targets: twoTargets(temporaryDirectory()) });
    const inspect = (tag: string) =>
      JSON.parse(run("skopeo", ["inspect", `oci:${layout.directory}:${tag}`])) as unknown;
    expect(inspect("1.25-qemu-x86_64")).toMatchObject({ Os: "qemu" });
    expect(inspect("1.25-fc-arm64")).toMatchObject({ Os: "fc" });
  });
});

// Not `umoci unpack`: it makes a bundle for runc too, and refuses to for any OS but Linux.
test.skipIf(lacks("umoci")).each([
  ["image", "1.25"],
  ["index", "1.25-qemu-x86_64"],
] as const)("umoci unpacks the root file system of an %s", async (kind, tag) => {
  const all = twoTargets(temporaryDirectory());
  const layout = await write({ kind, targets: kind === "image" ? all.slice(0, 1) : all });
  const rootfs = join(temporaryDirectory(), "rootfs");
  run("umoci", ["raw", "unpack", "--rootless", "--image", `${layout.directory}:${tag}`, rootfs]);
  const read = (path: string) => readFileSync(join(rootfs, "unikraft/bin", path));
  expect(readdirSync(join(rootfs, "unikraft/bin"))).toEqual(["initrd", "kernel"]);
  expect(read("kernel").equals(readFileSync(all[0]!.kernel))).toBe(true);
  expect(read("initrd").equals(readFileSync(all[0]!.initrd!))).toBe(true);
});
