// Where images go to, and come from: files for others, and registries that need to be told about.

import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { makeCertificate } from "../fetch/server-rig.ts";
import { writeTestImage } from "../registry/image-rig.ts";
import { skopeo, startRegistry } from "../registry/registry-rig.ts";
import { examplesRig } from "./examples-rig.ts";
import { rig } from "./rig.ts";

/** A workspace that nothing is in, and an image as others make them. */
async function withLayout() {
  const here = rig({});
  await writeTestImage(here.root, { name: "unikraft.org/app:1.0" });
  return here;
}

/** Writes other bytes into all files of the layout `directory`, as an editor does. */
function spoil(directory: string): void {
  const blobs = join(directory, "blobs/sha256");
  for (const name of readdirSync(blobs)) {
    chmodSync(join(blobs, name), 0o644);
    writeFileSync(join(blobs, name), "spoilt");
  }
}

test("who changes a layout that was packaged or exported changes nothing of the store", async () => {
  const { run, path } = await withLayout();
  const made = await run(["pkg", "layout", "--name", "app:1"]);
  expect(made.code, made.text).toBe(0);
  spoil(path("layout"));
  expect((await run(["pkg", "export", "app:1", "first"])).code).toBe(0);
  const names = readdirSync(path("first/blobs/sha256"));
  const whole = names.map((name) => readFileSync(path(`first/blobs/sha256/${name}`)));
  spoil(path("first"));
  const again = await run(["pkg", "export", "app:1", "second"]);
  expect(again.code, again.text).toBe(0);
  expect(names.map((name) => readFileSync(path(`second/blobs/sha256/${name}`)))).toEqual(whole);
});

test("what is damaged is neither exported nor made into another image", async () => {
  const { run, cache } = await withLayout();
  expect((await run(["pkg", "layout", "--name", "app:1"])).code).toBe(0);
  const blobs = join(cache, "images/blobs/sha256");
  for (const name of readdirSync(blobs)) {
    const file = join(blobs, name);
    const bytes = readFileSync(file);
    if (bytes[0] === 0x7b) continue;
    chmodSync(file, 0o644);
    writeFileSync(file, bytes.fill(120, 10, 20));
  }
  const words = ["--plat", "qemu/x86_64"];
  for (const asked of [
    ["pkg", "export", "app:1", "out"],
    ["pkg", "export", "app:1", "out.tar", ...words],
    ["pkg", "export", "app:1", "--output", "docker-archive:docker.tar", ...words],
    ["pkg", "unikraft.org/app:1", "--name", "other:1", ...words],
  ]) {
    const { code, text } = await run(asked);
    expect(code, text).toBe(1);
    expect(text).toMatch(/^error\[not-fetched\]: CACHE\/images\/blobs\/sha256\/\w+ is damaged\n/);
  }
});

test("--output writes what is packaged, or kept already, as other tools read it", async () => {
  const { run, path } = await withLayout();
  const made = await run(["pkg", "layout", "--name", "app:1", "--output", "oci:out"]);
  expect(made.code, made.text).toBe(0);
  const digest = made.stdout.trim().split(" ")[1] ?? "";
  const raw = skopeo("inspect", "--raw", `oci:${path("out")}:1`);
  expect(raw).toBe(readFileSync(path(`out/blobs/sha256/${digest.slice(7)}`), "utf8"));
  const archive = ["pkg", "export", "app:1", "--output", "oci-archive:app.archive"];
  expect((await run(archive)).code).toBe(0);
  expect(skopeo("inspect", "--raw", `oci-archive:${path("app.archive")}:1`)).toBe(raw);
  const docker = ["--output", "docker-archive:docker.tar", "--plat", "qemu/x86_64"];
  expect((await run(["pkg", "layout", "--name", "app:2", ...docker])).code).toBe(0);
  const name = `docker-archive:${path("docker.tar")}:unikraft.org/app:2`;
  expect(skopeo("inspect", "--config", name)).toContain('"os": "qemu"');
});

test("--output that is not for what is asked is refused, and nothing is written", async () => {
  const { run, path } = await withLayout();
  const told: string[] = [];
  for (const words of [
    ["layout", "--name", "app:1", "--output", "json"],
    ["ls", "--apps", "--output", "oci:out"],
    ["prune", "--output", "out.tar"],
    ["export", "app:1", "there", "--output", "oci:out"],
  ]) {
    const { code, text } = await run(["pkg", ...words]);
    told.push(`${code} ${text}`);
  }
  expect(told.join("")).toMatchInlineSnapshot(`
    "2 error: pkg: --output json: an image goes to oci:DIR, oci-archive:FILE or docker-archive:FILE
    2 error: pkg: --output oci:out: it is table, json or ndjson, and for packages and export, where the image goes
    2 error: pkg: --output out.tar: it is table, json or ndjson, and for packages and export, where the image goes
    2 error: pkg export: say which image, and the path it goes to
    "
  `);
  expect(["out", "out.tar", "there"].filter((one) => existsSync(path(one)))).toEqual([]);
});

test("packages without a common name are an image each, and one name is for one of them", async () => {
  const here = examplesRig();
  const both = ["pkg", "//hello", "//cat", "--plat", "qemu/x86_64"];
  const made = await here.run(both);
  expect(made.code, made.text).toBe(0);
  expect(made.stdout).toMatch(
    /^unikraft\.org\/cat:latest sha256:\w+\nunikraft\.org\/hello:latest sha256:\w+\n$/,
  );
  const refused = await here.run([...both, "--name", "app:1"]);
  expect(refused.code).toBe(1);
  expect(refused.text).toContain(
    "error[bad-image]: app:1 cannot be both //cat:oci and //hello:oci for qemu/x86_64: " +
      "leave --name out, and each package gets its own",
  );
  const twice = await here.run([...both, "--output", "oci:out"]);
  expect(twice.code).toBe(2);
  expect(twice.text).toContain(
    "error: pkg: --output takes one image, and these are unikraft.org/cat:latest unikraft.org/hello:latest",
  );
});

test("an option that the kernel must have chooses the image, or is said to be missing", async () => {
  const { host } = await startRegistry();
  const { run } = await withLayout();
  const name = `${host}/app:1`;
  const pushed = await run(["pkg", "layout", "--name", name, "--push"]);
  expect(pushed.code, pushed.text).toBe(0);
  expect((await run(["pkg", "rm", name])).code).toBe(0);
  const pull = (...options: readonly string[]) =>
    run(["pkg", "pull", name, "--plat", "qemu", "--arch", "x86_64", ...options]);
  for (const option of ["LIBVFSCORE=y", "CONFIG_LIBVFSCORE=y"]) {
    const pulled = await pull("-k", option);
    expect(pulled.code, pulled.text).toBe(0);
    expect(pulled.stdout).toMatch(/^\S+\/app:1 sha256:/);
  }
  const missing = await pull("-k", "LIBVFSCORE=y", "-k", "LIBLWIP=y");
  expect(missing.code).toBe(1);
  expect(missing.text.replaceAll(host, "HOST")).toMatchInlineSnapshot(`
    "error[not-fetched]: HOST/app:1 has no image for qemu/x86_64 with CONFIG_LIBLWIP=y
     = help: it has fc/arm64, qemu/x86_64
    "
  `);
});

test("a certificate that nobody knows is taken from a registry that is said to be --insecure", async () => {
  const here = await withLayout();
  const { host } = await startRegistry({ tls: makeCertificate(here.place) });
  const push = (...options: readonly string[]) =>
    here.run(["pkg", "push", "layout", `${host}/app:1`, ...options]);
  const refused = await push();
  expect(refused.code).toBe(1);
  expect(refused.text).toContain("the server cannot be trusted");
  expect((await push("--insecure", "other.example:5000")).code).toBe(1);
  const pushed = await push("--insecure", host);
  expect(pushed.code, pushed.text).toBe(0);
  const pulled = ["pkg", "pull", `${host}/app:1`, "--all"];
  expect((await here.run(pulled)).code).toBe(1);
  const back = await here.run([...pulled, "--insecure", host]);
  expect(back.stdout, back.text).toBe(pushed.stdout);
});
