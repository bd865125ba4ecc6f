import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { imageProgram } from "../../../rules/bunny/program/image.ts";
import type { Solo5Device } from "../../../src/format/solo5-notes.ts";
import { solo5Binary } from "../../rig/solo5-binary.ts";
import { runProgram } from "../unikraft/program/program-rig.ts";

const prefix = "com.urunc.unikernel.";

interface Manifest {
  readonly manifests: readonly { readonly digest: string }[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** The annotations of the image of a kernel, less their prefix, and what is printed. */
async function packed(kernel: Buffer, hypervisor: string, more: Record<string, string> = {}) {
  const root = mkdtempSync(join(tmpdir(), "kraft-solo5-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app/k"), kernel);
  const binary = { [`${prefix}binary`]: "/.boot/kernel" };
  const annotations = { [`${prefix}hypervisor`]: hypervisor, ...binary, ...more };
  const copies = [{ path: "app/k", name: "", to: "/.boot/kernel", keepsModes: true }];
  const base = { architecture: "amd64", sourceDateEpoch: 0, env: [], labels: annotations };
  const request = { ...base, annotations, copies };
  const printed = await runProgram(imageProgram, root, ["out/image", JSON.stringify(request)], {
    output: "out/image",
  });
  const read = (path: string): Manifest =>
    JSON.parse(readFileSync(join(root, "out/image", path), "utf8")) as Manifest;
  const [manifest] = read("index.json").manifests;
  const found = read(`blobs/${manifest?.digest.replace(":", "/")}`).annotations;
  const entries = Object.entries(found)
    .filter(([key]) => key !== `${prefix}binary`)
    .map(([key, value]) => [key.replace(prefix, ""), value]);
  return { facts: Object.fromEntries(entries) as Record<string, string>, printed };
}

const storage: Solo5Device = { name: "storage", type: "block" };
const littlefs: Solo5Device = { name: "littlefs", type: "block" };
const management: Solo5Device = { name: "management", type: "net" };

test("a kernel that is linked for another monitor is refused", async () => {
  await expect(packed(solo5Binary("spt", []), "hvt")).rejects.toThrow(
    "the kernel /.boot/kernel is linked for Solo5's spt, and hvt cannot boot it: spt does",
  );
  await expect(packed(solo5Binary("xen", []), "qemu")).rejects.toThrow(
    "is linked for Solo5's xen, and qemu cannot boot it: no monitor of urunc does",
  );
});

test("a kernel that is not where the image says is missed", async () => {
  const nowhere = { [`${prefix}binary`]: "/unikernel/app" };
  await expect(packed(Buffer.from("bzImage"), "qemu", nowhere)).rejects.toThrow(
    "the image has no file /unikernel/app, which is to be its kernel",
  );
  const directory = { [`${prefix}binary`]: "/.boot" };
  await expect(packed(Buffer.from("bzImage"), "qemu", directory)).rejects.toThrow(
    "the image has a directory in place of the file /.boot",
  );
});

test("notes are found wherever they stand in the file", async () => {
  const binary = solo5Binary("spt", [littlefs]);
  const [start, distance] = [64 + 2 * 56, 3 << 20];
  for (const at of [64 + 8, 64 + 56 + 8]) {
    binary.writeBigUInt64LE(binary.readBigUInt64LE(at) + BigInt(distance), at);
  }
  const far = [binary.subarray(0, start), Buffer.alloc(distance), binary.subarray(start)];
  const { facts } = await packed(Buffer.concat(far), "spt");
  expect(facts).toEqual({ hypervisor: "spt", solo5BlkDev: "littlefs" });
});

test("devices that urunc would look for by other names are named to it", async () => {
  const { facts } = await packed(solo5Binary("hvt", [littlefs, management]), "hvt");
  expect(facts).toEqual({ hypervisor: "hvt", solo5BlkDev: "littlefs", solo5NetDev: "management" });
  expect((await packed(solo5Binary("virtio", [storage]), "qemu")).facts).toEqual({
    hypervisor: "qemu",
  });
});

test("a device that the image names itself stays", async () => {
  const own = { [`${prefix}solo5BlkDev`]: "other" };
  const { facts } = await packed(solo5Binary("spt", [littlefs]), "spt", own);
  expect(facts["solo5BlkDev"]).toBe("other");
});

test("more devices than urunc attaches are told", async () => {
  const { printed } = await packed(solo5Binary("spt", [storage, littlefs]), "spt");
  expect(printed).toEqual(["urunc attaches one block device, storage, of 2"]);
});

test("of a kernel that is none of Solo5, nothing is asked", async () => {
  expect((await packed(Buffer.from("bzImage"), "qemu")).facts).toEqual({ hypervisor: "qemu" });
});
