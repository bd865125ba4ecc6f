import { expect, test } from "vitest";

import { uruncAnnotationsOf, uruncJsonOf } from "../../src/format/urunc.ts";
import { uruncGuests, uruncMonitors, uruncProblemsOf } from "../../src/format/urunc-rules.ts";

const sound = { unikernelType: "linux", hypervisor: "qemu", binary: "/.boot/kernel" };

/** What is wrong with `facts`, a line each. */
function problems(facts: Readonly<Record<string, string>>): string[] {
  return uruncProblemsOf({ ...sound, ...facts }).map(
    ({ severity, key, message, help }) =>
      `${severity} ${key}: ${message}${help === undefined ? "" : ` (${help})`}`,
  );
}

test("urunc.json has the bytes that bunny writes", () => {
  const facts = {
    unikernelType: "mirage",
    cmdline: "",
    hypervisor: "hvt",
    binary: "/.boot/kernel",
    mountRootfs: "false",
  };
  expect(uruncJsonOf(uruncAnnotationsOf(facts))).toBe(
    '{"com.urunc.unikernel.binary":"Ly5ib290L2tlcm5lbA==","com.urunc.unikernel.cmdline":"",' +
      '"com.urunc.unikernel.hypervisor":"aHZ0","com.urunc.unikernel.mountRootfs":"ZmFsc2U=",' +
      '"com.urunc.unikernel.unikernelType":"bWlyYWdl"}',
  );
});

test("keys are escaped and ordered as Go does it", () => {
  expect(uruncJsonOf({ "b<&>": "é", "a\u2028": "1", Z: "" })).toBe(
    '{"Z":"","a\\u2028":"MQ==","b\\u003c\\u0026\\u003e":"w6k="}',
  );
});

const pairs = uruncMonitors.flatMap((hypervisor) =>
  uruncGuests.map((unikernelType) => ({ hypervisor, unikernelType })),
);

test("of all guests and monitors, only the pairs that urunc boots pass", () => {
  const passing = pairs.filter((pair) => problems(pair).length === 0);
  const names = passing.map(({ hypervisor, unikernelType }) => `${unikernelType}@${hypervisor}`);
  const expected =
    "rumprun@hvt mirage@hvt rumprun@spt mirage@spt linux@cloud-hypervisor mewz@qemu mirage@qemu " +
    "unikraft@qemu linux@qemu hermit@qemu freebsd@qemu linux@firecracker unikraft@firecracker " +
    "freebsd@firecracker unikraft@hyperlight";
  expect(names.sort()).toEqual(expected.split(" ").sort());
});

test.each([
  [
    { unikernelType: "mirage", hypervisor: "firecracker" },
    "error hypervisor: urunc boots no mirage in firecracker (it boots mirage in hvt, spt, qemu)",
  ],
  [
    { unikernelType: "mirrage" },
    'warning unikernelType: urunc knows no unikernelType "mirrage" (did you mean "mirage"?)',
  ],
  [
    { hypervisor: "vz" },
    'warning hypervisor: urunc knows no hypervisor "vz" (it knows hvt, spt, qemu, firecracker, cloud-hypervisor, hyperlight)',
  ],
  [
    { unikernelType: "mirage", mountRootfs: "true" },
    "error mountRootfs: mirage can mount no files of its image, so that urunc refuses it (pack the files as an initrd, or leave them out)",
  ],
  [
    { unikernelType: "unikraft", hypervisor: "firecracker", mountRootfs: "true" },
    "error mountRootfs: in firecracker, unikraft can mount no files of its image (pack the files as an initrd, or leave them out)",
  ],
  [
    { mountRotfs: "true" },
    'warning mountRotfs: urunc knows no key "mountRotfs" (did you mean "mountRootfs"?)',
  ],
  [{ colour: "red" }, 'warning colour: urunc knows no key "colour"'],
  [{ mountRootfs: "yes" }, 'error mountRootfs: mountRootfs is true or false, not "yes"'],
  [{ binary: "" }, "error binary: urunc boots no image without binary"],
  [
    { block: "/.boot/rootfs" },
    "error block: a block device needs a place to be mounted at: blkMntPoint",
  ],
  [
    { binary: "/my kernel" },
    'error binary: urunc takes no binary "/my kernel": only A-Z, a-z, 0-9, . _ - and / may be in it',
  ],
  [
    { initrd: "/a/../b" },
    'error initrd: urunc takes no initrd "/a/../b": it has empty parts, . or ..',
  ],
  [{ binary: "-k" }, 'error binary: urunc takes no binary "-k": it begins with a dash'],
  [
    { binary: "/usr/lib/kernel" },
    "warning binary: /usr/lib/kernel is in /usr, which urunc lays its own files over (put it into /.boot or /unikernel)",
  ],
  [
    { solo5NetDev: "net-0" },
    'error solo5NetDev: "net-0" is no name of a device of Solo5: 1 to 67 letters and digits',
  ],
  [
    { unikernelVersion: "x".repeat(4097) },
    "error unikernelVersion: the version is longer than 4096 bytes",
  ],
])("%j is told", (facts, expected) => {
  expect(problems(facts)).toEqual([expected]);
});

test("a guest that mounts its files passes where it can", () => {
  expect(problems({ mountRootfs: "true" })).toEqual([]);
  expect(problems({ block: "/.boot/rootfs", blkMntPoint: "/" })).toEqual([]);
  const rumprun = { unikernelType: "rumprun", hypervisor: "hvt", mountRootfs: "true" };
  expect(problems(rumprun)).toEqual([]);
});

test("keys that are for containers are told apart from those that nobody knows", () => {
  const said = (key: string): string =>
    `warning ${key}: urunc takes ${key} from a container, and not from /urunc.json of its image ` +
    `(give the container the annotation com.urunc.unikernel.${key})`;
  expect(
    problems({ bootKernel: "/k", bootInitrd: "/i", vAccel: "vsock", RPCAddress: "x" }),
  ).toEqual(["bootKernel", "bootInitrd", "vAccel", "RPCAddress"].map(said));
  expect(problems({ bootKernel: "k", vAccel: "tcp" })).toEqual([
    said("bootKernel"),
    'warning bootKernel: bootKernel is an absolute path of the host, not "k"',
    "warning bootKernel: urunc takes bootKernel only together with bootInitrd",
    said("vAccel"),
    'warning vAccel: vAccel can be vsock alone, not "tcp"',
  ]);
});
