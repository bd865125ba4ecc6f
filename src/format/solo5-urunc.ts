// What urunc makes of a binary of Solo5. Knows no image.

import type { Solo5Device } from "./solo5-notes.ts";

/** The monitor of urunc for binaries of an ABI of Solo5; undefined: there is none. */
export function uruncMonitorOf(abi: string): string | undefined {
  return Object.hasOwn(monitors, abi) ? monitors[abi] : undefined;
}

const monitors: Readonly<Record<string, string>> = { hvt: "hvt", spt: "spt", virtio: "qemu" };

/** A device that urunc attaches. */
export interface UruncDevice {
  readonly type: Solo5Device["type"];
  /** The fact that names it. */
  readonly key: "solo5NetDev" | "solo5BlkDev";
  readonly name: string;
  /** Whether urunc calls it so when nobody says. Source: urunc 0.8, annotations. */
  readonly isStandard: boolean;
  /** How many more there are of its type, which urunc does not attach. */
  readonly others: number;
}

const kinds = [
  { type: "net", key: "solo5NetDev", standard: "service" },
  { type: "block", key: "solo5BlkDev", standard: "storage" },
] as const;

/** Of `devices`, those that urunc attaches: the first of each type. */
export function uruncDevicesOf(devices: readonly Solo5Device[]): readonly UruncDevice[] {
  return kinds.flatMap(({ type, key, standard }) => {
    const [first, ...others] = devices.filter((device) => device.type === type);
    if (first === undefined) return [];
    const { name } = first;
    return [{ type, key, name, isStandard: name === standard, others: others.length }];
  });
}
