import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { writeImage } from "../../src/format/image.ts";
import { skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { rig, temporaryDirectory } from "./rig.ts";

/** What a runtime brings along; its kernel is none that could boot. */
interface Runtime {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly initrd?: string;
}

/** Publishes a runtime, and gives its name. */
async function published({ args, env, initrd }: Runtime): Promise<string> {
  const { host } = await startRegistry();
  const place = temporaryDirectory();
  writeFileSync(join(place, "kernel"), "a kernel");
  if (initrd !== undefined) writeFileSync(join(place, "initrd"), initrd);
  const target = {
    name: "qemu-x86_64",
    platform: "qemu",
    architecture: "x86_64",
    kernel: join(place, "kernel"),
    ...(initrd !== undefined && { initrd: join(place, "initrd") }),
    kconfig: "CONFIG_LIBVFSCORE=y\n",
    args,
    env,
    labels: {},
  };
  const spec = { kind: "image", name: "base:1.0", targets: [target] } as const;
  await writeImage(join(place, "image"), spec, new AbortController().signal);
  const from = `oci:${join(place, "image")}:1.0`;
  skopeoCopy(from, `docker://${host}/base:1.0`, "--dest-tls-verify=false", "--all");
  return `oci://${host}/base:1.0`;
}

/** Apps of the runtime `reference`; what each is packaged with. */
function appsRig(reference: string, apps: Readonly<Record<string, string>>) {
  const here = rig({ "kraft.workspace.yaml": "version: 1\n", "files/motd": "hello\n" });
  for (const [name, lines] of Object.entries(apps)) {
    const head = `spec: v0.6\nname: ${name}\nruntime: ${reference}\ntargets: [qemu/x86_64]\n`;
    here.write({ [`${name}/Kraftfile`]: head + lines });
  }
  return {
    ...here,
    package: async (name: string, ...words: readonly string[]) => {
      const built = await here.build(`//${name}:qemu-x86_64.oci`, ...words);
      expect(built.code, built.text).toBe(0);
      return packagedIn(here.path(`.kraft/out/${name}/qemu-x86_64.oci/image`));
    },
  };
}

function packagedIn(layout: string) {
  const jsonOf = (path: string) => JSON.parse(readFileSync(join(layout, path), "utf8"));
  const blobOf = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
  const manifest = jsonOf(blobOf(jsonOf("index.json").manifests[0].digest));
  const { Cmd: args = [], Env: env = [] } = jsonOf(blobOf(manifest.config.digest)).config ?? {};
  const layers = manifest.layers as readonly { readonly digest: string }[];
  return {
    args,
    env,
    layers: layers.map(({ digest }) => readFileSync(join(layout, blobOf(digest)))),
  };
}

const own = `rootfs: ../files
cmd: [own, "a b"]
env: {MODE: own}
`;

test("an app takes from its runtime what it does not say itself", async () => {
  const reference = await published({
    args: ["/theirs", "x y"],
    env: ["MODE=theirs", "LANG=C"],
    initrd: "their files",
  });
  const here = appsRig(reference, { plain: "", own, quiet: "cmd: []\n" });
  const plain = await here.package("plain");
  expect(plain).toMatchObject({ args: ["/theirs", "x y"], env: ["MODE=theirs", "LANG=C"] });
  expect(plain.layers[1]?.includes("their files")).toBe(true);
  const mine = await here.package("own");
  expect(mine).toMatchObject({ args: ["own", "a b"], env: ["MODE=own", "LANG=C"] });
  expect(mine.layers[1]?.includes("motd")).toBe(true);
  expect(mine.layers[1]?.includes("their files")).toBe(false);
  expect((await here.package("quiet")).args).toEqual([]);
  expect(await here.package("plain", "--offline", "--locked", "--recheck")).toEqual(plain);
});

test("an app of a runtime that brings nothing along has a kernel and no more", async () => {
  const here = appsRig(await published({ args: [], env: [] }), { plain: "" });
  const plain = await here.package("plain");
  expect(plain).toMatchObject({ args: [], env: [] });
  expect(plain.layers).toHaveLength(1);
});

test("an app takes from a runtime of its workspace what that takes from a registry", async () => {
  const reference = await published({ args: ["/theirs"], env: ["LANG=C"], initrd: "their files" });
  const here = appsRig(reference, { middle: "env: {MODE: middle}\n" });
  here.write({
    "kraft.workspace.yaml": "version: 1\nprovides: {middle: //middle}\n",
    "top/Kraftfile": "spec: v0.6\nname: top\nruntime: middle\n",
  });
  const top = await here.package("top");
  expect(top).toMatchObject({ args: ["/theirs"], env: ["MODE=middle", "LANG=C"] });
  expect(top.layers[1]?.includes("their files")).toBe(true);
});
