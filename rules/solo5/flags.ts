import { type Attribute, type Label, attribute, optional, parseLabel } from "../../src/index.ts";
import { type Abi, abis } from "./toolchain.ts";

/** As Unikraft names them: those that Solo5 is for. */
export const architecture = attribute.oneOf("x86_64", "arm64");

/** What the rules say themselves, so that outputs and dependencies are known. */
const ownFlag = /^-(?:[cESo]$|M|save-temps)/;

/** Options of the compiler. */
export const cflags = optional<readonly string[], readonly string[]>(
  {
    type: "a list of options for the compiler, without -c, -E, -S, -o and -M",
    read: (value) => {
      const flags = attribute.strings.read(value);
      return flags?.some((flag) => ownFlag.test(flag)) === true ? undefined : flags;
    },
  },
  ["-O2"],
);

/** What to link for. */
export const abiList: Attribute<readonly Abi[]> = {
  type: `a list of ${abis.join(", ")}, each once`,
  read: (value) => {
    if (!Array.isArray(value)) return undefined;
    const found = value.flatMap((one) => abis.find((abi) => abi === one) ?? []);
    const isEach = found.length === value.length && new Set(found).size === found.length;
    return isEach && found.length > 0 ? found : undefined;
  },
};

/** Disks by the name of the device that each is for. */
export type Disks = Readonly<Record<string, Label>>;

/** Images of disks for `run`, which gives the guest a copy. */
export const disks: Attribute<Disks> = {
  type: "a map from names of block devices to labels",
  read: (value, packagePath) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const found = Object.entries(value).flatMap(([name, text]) => {
      const label = typeof text === "string" ? parseLabel(text, packagePath) : undefined;
      return label === undefined ? [] : [[name, label] as const];
    });
    return found.length === Object.keys(value).length ? Object.fromEntries(found) : undefined;
  },
  labels: (value) => Object.values(value),
};

/** `attribute` without dependencies: another target of the same statement has them. */
export function withoutLabels<T>(attribute: Attribute<T>): Attribute<T> {
  const { type, fallback } = attribute;
  const read = (value: unknown, packagePath: string) => attribute.read(value, packagePath);
  return { type, read, ...(fallback && { fallback }) };
}
