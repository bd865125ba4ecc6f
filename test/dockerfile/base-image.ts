// Images to build on: a small one of our own, and one of the machine's distribution.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { chooseImage } from "../../src/registry/choose-image.ts";
import { pullImage } from "../../src/registry/pull-image.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { Registries } from "../../src/registry/registries.ts";
import { testContext } from "../fetch/fetch-rig.ts";
import { directoryKeeper } from "../registry/image-rig.ts";
import { openRegistry, skopeoCopy } from "../registry/registry-rig.ts";

/** An OCI layout of an image as small distributions are: /lib and /bin are links into /usr. */
export function makeSmallBase(layout: string): void {
  const tree = mkdtempSync(join(tmpdir(), "kraft-base-"));
  try {
    const make = (path: string, text: string): void => {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    };
    make("etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:1000:1001::/home/web:/bin/sh\n");
    make("etc/group", "root:x:0:\nweb:x:1001:\nwheel:x:10:web\n");
    make("usr/lib/libc.so.6", "libc");
    make("opt/deep/one", "1");
    make("opt/deep/two", "2");
    mkdirSync(join(tree, "usr/bin"));
    copyFileSync("/bin/busybox", join(tree, "usr/bin/busybox"));
    const script = `cd "$1"; chmod 755 .
ln -s usr/lib lib; ln -s usr/bin bin; ln -s libc.so.6 usr/lib/libc.so; ln -s /usr/lib usr/abs
for name in $(usr/bin/busybox --list); do [ -e usr/bin/$name ] || ln -s busybox usr/bin/$name; done
ln opt/deep/one opt/deep/hard; chmod 4755 opt/deep/two; chown 7:8 opt/deep/one; chmod 750 opt/deep
mkdir -m 1777 tmp; mkdir -m 700 root; mkdir -p proc sys dev run home/web; : > etc/hosts; : > etc/hostname; : > etc/resolv.conf
tar --create --file "$2" --sort=name --mtime=@0 --numeric-owner .`;
    const layer = `${layout}.tar`;
    execFileSync("sh", ["-euc", script, "sh", tree, layer], { stdio: "pipe" });
    const env = ["PATH=/usr/bin:/bin", "BASE=yes"];
    writeLayout(layout, layer, { Env: env, WorkingDir: "/opt", Cmd: ["sh"] });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** How long a distribution may take to be fetched and unpacked. */
const patienceMs = 300_000;

/** Few packages, with what a base is made of, and what RUNs of the cases need. */
const packages =
  "base-files,base-passwd,dash,libc-bin,coreutils,diffutils,dpkg,passwd,libcap2-bin,attr,sed,grep,tar";

/** Maintainer scripts are not run: accounts are those that base-passwd has for all. */
const finish = [
  "set -eu",
  'mkdir -p "$1/usr/local/bin" "$1/tmp" "$1/root"; chmod 1777 "$1/tmp"',
  'cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"',
  'cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"',
  'chroot "$1" pwconv; chroot "$1" grpconv; rm -f "$1"/etc/*-',
  'chroot "$1" setcap cap_net_raw+ep /usr/bin/stat',
].join("; ");

/** An OCI layout of the machine's distribution, by mmdebstrap; or why there is none. */
export function makeDebianBase(layout: string): string | undefined {
  if (process.getuid?.() !== 0) return "only root can make a distribution's tree as it is";
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1];
  const sources = [
    "sources.list.d/debian.sources",
    "sources.list.d/ubuntu.sources",
    "sources.list",
  ];
  const mirror = sources.map((one) => `/etc/apt/${one}`).find((one) => existsSync(one));
  if (suite === undefined || mirror === undefined) return "apt knows no distribution here";
  const layer = `${layout}.tar`;
  const left = ["doc", "man", "locale", "info"].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  );
  const merged = "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr";
  const what = ["--variant=extract", `--include=${packages}`, merged, `--extract-hook=${finish}`];
  const made = spawnSync("mmdebstrap", ["--quiet", ...what, ...left, suite, layer, mirror], {
    encoding: "utf8",
    timeout: patienceMs,
  });
  if (made.status !== 0) {
    rmSync(layer, { force: true });
    return made.error?.message ?? `mmdebstrap failed: ${made.stderr.trim().split("\n").at(-1)}`;
  }
  writeLayout(layout, layer, { Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["sh"] });
  return undefined;
}

/** Makes `layout` what a real registry gave of it, as images to build on come to users. */
export async function serveBase(layout: string): Promise<void> {
  const { host, close } = await openRegistry();
  const { context } = testContext();
  const registries = new Registries({ insecure: [], mirrors: {} }, context);
  const scratch = mkdtempSync(join(tmpdir(), "kraft-served-"));
  try {
    skopeoCopy(`oci:${layout}`, `docker://${host}/base:1`, "--dest-tls-verify=false");
    const reference = parseReference(`${host}/base:1`, "kraft");
    const { digest } = await chooseImage(
      reference,
      { os: "linux", architecture: "x86_64" },
      registries,
    );
    const into = join(scratch, "image");
    await pullImage({ reference, digest, into }, registries, directoryKeeper(scratch));
    rmSync(layout, { recursive: true });
    renameSync(into, layout);
  } finally {
    await registries.close();
    await close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Makes an image of the tar `layer`, which goes. */
function writeLayout(layout: string, layer: string, config: object): void {
  mkdirSync(join(layout, "blobs/sha256"), { recursive: true });
  const add = (bytes: Buffer, mediaType: string) => {
    const hash = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(layout, "blobs/sha256", hash), bytes);
    return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
  };
  const type = "application/vnd.oci.image";
  const blob = add(readFileSync(layer), `${type}.layer.v1.tar`);
  rmSync(layer);
  const text = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: [blob.digest] },
    history: [{ created_by: "a test" }],
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: add(Buffer.from(text), `${type}.config.v1+json`),
    layers: [blob],
  };
  const root = add(Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(layout, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [root] }),
  );
}
