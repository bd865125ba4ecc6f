// The real kraft, where it is installed. Its name is looked for in PATH.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { lacks } from "../format/format-rig.ts";
import { writeTestImage } from "../registry/image-rig.ts";
import { startRegistry } from "../registry/registry-rig.ts";
import { rig } from "./rig.ts";

/** Leaves an image, and the archive of a root file system, as KraftKit takes no other files for one. */
async function writeParts({ root, write }: ReturnType<typeof rig>): Promise<void> {
  write({ hello: "hi\n" });
  await writeTestImage(root);
  const options = { cwd: root, input: "hello\n", encoding: "utf8" } as const;
  execFileSync("cpio", ["-o", "-H", "newc", "--quiet", "-F", "root.cpio"], options);
}

/** Runs kraft with the home of `here`; gives what it printed. */
function kraftIn(here: ReturnType<typeof rig>) {
  return (...words: readonly string[]): string =>
    execFileSync("kraft", ["--log-type=basic", "--no-check-updates", ...words], {
      cwd: here.place,
      env: { HOME: here.home, PATH: process.env["PATH"] ?? "", NO_COLOR: "1" },
      encoding: "utf8",
      stdio: "pipe",
    });
}

test.skipIf(lacks("kraft") || lacks("cpio")).each([
  ["for KraftKit alone", []],
  ["for urunc, too", ["--as", "both"]],
  ["with aliases of their platforms", ["--platform-aliases"]],
])("kraft pulls, unpacks and lists an image %s, and we read its store", async (_, words) => {
  const { host } = await startRegistry();
  const here = rig({ "kraft.workspace.yaml": "version: 1\n" });
  await writeParts(here);
  const name = `${host}/team/app:1.0`;
  const pack = ["pkg", "layout", "--rootfs", "root.cpio", "--name", name, "--push"];
  const pushed = await here.run([...pack, ...words]);
  expect(pushed.code, pushed.text).toBe(0);
  const kraft = kraftIn(here);
  const platform = ["--plat", "qemu", "--arch", "x86_64"];
  kraft("pkg", "pull", "--no-prompt", ...platform, "-w", "out", name);
  const unpacked = join(here.place, "out/unikraft/bin");
  expect(readFileSync(join(unpacked, "kernel"))).toEqual(readFileSync(here.path("kernel")));
  expect(readFileSync(join(unpacked, "initrd"))).toEqual(readFileSync(here.path("root.cpio")));
  expect(kraft("pkg", "list", "--apps")).toMatch(/oci .*1\.0|1\.0 .*oci/);
  // What kraft keeps on this machine is known by its name, too.
  await here.run(["pkg", "rm", name]);
  const listed = await here.run(["pkg", "ls", "--apps"]);
  expect(listed.stdout).toContain(`${host}/team/app  1.0`);
  const out = await here.run(["pkg", "export", name, "exported", "--plat", "qemu/x86_64"]);
  expect(out.code, out.text).toBe(0);
  rmSync(here.path("exported"), { recursive: true });
});

test.skipIf(lacks("kraft") || lacks("cpio"))(
  "what kraft pulled of ours and pushes is what we pushed",
  async () => {
    const { host, storage } = await startRegistry();
    const here = rig({ "kraft.workspace.yaml": "version: 1\n" });
    await writeParts(here);
    const name = `${host}/team/app:1.0`;
    const pushed = await here.run([
      "pkg",
      "layout",
      "--rootfs",
      "root.cpio",
      "--name",
      name,
      "--push",
    ]);
    expect(pushed.code, pushed.text).toBe(0);
    const kraft = kraftIn(here);
    // It keeps the whole index, whatever it takes the files of.
    for (const [plat, arch] of [
      ["qemu", "x86_64"],
      ["fc", "arm64"],
    ] as const) {
      kraft("pkg", "pull", "--no-prompt", "--plat", plat, "--arch", arch, name);
    }
    // The registry has lost all of it.
    for (const one of readdirSync(storage)) rmSync(join(storage, one), { recursive: true });
    kraft("pkg", "push", name);
    const other = rig({ "kraft.workspace.yaml": "version: 1\n" });
    const pulled = await other.run(["pkg", "pull", name, "--all"]);
    expect(pulled.code, pulled.text).toBe(0);
    // kraft writes the index anew, in no order of its own, over the same manifests.
    const infoIn = async ({ run }: typeof here): Promise<readonly string[]> => {
      const { stdout } = await run(["pkg", "info", name]);
      const [, ...images] = stdout.split(/^ {2}(?=\w+\/)/m);
      return images.sort();
    };
    const own = await infoIn(here);
    expect(own).toEqual([expect.stringMatching(/^fc\/arm64:/), expect.stringMatching(/^qemu\//)]);
    expect(await infoIn(other)).toEqual(own);
  },
);
