import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { type PackageRequest, packageProgram } from "../../../../rules/unikraft/program/package.ts";
import { ProgramError } from "../../../../src/index.ts";
import { lacks, run, temporaryDirectory } from "../../../format/format-rig.ts";
import { runProgram } from "./program-rig.ts";

const output = ".kraft/out/app/oci/image";
const qemu: PackageRequest["targets"][number] = {
  platform: "qemu",
  architecture: "x86_64",
  kernel: "app/kernel",
  initrd: "app/initrd",
  config: "app/config",
  args: ["/app", "a b"],
  env: ["A=1"],
  labels: { "org.example": "yes" },
};
const fc: PackageRequest["targets"][number] = {
  platform: "fc",
  architecture: "arm64",
  kernel: "app/kernel",
  args: [],
  env: [],
  labels: {},
};

/** The layout of `request`, as a directory. */
async function packaged(request: Partial<PackageRequest>): Promise<string> {
  const root = temporaryDirectory();
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app/kernel"), "kernel");
  writeFileSync(join(root, "app/initrd"), "initrd");
  writeFileSync(join(root, "app/config"), 'CONFIG_UK_FULLVERSION="0.17.0"\nCONFIG_LIBUKBOOT=y\n');
  const whole = { name: "app", sourceDateEpoch: 0, targets: [qemu], ...request };
  await runProgram(packageProgram, root, [output, JSON.stringify(whole)], { output });
  return join(root, output);
}

interface Index {
  readonly manifests: readonly {
    readonly mediaType: string;
    readonly digest: string;
    readonly platform?: unknown;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

function indexOf(layout: string): Index {
  return JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as Index;
}

test("one target is an image of its own, and says no time that was not given", async () => {
  const { manifests } = indexOf(await packaged({}));
  expect(manifests).toHaveLength(1);
  expect(manifests[0]!.platform).toEqual({
    architecture: "x86_64",
    os: "qemu",
    "os.version": "0.17.0",
    "os.features": ["CONFIG_LIBUKBOOT=y", "CONFIG_UK_FULLVERSION=0.17.0"],
  });
  expect(manifests[0]!.annotations).toEqual({
    "io.containerd.image.name": "unikraft.org/app:latest",
    "org.opencontainers.image.ref.name": "latest",
    "org.unikraft.image.name": "unikraft.org/app",
    "org.unikraft.kernel.version": "0.17.0",
    "sh.kraftkit.version": "kraft-graph",
  });
});

test("SOURCE_DATE_EPOCH is the time of an image", async () => {
  const { manifests } = indexOf(await packaged({ sourceDateEpoch: 86_400 }));
  expect(manifests[0]!.annotations["org.opencontainers.image.created"]).toBe(
    "1970-01-02T00:00:00Z",
  );
});

test("several targets are one index, and those of one platform are told apart", async () => {
  const layout = await packaged({ targets: [qemu, fc, { ...qemu, args: ["/other"] }] });
  const tags = indexOf(layout).manifests.map(
    ({ annotations }) => annotations["org.opencontainers.image.ref.name"],
  );
  expect(tags).toEqual(["latest", "latest-qemu-x86_64", "latest-fc-arm64", "latest-qemu-x86_64-2"]);
});

test("the same request gives the same image", async () => {
  const digests = [await packaged({}), await packaged({})].map(
    (layout) => indexOf(layout).manifests[0]!.digest,
  );
  expect(digests[0]).toBe(digests[1]);
});

test("a name that no image can have is the user's mistake", async () => {
  await expect(packaged({ name: "My App" })).rejects.toThrow(
    new ProgramError(
      'the image cannot be packaged: "My App" is no name of an image: use a-z, 0-9, . _ - and /',
    ),
  );
});

test.skipIf(lacks("skopeo"))(
  "skopeo reads the command, the environment and the labels",
  async () => {
    const layout = await packaged({});
    const config = run("skopeo", ["inspect", "--config", `oci:${layout}`]);
    expect(JSON.parse(config)).toMatchObject({
      os: "qemu",
      architecture: "x86_64",
      config: { Cmd: ["/app", "a b"], Env: ["A=1"], Labels: { "org.example": "yes" } },
    });
  },
);
