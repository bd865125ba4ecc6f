import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { hasProgram } from "../examples/core-rig.ts";
import { skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { rig } from "./rig.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** A catalog: `library` makes kernels, and `apps` start from those. */
function catalog(files: Readonly<Record<string, string>>) {
  const here = rig({ "kraft.workspace.yaml": "version: 1\n" });
  for (const name of ["core", "libs"]) {
    cpSync(join(examples, name), join(here.root, name), { recursive: true });
  }
  const library = join(here.root, "library/cat/1.0");
  // One of its files is reached by a link.
  cpSync(join(examples, "cat"), library, { recursive: true, verbatimSymlinks: true });
  const path = "library/cat/1.0/Kraftfile";
  here.write({ [path]: here.read(path).replaceAll("../", "../../../") });
  here.write(files);
  return here;
}

const poem = {
  "apps/poem/Kraftfile": `spec: v0.6
name: poem
runtime: cat:1.0
rootfs: ./fs
cmd: ["/poem.txt"]
env: {LANG: C}
`,
  "apps/poem/fs/poem.txt": "The owl and the pussycat went to sea\n",
};

test("apps start from a kernel that their catalog builds first, once for all of them", async () => {
  const here = catalog({
    ...poem,
    "apps/plain/Kraftfile": "spec: v0.6\nname: plain\nruntime: unikraft.org/cat:1.0\n",
  });
  const built = await here.build("//apps/poem:qemu-x86_64", "//apps/plain:qemu-x86_64");
  expect(built.code, built.text).toBe(0);
  const links = built.executed.filter((subject) => subject.endsWith("cat_qemu-x86_64.dbg"));
  expect(links.length).toBeLessThanOrEqual(1);
  const outputs = Object.keys(built.outputs).filter((path) => /_qemu-x86_64$|cpio$/.test(path));
  expect(outputs).toEqual([
    "apps/poem/rootfs-x86_64/initramfs-x86_64.cpio",
    "library/cat/1.0/qemu-x86_64.config/.config.cat_qemu-x86_64",
    "library/cat/1.0/qemu-x86_64.kernel/cat_qemu-x86_64",
    "library/cat/1.0/rootfs-x86_64/initramfs-x86_64.cpio",
  ]);
  const targets = await here.run(["query", "kind(unikraft_image, //apps/...)"]);
  expect(targets.stdout).toBe(
    ["plain:fc", "plain:qemu", "poem:fc", "poem:qemu"]
      .map((name) => `//apps/${name}-x86_64\n`)
      .join(""),
  );
  const touched = await here.run([
    "query",
    "rdeps(//apps/..., //library/cat/1.0:qemu-x86_64.kernel)",
  ]);
  expect(touched.stdout.split("\n")).toContain("//apps/poem:qemu-x86_64");
  const none = await here.run(["pkg", "ls", "cat"]);
  expect(none.stdout).not.toContain("oci");
});

test.skipIf(!hasProgram("qemu-system-x86_64"))(
  "an app of a runtime boots with its own files and words",
  async () => {
    const here = catalog(poem);
    const ran = await here.run([
      "run",
      "//apps/poem:qemu-x86_64",
      "--expect",
      "The owl and the pussycat",
      "--timeout",
      "60",
    ]);
    expect(ran.code, ran.text + ran.stdout).toBe(0);
  },
);

test("the workspace says which package stands for a runtime, wherever that is", async () => {
  const here = catalog({
    "kraft.workspace.yaml": "version: 1\nprovides: {base: //library/cat/1.0:fc-x86_64}\n",
    "app/Kraftfile": "spec: v0.6\nname: app\nruntime: oci://unikraft.org/base:latest\n",
  });
  const deps = await here.run(["query", "deps(//app:fc-x86_64, 1)"]);
  expect(deps.stdout.split("\n")).toContain("//library/cat/1.0:fc-x86_64");
  here.write({
    "app/Kraftfile":
      "spec: v0.6\nname: app\nruntime: base:latest\ntargets: [fc/x86_64, qemu/arm64]\n",
  });
  const missing = await here.build("//app:fc-x86_64");
  expect(missing.text).toMatchInlineSnapshot(`
    "error[unknown-target]: the runtime base:latest has no kernel for qemu/arm64
     --> app/Kraftfile:4:22
      |
    4 | targets: [fc/x86_64, qemu/arm64]
      |                      ^^^^^^^^^^
      = help: //library/cat/1.0, which provides it, has fc/x86_64
    failed: no actions; TIME
    "
  `);
  expect(missing.code).toBe(2);
  here.write({
    "kraft.workspace.yaml": "version: 1\nprovides: {base:latest: //app, b: //b}\n",
    "app/Kraftfile": "spec: v0.6\nname: app\nruntime: b\n",
    "b/Kraftfile": "spec: v0.6\nname: b\nruntime: base\n",
  });
  const circle = await here.build("//app");
  expect(circle.code).toBe(2);
  expect(circle.text).toContain(
    "depend on each other: //app:qemu-x86_64 -> //b:qemu-x86_64 -> //app:qemu-x86_64",
  );
});

/** Pushes what `library/cat` is packaged as; gives the name of the runtime that it then is. */
async function published(catalogue: ReturnType<typeof catalog>): Promise<string> {
  const { host } = await startRegistry();
  const packed = await catalogue.build("//library/cat/1.0:oci", "//library/cat/1.0:qemu-x86_64");
  expect(packed.code, packed.text).toBe(0);
  const layout = catalogue.path(".kraft/out/library/cat/1.0/oci/image");
  const [tag] = JSON.parse(
    catalogue.read(".kraft/out/library/cat/1.0/oci/image/index.json"),
  ).manifests.map(
    (one: { annotations: Record<string, string> }) =>
      one.annotations["org.opencontainers.image.ref.name"],
  );
  skopeoCopy(
    `oci:${layout}:${tag}`,
    `docker://${host}/cat:1.0`,
    "--dest-tls-verify=false",
    "--all",
  );
  return `oci://${host}/cat:1.0`;
}

test("a runtime that nobody here provides comes from its registry, and is pinned", async () => {
  const catalogue = catalog({});
  const reference = await published(catalogue);
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    ...poem,
    "apps/poem/Kraftfile": poem["apps/poem/Kraftfile"]
      .replace("cat:1.0", reference)
      .replace("rootfs:", "targets: [qemu/x86_64, fc/x86_64]\nrootfs:"),
  });
  const built = await here.build("//apps/poem:qemu-x86_64");
  expect(built.code, built.text).toBe(0);
  expect(here.read("kraft.lock.yaml")).toMatch(/image: 127.0.0.1:\d+\/cat:1.0\n +platform: qemu/);
  const kernel = ".kraft/out/apps/poem/qemu-x86_64/poem_qemu-x86_64";
  expect(readdirSync(here.path(".kraft/out/apps/poem/qemu-x86_64"))).toContain("poem_qemu-x86_64");
  const own = ".kraft/out/library/cat/1.0/qemu-x86_64.kernel/cat_qemu-x86_64";
  expect(here.read(kernel)).toBe(catalogue.read(own));
  const again = await here.build("//apps/poem:qemu-x86_64", "--locked", "--offline", "--recheck");
  expect(again.code, again.text).toBe(0);
  expect(again.executed).toEqual([]);
});

test.skipIf(!hasProgram("qemu-system-x86_64"))(
  "an app without files of its own boots with those of its runtime, as does an image of it",
  async () => {
    const reference = await published(catalog({}));
    const here = rig({
      "kraft.workspace.yaml": "version: 1\n",
      "plain/Kraftfile": `spec: v0.6\nname: plain\nruntime: ${reference}\ntargets: [qemu/x86_64]\n`,
      "other/Kraftfile": `spec: v0.6\nname: other\nruntime: ${reference}\ntargets: [qemu/x86_64]\ncmd: [/latest]\n`,
    });
    const boot = async (what: string, text: string) => {
      const ran = await here.run(["run", what, `--expect=${text}`, "--timeout", "60"]);
      expect(ran.code, ran.text + ran.stdout).toBe(0);
      return ran.stdout;
    };
    // Both the command and the files are those of the runtime.
    const poem = /The sea has no floor\r?\nthat a boat ever found\./;
    expect(await boot("//plain:qemu-x86_64", "-- /latest: crc a14651c2")).toMatch(poem);
    expect(await boot("//other:qemu-x86_64", "a long evening.")).not.toMatch(poem);
    const packed = await here.run(["pkg", "//plain:qemu-x86_64", "--name", "example.org/plain:1"]);
    expect(packed.code, packed.text).toBe(0);
    expect(await boot("example.org/plain:1", "-- /poems/sea.txt")).toContain(
      "The sea has no floor",
    );
  },
);

test.skipIf(!hasProgram("qemu-system-x86_64"))(
  "an app starts from a kernel that is a file of its package",
  async () => {
    const here = catalog({});
    const built = await here.build("//library/cat/1.0:qemu-x86_64.kernel");
    expect(built.code, built.text).toBe(0);
    here.write({
      ...poem,
      "apps/poem/Kraftfile": `${poem["apps/poem/Kraftfile"].replace("cat:1.0", "kernel://kernel")}targets: [qemu/x86_64]\n`,
    });
    const kernel = ".kraft/out/library/cat/1.0/qemu-x86_64.kernel/cat_qemu-x86_64";
    cpSync(here.path(kernel), here.path("apps/poem/kernel"));
    const words = ["--expect", "The owl and the pussycat", "--timeout", "60"];
    const ran = await here.run(["run", "//apps/poem:qemu-x86_64", ...words]);
    expect(ran.code, ran.text + ran.stdout).toBe(0);
  },
);
