import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { skopeo } from "../registry/registry-rig.ts";
import { examplesRig } from "./examples-rig.ts";

interface Layers {
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[];
}

test.each(["gzip", "zstd"])(
  "a workspace that wants layers by %s has them in :oci and in what is packaged from it",
  async (packing) => {
    const here = examplesRig();
    const layersOf = (layout: string): Layers["layers"] => {
      const words = ["inspect", "--override-os", "qemu", "--override-arch", "x86_64", "--raw"];
      const blobs = here.path(join(layout, "blobs/sha256"));
      const index = skopeo(...words, `oci:${here.path(layout)}`);
      const { manifests: [first] = [], ...own } = JSON.parse(index) as Layers & {
        manifests?: { digest: string }[];
      };
      if (first === undefined) return own.layers;
      return (JSON.parse(readFileSync(join(blobs, first.digest.slice(7)), "utf8")) as Layers)
        .layers;
    };
    const own = ".kraft/out/hello/qemu-x86_64.oci/image";
    const target = "//hello:qemu-x86_64.oci";
    expect((await here.build(target, "//hello:qemu-x86_64.kernel")).code).toBe(0);
    const plain = layersOf(own);
    const file = "kraft.workspace.yaml";
    here.write({ [file]: `${here.read(file)}build: {compressLayers: ${packing}}\n` });
    const built = await here.build(target);
    expect(built.code, built.text).toBe(0);
    // The kernel and its root file system are what they were.
    const kinds = built.events.filter(({ outcome }) => outcome === "executed");
    expect(new Set(kinds.map(({ mnemonic }) => mnemonic))).toEqual(
      new Set(["Layer", "Compress", "Package"]),
    );
    const type = `application/vnd.oci.image.layer.v1.tar+${packing}`;
    const compressed = layersOf(own);
    expect(compressed.map(({ mediaType }) => mediaType)).toEqual([type, type]);
    const name = "example.org/hello:1";
    const packed = await here.run(["pkg", "//hello:qemu-x86_64", "--name", name]);
    expect(packed.code, packed.text).toBe(0);
    expect((await here.run(["pkg", "export", name, "exported"])).code).toBe(0);
    expect(layersOf("exported")).toEqual(compressed);
    const booted = await here.run(["run", name]);
    expect(booted.stdout, booted.text).toContain(
      "This greeting is a file of the root file system.",
    );
    // Asked for otherwise, they are what they would be without the setting.
    const words = ["pkg", "//hello:qemu-x86_64", "--name", name, "--compress", "none"];
    expect((await here.run(words)).code).toBe(0);
    expect((await here.run(["pkg", "export", name, "plain"])).code).toBe(0);
    expect(layersOf("plain")).toEqual(plain);
    // What is in them, tools for containers find by its digest.
    skopeo("copy", `oci:${here.path(own)}`, `dir:${here.path("copy")}`);
    const unpack = ["raw", "unpack", "--rootless", "--image", `${here.path(own)}:latest`];
    execFileSync("umoci", [...unpack, here.path("files")], { stdio: "pipe" });
    const kernel = ".kraft/out/hello/qemu-x86_64.kernel/hello_qemu-x86_64";
    expect(here.read("files/unikraft/bin/kernel")).toBe(here.read(kernel));
  },
);
