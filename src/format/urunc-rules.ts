// Which images urunc boots: guests, monitors and paths, checked before an image is made.
//
// Source: urunc 0.8, pkg/unikontainers: annotations.go, unikernels, hypervisors, rootfs.go.

import { nearestName } from "../diagnostic/suggest.ts";
import { uruncKeyProblemsOf } from "./urunc-keys.ts";
import type { UruncFacts } from "./urunc.ts";

/** Something that urunc would refuse, or that would not work there. */
export interface UruncProblem {
  /** An error is refused at every start; what is only unknown here may be known to a newer urunc. */
  readonly severity: "error" | "warning";
  /** The fact that is at fault. */
  readonly key: string;
  /** One line, lower case, no full stop. */
  readonly message: string;
  readonly help?: string;
}

/** The guests that each monitor boots. */
const guestsOf: Readonly<Record<string, readonly string[]>> = {
  hvt: ["rumprun", "mirage"],
  spt: ["rumprun", "mirage"],
  qemu: ["mewz", "mirage", "unikraft", "linux", "hermit", "freebsd"],
  firecracker: ["linux", "unikraft", "freebsd"],
  "cloud-hypervisor": ["linux"],
  hyperlight: ["unikraft"],
};

/** Every guest that urunc knows. */
export const uruncGuests: readonly string[] = [...new Set(Object.values(guestsOf).flat())].sort();

/** Every monitor that urunc knows. */
export const uruncMonitors: readonly string[] = Object.keys(guestsOf);

/** Guests that can have no file system of the host. */
const guestsWithoutFiles = ["mirage", "mewz", "hermit"];

/** What of `facts` urunc refuses; empty when it boots the image. */
export function uruncProblemsOf(facts: UruncFacts): UruncProblem[] {
  return [
    ...missingIn(facts),
    ...pairProblemsOf(facts),
    ...mountProblemsOf(facts),
    ...["binary", "initrd", "block", "blkMntPoint"].flatMap((key) => pathProblemOf(key, facts)),
    ...["solo5NetDev", "solo5BlkDev"].flatMap((key) => deviceProblemOf(key, facts)),
    ...versionProblemOf(facts),
    ...uruncKeyProblemsOf(facts),
  ];
}

function missingIn(facts: UruncFacts): UruncProblem[] {
  const missing = ["unikernelType", "hypervisor", "binary"].filter((key) => !isGiven(facts[key]));
  return [
    ...missing.map((key) => error(key, `urunc boots no image without ${key}`)),
    ...(isGiven(facts["block"]) && !isGiven(facts["blkMntPoint"])
      ? [error("block", "a block device needs a place to be mounted at: blkMntPoint")]
      : []),
  ];
}

function pairProblemsOf({ unikernelType = "", hypervisor = "" }: UruncFacts): UruncProblem[] {
  const unknown = [
    ...unknownProblem("unikernelType", unikernelType, uruncGuests),
    ...unknownProblem("hypervisor", hypervisor, uruncMonitors),
  ];
  if (unknown.length > 0 || !isGiven(unikernelType) || !isGiven(hypervisor)) return unknown;
  if (guestsOf[hypervisor]?.includes(unikernelType) === true) return [];
  const monitors = uruncMonitors.filter((one) => guestsOf[one]?.includes(unikernelType));
  const message = `urunc boots no ${unikernelType} in ${hypervisor}`;
  return [error("hypervisor", message, `it boots ${unikernelType} in ${monitors.join(", ")}`)];
}

function unknownProblem(key: string, value: string, known: readonly string[]): UruncProblem[] {
  if (value === "" || known.includes(value)) return [];
  const nearest = nearestName(value, known);
  const help =
    nearest === undefined ? `it knows ${known.join(", ")}` : `did you mean "${nearest}"?`;
  return [{ severity: "warning", key, message: `urunc knows no ${key} "${value}"`, help }];
}

function mountProblemsOf(facts: UruncFacts): UruncProblem[] {
  const { mountRootfs, unikernelType: guest = "", hypervisor = "" } = facts;
  if (mountRootfs === undefined || mountRootfs === "false") return [];
  const key = "mountRootfs";
  if (mountRootfs !== "true") return [error(key, `${key} is true or false, not "${mountRootfs}"`)];
  if (isGiven(facts["initrd"]) || (isGiven(facts["block"]) && facts["blkMntPoint"] === "/"))
    return [];
  const help = "pack the files as an initrd, or leave them out";
  if (guestsWithoutFiles.includes(guest)) {
    return [error(key, `${guest} can mount no files of its image, so that urunc refuses it`, help)];
  }
  if (guest !== "unikraft" || hypervisor !== "firecracker") return [];
  return [error(key, "in firecracker, unikraft can mount no files of its image", help)];
}

/** Source: urunc 0.8, validation of paths in annotations. */
function pathProblemOf(key: string, facts: UruncFacts): UruncProblem[] {
  const path = facts[key];
  if (path === undefined || path === "") return [];
  if (path === "/" && key === "blkMntPoint") return [];
  const problem = problemOfPath(path);
  if (problem !== undefined) return [error(key, `urunc takes no ${key} "${path}": ${problem}`)];
  const removed = /^\/?(dev|tmp|lib|lib64|usr)\//.exec(path)?.[1];
  if (removed === undefined || key === "blkMntPoint") return [];
  const message = `${path} is in /${removed}, which urunc lays its own files over`;
  return [{ severity: "warning", key, message, help: "put it into /.boot or /unikernel" }];
}

function problemOfPath(path: string): string | undefined {
  if (!/^[A-Za-z0-9._/-]+$/.test(path)) return "only A-Z, a-z, 0-9, . _ - and / may be in it";
  if (path.length > 4096) return "it is longer than 4096 characters";
  if (path.startsWith("-")) return "it begins with a dash";
  const parts = path.replace(/^\//, "").split("/");
  return parts.some((part) => part === "" || part === "." || part === "..")
    ? "it has empty parts, . or .."
    : undefined;
}

function deviceProblemOf(key: string, facts: UruncFacts): UruncProblem[] {
  const name = facts[key];
  if (name === undefined || /^[A-Za-z0-9]{1,67}$/.test(name)) return [];
  return [error(key, `"${name}" is no name of a device of Solo5: 1 to 67 letters and digits`)];
}

function versionProblemOf({ unikernelVersion = "" }: UruncFacts): UruncProblem[] {
  if (Buffer.byteLength(unikernelVersion) <= 4096) return [];
  return [error("unikernelVersion", "the version is longer than 4096 bytes")];
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

function error(key: string, message: string, help?: string): UruncProblem {
  return { severity: "error", key, message, ...(help === undefined ? {} : { help }) };
}
