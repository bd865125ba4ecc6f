// Images between this machine, registries and other tools.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { makeCertificate } from "../fetch/server-rig.ts";
import { writeTestImage } from "../registry/image-rig.ts";
import { skopeo, skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { examplesRig } from "./examples-rig.ts";
import { rig } from "./rig.ts";

test("an app is packaged, pushed, pulled elsewhere and booted there", async () => {
  const { host } = await startRegistry();
  const name = `${host}/team/hello:1.0`;
  const here = examplesRig();
  const packaged = await here.run(["pkg", "//hello", "--name", name, "--push"]);
  expect(packaged.code, packaged.text).toBe(0);
  expect(packaged.stdout).toMatch(new RegExp(`^${name} sha256:[0-9a-f]{64}\n$`));
  const digest = packaged.stdout.trim().split(" ")[1];
  const listed = await here.run(["pkg", "ls", "--apps"]);
  expect(listed.stdout).toContain("fc/x86_64,qemu/x86_64");
  const again = await here.run(["pkg", "//hello", "--name", name, "--push"]);
  expect(again.stdout).toBe(packaged.stdout);
  expect(again.text).toContain("pushed: 0 sent, 0 mounted,");

  const there = rig({});
  const booted = await there.run(["run", "--plat", "qemu", "--arch", "x86_64", name]);
  expect(booted.stdout, booted.text).toContain("Hello from kraft-graph!");
  expect(booted.code).toBe(0);
  const copy = `${host}/team/copy:1.0`;
  const tls = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  skopeoCopy(`docker://${name}`, `docker://${copy}`, ...tls);
  const copied = await there.run(["run", "--plat", "qemu", "--arch", "x86_64", copy]);
  expect(copied.stdout, copied.text).toContain("Hello from kraft-graph!");
  const pulled = await there.run(["pkg", "pull", name, "--all"]);
  expect(pulled.stdout).toBe(`${name} ${digest}\n`);
  const unpacked = ["--plat", "fc/x86_64", "-w", "files"];
  expect((await there.run(["pkg", "pull", name, ...unpacked])).code).toBe(0);
  expect(readdirSync(there.path("files/unikraft/bin")).sort()).toEqual(["initrd", "kernel"]);
});

/** A workspace that nothing is in, and an image as others make them. */
async function withLayout() {
  const here = rig({});
  await writeTestImage(here.root, { name: "unikraft.org/app:1.0" });
  return here;
}

test("one image is for KraftKit, urunc and umoci alike, from the same layers", async () => {
  const { run, path, place } = await withLayout();
  const made = await run([
    "pkg",
    "layout",
    "--plat",
    "qemu/x86_64",
    "--as",
    "both",
    "--name",
    "x/app:2",
  ]);
  expect(made.code, made.text).toBe(0);
  expect((await run(["pkg", "export", "unikraft.org/x/app:2", "out"])).code).toBe(0);
  const index = JSON.parse(skopeo("inspect", "--raw", `oci:${path("out")}:2`)) as {
    manifests: { digest: string; platform: { os: string; architecture: string } }[];
  };
  expect(index.manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`)).toEqual([
    "qemu/x86_64",
    "linux/amd64",
  ]);
  const [kraft, urunc] = index.manifests.map(({ digest }) => {
    const text = readFileSync(path(`out/blobs/sha256/${digest.slice(7)}`), "utf8");
    return JSON.parse(text) as {
      layers: { digest: string }[];
      annotations: Record<string, string>;
    };
  });
  expect(urunc?.layers.slice(0, 2)).toEqual(kraft?.layers);
  expect(urunc?.annotations).toMatchObject({
    "com.urunc.unikernel.binary": "/unikraft/bin/kernel",
    "com.urunc.unikernel.cmdline": "/app",
    "com.urunc.unikernel.hypervisor": "qemu",
    "com.urunc.unikernel.initrd": "/unikraft/bin/initrd",
    "com.urunc.unikernel.mountRootfs": "false",
    "com.urunc.unikernel.unikernelType": "unikraft",
    "com.urunc.unikernel.unikernelVersion": "0.18.0",
  });
  const alone = join(place, "alone");
  skopeoCopy(`oci:${path("out")}:2`, `oci:${alone}:2`);
  const platform = ["--override-os", "linux", "--override-arch", "amd64"];
  skopeo(...platform, "copy", `oci:${path("out")}:2`, `oci:${alone}:one`);
  const bundle = join(place, "bundle");
  execFileSync("umoci", ["unpack", "--rootless", "--image", `${alone}:one`, bundle]);
  expect(readFileSync(join(bundle, "rootfs/unikraft/bin/kernel"))).toEqual(
    readFileSync(path("kernel")),
  );
  const facts = JSON.parse(readFileSync(join(bundle, "rootfs/urunc.json"), "utf8")) as object;
  expect(facts).toMatchObject({ "com.urunc.unikernel.hypervisor": "cWVtdQ==" });
  const config = JSON.parse(readFileSync(join(bundle, "config.json"), "utf8")) as {
    process: { args: string[]; env: string[] };
  };
  expect(config.process.args).toEqual(["/app"]);
  expect(config.process.env).toContain("A=1");
});

test("what urunc would not boot is not packed for it", async () => {
  const { run, write } = await withLayout();
  const config = { architecture: "x86_64", os: "xen", rootfs: { type: "layers", diff_ids: [] } };
  const { createHash } = await import("node:crypto");
  const add = (mediaType: string, value: unknown) => {
    const text = JSON.stringify(value);
    const hex = createHash("sha256").update(text).digest("hex");
    write({ [`xen/blobs/sha256/${hex}`]: text });
    return { mediaType, digest: `sha256:${hex}`, size: text.length };
  };
  const own = add("application/vnd.oci.image.config.v1+json", config);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const root = add(mediaType, { schemaVersion: 2, mediaType, config: own, layers: [] });
  write({
    "xen/oci-layout": '{"imageLayoutVersion":"1.0.0"}',
    "xen/index.json": JSON.stringify({ schemaVersion: 2, manifests: [root] }),
  });
  const { code, text } = await run(["pkg", "xen", "--as", "urunc", "--name", "app:1"]);
  expect(text).toMatchInlineSnapshot(`
    "error[not-for-urunc]: xen/x86_64 cannot be packed for urunc: urunc knows no hypervisor "xen" (it knows hvt, spt, qemu, firecracker, cloud-hypervisor, hyperlight)
    "
  `);
  expect(code).toBe(1);
});

test("an image gets another root file system, arguments and variables, and keeps its kernel", async () => {
  const { run, path, write } = await withLayout();
  write({ "new.cpio": "another root file system" });
  const words = [
    "--rootfs",
    "new.cpio",
    "-a",
    "/other one",
    "-e",
    "A=2",
    "-e",
    "B=3",
    "--label",
    "l=1",
  ];
  const made = await run(["pkg", "layout", "--name", "overlay:1", ...words]);
  expect(made.code, made.text).toBe(0);
  const info = await run(["pkg", "info", "unikraft.org/overlay:1"]);
  expect(info.stdout.replaceAll(/[0-9a-f]{64}/g, "…")).toMatchInlineSnapshot(`
    "unikraft.org/overlay:1:
      digest   sha256:…
      size     7336 bytes in 4 blobs
      qemu/x86_64:
        digest   sha256:…
        version  0.18.0
        command  ["/other one"]
        env      A=2
        env      B=3
        layer    4608 bytes /unikraft/bin/kernel
        layer    2048 bytes /unikraft/bin/initrd
      fc/arm64:
        digest   sha256:…
        command  ["/other one"]
        env      A=2
        env      B=3
        layer    4608 bytes /unikraft/bin/kernel
        layer    2048 bytes /unikraft/bin/initrd
    "
  `);
  const out = await run(["pkg", "export", "unikraft.org/overlay:1", "files.tar"]);
  expect(out.code, out.text).toBe(0);
  expect(skopeo("inspect", "--raw", `oci-archive:${path("files.tar")}`)).toContain("fc");
});

test("what is exported for Docker is what skopeo takes for it", async () => {
  const { run, path, place } = await withLayout();
  await run(["pkg", "layout", "--name", "app:1"]);
  const words = ["--format", "docker-archive", "--plat", "qemu/x86_64"];
  const out = await run(["pkg", "export", "unikraft.org/app:1", "app.tar", ...words]);
  expect(out.code, out.text).toBe(0);
  const archive = `docker-archive:${path("app.tar")}:unikraft.org/app:1`;
  skopeo("copy", archive, `dir:${join(place, "dir")}`);
  expect(existsSync(join(place, "dir/manifest.json"))).toBe(true);
});

test("what is damaged of an image is not booted, and comes anew with the next pull", async () => {
  const { host } = await startRegistry();
  const { run, path, cache } = await withLayout();
  const pushed = await run(["pkg", "layout", "--name", `${host}/app:1`, "--push"]);
  expect(pushed.code, pushed.text).toBe(0);
  expect((await run(["pkg", "rm", `${host}/app:1`])).code).toBe(0);
  expect((await run(["pkg", "prune"])).code).toBe(0);
  expect((await run(["pkg", "pull", `${host}/app:1`, "--all"])).code).toBe(0);
  const blobs = join(cache, "images/blobs/sha256");
  const whole = readdirSync(blobs).map((name) => [name, readFileSync(join(blobs, name))] as const);
  const damage = (isChosen: (bytes: Buffer) => boolean) => {
    for (const [name, bytes] of whole) {
      if (!isChosen(bytes)) continue;
      rmSync(join(blobs, name));
      writeFileSync(join(blobs, name), Buffer.from(bytes).fill(120, 10, 20));
    }
  };
  damage((bytes) => bytes[0] !== 0x7b);
  const refused = await run(["run", "--plat", "qemu", "--arch", "x86_64", `${host}/app:1`]);
  expect(refused.code).toBe(1);
  expect(refused.text.replaceAll(/sha256\/[0-9a-f]{64}/g, "sha256/…")).toMatchInlineSnapshot(`
    "error[not-fetched]: CACHE/images/blobs/sha256/… is damaged
     = help: "kraft-graph pkg pull IMAGE" brings anew what is damaged or missing
    "
  `);
  damage(() => true);
  const pulled = ["pkg", "pull", `${host}/app:1`, "--all", "--plat", "qemu/x86_64", "-w", "files"];
  const again = await run(pulled);
  expect(again.code, again.text).toBe(0);
  expect(readFileSync(path("files/unikraft/bin/kernel"))).toEqual(readFileSync(path("kernel")));
  for (const [name, bytes] of whole) expect(readFileSync(join(blobs, name))).toEqual(bytes);
});

test("layers stay for as long as an image has them, and go when they are pruned", async () => {
  const { run } = await withLayout();
  for (const name of ["one:1", "two:1"]) await run(["pkg", "layout", "--name", name]);
  const first = await run(["pkg", "rm", "unikraft.org/one:1"]);
  expect(first.stdout).toBe("removed  unikraft.org/one:1\n");
  expect((await run(["pkg", "prune"])).stdout).toMatch(/^removed 3 blobs, /);
  expect((await run(["pkg", "export", "unikraft.org/two:1", "two"])).code).toBe(0);
  const missing = await run(["pkg", "rm", "unikraft.org/one:1"]);
  expect(missing.text).toMatchInlineSnapshot(`
    "error[not-fetched]: there is no image unikraft.org/one:1 on this machine
     = help: "kraft-graph pkg ls --apps" lists those that there are
    "
  `);
  await run(["pkg", "rm", "unikraft.org/two:1"]);
  expect((await run(["pkg", "prune"])).stdout).toMatch(/^removed 7 blobs, /);
  expect((await run(["pkg", "ls", "--apps"])).stdout.split("\n")).toHaveLength(2);
});

test("a name that is taken is overwritten, merged into, or left alone", async () => {
  const { run } = await withLayout();
  const pack = (...more: string[]) => run(["pkg", "layout", "--name", "app:1", ...more]);
  await pack("--plat", "fc/arm64");
  const merged = await pack("--plat", "qemu/x86_64", "--strategy", "merge");
  expect(merged.code, merged.text).toBe(0);
  expect((await run(["pkg", "ls", "--apps"])).stdout).toContain("fc/arm64,qemu/x86_64");
  const refused = await pack("--strategy", "abort");
  expect(refused.text).toMatchInlineSnapshot(`
    "error[bad-image]: unikraft.org/app:1 is the name of an image already (--strategy abort)
    "
  `);
  expect(refused.code).toBe(1);
  await pack("--plat", "fc/arm64");
  expect((await run(["pkg", "ls", "--apps"])).stdout).not.toContain("qemu");
});

test("pkg info tells of images in JSON, too", async () => {
  const { run } = await withLayout();
  const made = await run(["pkg", "layout", "--name", "app:1", "-a", "/app", "-e", "A=2"]);
  const name = "unikraft.org/app:1";
  const digest = made.stdout.trim().split(" ")[1];
  const whole = await run(["pkg", "info", name, "--output", "json"]);
  expect(whole.code, whole.text).toBe(0);
  const [first, ...others] = JSON.parse(whole.stdout) as { images: { digest: string }[] }[];
  expect(others).toEqual([]);
  expect(first).toMatchObject({ name, digest });
  const layers = [{ sizeBytes: 4608 }, { sizeBytes: 3584 }];
  expect(first?.images).toMatchObject([
    { platform: "qemu/x86_64", command: ["/app"], layers },
    { platform: "fc/arm64", command: ["/app"], layers },
  ]);
  const lines = await run(["pkg", "info", name, name, "--output", "ndjson"]);
  const line = JSON.stringify(first);
  expect(lines.stdout).toBe(`${line}\n${line}\n`);
});

test("pkg ls --apps -u tells of the images of registries, too", async () => {
  const { host } = await startRegistry();
  const { run, write } = await withLayout();
  const digests: string[] = [];
  for (const [name, ...words] of [
    ["other:1", "--plat", "fc/arm64"],
    ["team/app:1", "--sbom"],
    ["team/app:2", "-a", "/other"],
  ] as const) {
    const pushed = await run(["pkg", "layout", "--name", `${host}/${name}`, "--push", ...words]);
    expect(pushed.code, pushed.text).toBe(0);
    digests.push(/sha256:\w+/.exec(pushed.stdout)?.[0] ?? "");
    await run(["pkg", "rm", `${host}/${name}`]);
  }
  write({ "kraft.workspace.yaml": `version: 1\nsources: {registries: ["${host}"]}\n` });
  const list = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { code, text, stdout } = await run(["pkg", "ls", "--apps", "--output", "json", ...words]);
    expect(code, text).toBe(0);
    const rows = JSON.parse(stdout) as {
      name: string;
      version: string;
      digest: string;
      plat: readonly string[];
    }[];
    return rows.map(
      ({ name, version, digest, plat }) => `${name}:${version} ${digest} ${plat.join()}`,
    );
  };
  expect(await list()).toEqual([]);
  expect(await list("-u")).toEqual([
    `${host}/other:1 ${digests[0]} fc/arm64`,
    `${host}/team/app:1 ${digests[1]} fc/arm64,qemu/x86_64`,
    `${host}/team/app:2 ${digests[2]} fc/arm64,qemu/x86_64`,
  ]);
});

test("offline, images of this machine are used, and no registry is asked for others", async () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const { run, write } = await withLayout();
  const sources = `{offline: true, registries: ["${host}"]}`;
  write({ "kraft.workspace.yaml": `version: 1\nsources: ${sources}\n` });
  const here = await run(["pkg", "layout", "--name", `${host}/here:1`]);
  expect(here.code, here.text).toBe(0);
  for (const words of [["--plat", "qemu/x86_64"], ["--all"]]) {
    const pulled = await run(["pkg", "pull", `${host}/here:1`, ...words]);
    expect(pulled).toMatchObject({ code: 0, stdout: here.stdout });
  }
  const told: string[] = [];
  const tell = async (...words: readonly string[]) => {
    const { code, stderr } = await run(words);
    told.push(`${code} ${stderr.replaceAll(host, "HOST")}`);
  };
  await tell("pkg", "pull", `${host}/there:1`);
  await tell("pkg", "pull", `${host}/here:1`, "--plat", "xen/x86_64");
  await tell("pkg", `${host}/there:1`, "--name", "copy:1");
  await tell("run", `${host}/there:1`);
  await tell("pkg", "ls", "--apps", "-u");
  await tell("pkg", "push", `${host}/here:1`);
  await tell("pkg", "layout", "--name", `${host}/here:2`, "--push");
  write({ "kraft.workspace.yaml": "version: 1\n" });
  await tell("pkg", "pull", `${host}/there:1`, "--offline");
  await tell("run", `${host}/there:1`, "--offline");
  expect(told.join("")).toMatchInlineSnapshot(`
    "1 error[not-cached]: HOST/there:1 is not on this machine, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    1 error[not-cached]: HOST/here:1 is not on this machine, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    1 error[not-cached]: HOST/there:1 is not on this machine, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    1 error[not-cached]: HOST/there:1 is not on this machine, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    1 error[not-cached]: only images of this machine are listed, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    1 error[not-cached]: HOST/here:1 is not pushed, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    2 error: pkg: nothing can be pushed, as sources.offline is set
    1 error[not-cached]: HOST/there:1 is not on this machine, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    1 error[not-cached]: HOST/there:1 is not on this machine, and no registry may be asked
     = help: it takes a network: leave out --offline, or sources.offline
    "
  `);
  expect((await run(["pkg", "ls", "--apps"])).stdout).toContain(`${host}/here`);
  expect(requests).toEqual([]);
  // The same server is asked by whoever may.
  await run(["pkg", "pull", `${host}/there:1`]);
  expect(requests).not.toEqual([]);
});

test("login keeps a password once the registry takes it, and logout forgets it", async () => {
  const here = await withLayout();
  const { run, home } = here;
  const tls = makeCertificate(here.place);
  const account = { user: "kraft", password: "secret" };
  const { host } = await startRegistry({ tls, account });
  const certificates = join(home, ".docker/certs.d", host);
  mkdirSync(certificates, { recursive: true });
  writeFileSync(join(certificates, "ca.crt"), readFileSync(tls.ca));
  const shown = (text: string) =>
    text
      .replaceAll(host, "HOST")
      .replaceAll(home, "HOME")
      .replaceAll(/[0-9a-f]{64}/g, "…");
  const push = () => run(["pkg", "push", "layout", `${host}/app:1`]);
  const stranger = await push();
  expect(shown(stranger.text)).toMatchInlineSnapshot(`
    "error[not-fetched]: HOST refuses /v2/app/blobs/sha256:… to who we are there
     = help: "kraft-graph login HOST" says who to be
    "
  `);
  const wrong = await run(["login", host, "-u", "kraft", "-p", "wrong"]);
  expect(wrong.code).toBe(1);
  expect(existsSync(join(home, ".docker/config.json"))).toBe(false);
  const right = await run(["login", host, "-u", "kraft", "-p", "secret"]);
  expect(shown(right.text)).toBe("logged in at HOST as kraft; kept in HOME/.docker/config.json\n");
  expect((await push()).code).toBe(0);
  const options = ["--cert-dir", certificates, "--authfile", join(home, ".docker/config.json")];
  expect(skopeo("inspect", ...options, "--raw", `docker://${host}/app:1`)).toContain("fc");
  expect((await run(["logout", host])).code).toBe(0);
  expect((await push()).code).toBe(1);
});

test.each(["gzip", "zstd"])(
  "layers packed by %s are the same each time, and for all tools",
  async (packing) => {
    const { host } = await startRegistry();
    const { run, path, place } = await withLayout();
    const pack = ["pkg", "layout", "--as", "both", "--compress", packing];
    const first = await run([...pack, "--name", `${host}/app:1`]);
    expect(first.code, first.text).toBe(0);
    const again = await run([...pack, "--name", `${host}/app:1`, "--push"]);
    expect(again.stdout, again.text).toBe(first.stdout);
    const insecure = ["--tls-verify=false", "--raw"];
    const index = JSON.parse(skopeo("inspect", ...insecure, `docker://${host}/app:1`)) as {
      manifests: { digest: string }[];
    };
    const digest = index.manifests[0]?.digest;
    const manifest = skopeo("inspect", ...insecure, `docker://${host}/app@${digest}`);
    const { layers } = JSON.parse(manifest) as { layers: { mediaType: string }[] };
    const type = `application/vnd.oci.image.layer.v1.tar+${packing}`;
    expect(layers.map(({ mediaType }) => mediaType)).toEqual([type, type]);
    const unpacked = ["--plat", "qemu/x86_64", "-w", "files"];
    expect((await run(["pkg", "pull", `${host}/app:1`, ...unpacked])).code).toBe(0);
    const kernel = readFileSync(path("kernel"));
    expect(readFileSync(path("files/unikraft/bin/kernel"))).toEqual(kernel);
    const amd64 = ["--override-os", "linux", "--override-arch", "amd64"];
    skopeo(
      ...amd64,
      "copy",
      "--src-tls-verify=false",
      `docker://${host}/app:1`,
      `oci:${path("one")}:1`,
    );
    const files = buildahRootOf("oci:one:1", { directory: path("."), place });
    expect(readFileSync(join(files, "unikraft/bin/kernel"))).toEqual(kernel);
  },
);

/** The files of the container that buildah makes from `image`, seen from `directory`. */
function buildahRootOf(
  image: string,
  { directory: cwd, place }: { directory: string; place: string },
): string {
  const storage = ["--storage-driver", "vfs", "--root", join(place, "storage")];
  const buildah = (...words: string[]) => {
    const all = [...storage, "--runroot", join(place, "running"), ...words];
    return execFileSync("buildah", all, { cwd, encoding: "utf8", stdio: "pipe" }).trim();
  };
  return buildah("mount", buildah("from", image));
}

test("tools for containers find an image of a unikernel by an alias of its platform", async () => {
  const { run, path, place } = await withLayout();
  const made = await run(["pkg", "layout", "--platform-aliases", "--name", "app:1"]);
  expect(made.code, made.text).toBe(0);
  await run(["pkg", "export", "unikraft.org/app:1", "out"]);
  const index = JSON.parse(skopeo("inspect", "--raw", `oci:${path("out")}:1`)) as {
    manifests: { digest: string; platform: { os: string; architecture: string } }[];
  };
  const named = index.manifests.map(
    ({ platform: { os, architecture } }) => `${os}/${architecture}`,
  );
  expect(named).toEqual(["qemu/x86_64", "fc/arm64", "linux/amd64", "linux/arm64"]);
  const digests = index.manifests.map(({ digest }) => digest);
  expect(digests.slice(2)).toEqual(digests.slice(0, 2));
  // An alias is no image of its own.
  const info = await run(["pkg", "info", "unikraft.org/app:1"]);
  expect(info.stdout.match(/^    digest/gm)).toHaveLength(2);
  const again = ["pkg", "unikraft.org/app:1", "--platform-aliases", "--name", "app:1"];
  expect((await run(again)).stdout).toBe(made.stdout);
  const platform = ["--override-os", "linux", "--override-arch", "arm64"];
  skopeo(
    ...platform,
    "copy",
    "--preserve-digests",
    `oci:${path("out")}:1`,
    `dir:${join(place, "dir")}`,
  );
  expect(readFileSync(join(place, "dir/manifest.json"), "utf8")).toContain('"fc"');
});
