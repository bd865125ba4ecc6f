import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { uruncJsonOf, uruncPrefix } from "../../src/format/urunc.ts";
import { everyKind } from "./every-kind-rig.ts";
import { temporaryDirectory } from "./rig.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** What the manifest of an image says; of an index, that of its only one. */
function annotationsIn(image: string): Readonly<Record<string, string>> {
  const raw = execFileSync("skopeo", ["inspect", "--raw", image]).toString();
  const { manifests: [only] = [], annotations = {} } = JSON.parse(raw) as Manifest;
  return only?.annotations ?? annotations;
}

interface Manifest {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests?: readonly Manifest[];
}

test("its rule set is that of the documentation", () => {
  const page = readFileSync(join(examples, "../docs/rules.md"), "utf8");
  const own = readFileSync(join(examples, "every-kind/rules/hermit.js"), "utf8");
  expect(page).toContain(`\`\`\`js\n${own}\`\`\``);
});

test("one query shows what all kinds of unikernels are made of", async () => {
  const { run } = everyKind();
  const deps = await run(["query", "deps(//...)"]);
  expect(deps.stderr).toBe("");
  const labels = deps.stdout.trim().split("\n");
  for (const label of [
    "//web:qemu-x86_64",
    "//web-image:image",
    "//web-nix:bunix",
    "//echo:echo.hvt",
    "//echo-image:image",
    "//hermit:image",
    "//dns:dns",
    "//dns:hvt",
    "//hermit/parts:app.c",
  ]) {
    expect(labels).toContain(label);
  }
  const rdeps = await run(["query", "rdeps(//..., //echo:main.c)"]);
  expect(rdeps.stdout.trim().split("\n").sort()).toEqual([
    "//echo-image:image",
    "//echo-image:kernel",
    "//echo:echo",
    "//echo:echo.hvt",
    "//echo:echo.objects",
    "//echo:echo.spt",
    "//echo:echo.virtio",
    "//echo:main.c",
  ]);
});

test("all of it is built at once, and images say how urunc boots them", async () => {
  const { run, path } = everyKind();
  const built = await run(["build", "//..."]);
  expect(built.text).toMatch(/^done/m);
  const monitors = ["web-image/image", "web-nix/bunix", "echo-image/image", "hermit/image"].map(
    (target) => checkedFacts(path(`.kraft/out/${target}/image`))["hypervisor"],
  );
  expect(monitors).toEqual(["qemu", "firecracker", "spt", "qemu"]);
});

/**
 * What the image in `layout` tells urunc, by keys without prefix, after umoci has unpacked it: the
 * same must stand in its annotations, in its labels, and in /urunc.json, and its kernel be there.
 */
function checkedFacts(layout: string): Readonly<Record<string, string>> {
  const image = `oci:${layout}:latest`;
  const annotations = annotationsIn(image);
  const config = execFileSync("skopeo", ["inspect", "--config", image], { encoding: "utf8" });
  expect(JSON.parse(config)).toMatchObject({ config: { Labels: annotations } });
  const bundle = join(temporaryDirectory(), "bundle");
  execFileSync("umoci", ["unpack", "--rootless", "--image", `${layout}:latest`, bundle]);
  const inside = (path: string): string => join(bundle, "rootfs", path);
  expect(readFileSync(inside("urunc.json"), "utf8")).toBe(uruncJsonOf(annotations));
  const facts = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key.replace(uruncPrefix, ""), value]),
  );
  for (const key of ["binary", "initrd"]) {
    const file = facts[key];
    if (file !== undefined) expect(statSync(inside(file)).size).toBeGreaterThan(0);
  }
  return facts;
}

test("a kernel is packed for urunc, with the devices that it declares", async () => {
  const { run, write, path } = everyKind();
  write({
    "every-kind/echo/manifest.json":
      '{"type": "solo5.manifest", "version": 1, "devices": [{"name": "net0", "type": "NET_BASIC"}]}',
  });
  const name = "example.org/me/echo:1";
  const packed = await run(["pkg", "//echo:echo.spt", "--as", "urunc", "-n", name, "-a", "hi"]);
  expect([packed.stderr.split("\n").at(-2), packed.code]).toEqual([
    expect.stringMatching(/^done/),
    0,
  ]);
  const info = await run(["pkg", "info", name]);
  expect(info.stdout).toContain('command  ["hi"]');
  const exported = await run(["pkg", "export", name, "image.tar"]);
  expect(exported.code).toBe(0);
  expect(annotationsIn(`oci-archive:${path("image.tar")}`)).toMatchObject({
    "com.urunc.unikernel.cmdline": "hi",
    "com.urunc.unikernel.hypervisor": "spt",
    "com.urunc.unikernel.solo5NetDev": "net0",
    "com.urunc.unikernel.unikernelType": "mirage",
  });
  const layout = path("exported");
  const archive = `oci-archive:${path("image.tar")}`;
  execFileSync("skopeo", ["copy", "--quiet", archive, `oci:${layout}:latest`]);
  expect(checkedFacts(layout)).toMatchObject({ solo5NetDev: "net0", hypervisor: "spt" });
  const plain = await run(["pkg", "//echo:echo.spt", "-n", "e.org/x:1"]);
  expect(plain.stderr).toContain(
    'error[unknown-target]: package //echo has no target "echo.spt.oci"',
  );
});

test("a container runtime that is missing is named, and one that is there gets the image", async () => {
  const { run, place, searchPath } = everyKind();
  const lacking = await run(["run", "--runtime", "urunc", "//echo-image"]);
  expect(lacking.code).toBe(2);
  expect(lacking.stderr).toContain(
    "error: nerdctl, urunc, containerd-shim-urunc-v2 are not installed: it takes nerdctl",
  );
  const record = join(place, "calls");
  const nerdctl = `#!/bin/sh
echo "$*" >> ${record}
case "$1" in
  load) cp "$3" ${place}/image.tar; echo loaded ;;
  run) echo the guest speaks; exit 7 ;;
esac
`;
  for (const [name, text] of [
    ["nerdctl", nerdctl],
    ["urunc", "#!/bin/sh\n"],
    ["containerd-shim-urunc-v2", "#!/bin/sh\n"],
  ] as const) {
    writeFileSync(join(place, name), text, { mode: 0o755 });
  }
  const words = ["run", "--runtime", "urunc", "-M", "64Mi", "-e", "A=1"];
  const ran = await run([...words, "//echo-image", "--", "x", "y z"], {
    PATH: `${place}:${searchPath}`,
  });
  expect([ran.code, ran.stdout]).toEqual([7, "the guest speaks\n"]);
  const [load = "", start] = readFileSync(record, "utf8").trim().split("\n");
  expect(load).toMatch(/^load --input \/.*\/image\.tar$/);
  expect(start).toBe(
    "run --rm --pull=never --runtime=io.containerd.urunc.v2 --network=none --memory=67108864 " +
      "--env=A=1 docker.io/kraft-graph/echo-image:latest x y z",
  );
  const archive = `oci-archive:${join(place, "image.tar")}:latest`;
  expect(annotationsIn(archive)).toMatchObject({ "com.urunc.unikernel.hypervisor": "spt" });
});
