import { type Span, didYouMean } from "../../../src/index.ts";
import type { Reading } from "./reading.ts";

const architectures = ["x86_64", "arm64", "arm"];
const platforms = ["qemu", "fc", "xen", "hyperlight", "kraftcloud", "linuxu"];
const aliases: Readonly<Record<string, string>> = {
  kvm: "qemu",
  firecracker: "fc",
  hl: "hyperlight",
};
/** What others call architectures, for which KraftKit has one name only. */
const otherNames: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  "x86-64": "x86_64",
  x64: "x86_64",
  aarch64: "arm64",
};

interface Pair {
  readonly platform: string;
  readonly architecture: string;
  readonly at: Span;
}

/**
 * The name that KraftKit has for the platform of `pair`; undefined, with an error reported, when
 * it or the architecture can be none. Others than those that are known are warned of.
 */
export function canonicalPlatform(
  { platform, architecture, at }: Pair,
  reading: Reading,
): string | undefined {
  if (architectures.includes(platform)) {
    const message = "the platform stands before the architecture";
    const help = `write ${architecture}/${platform}`;
    return reading.error({ code: "bad-target", message, at, help });
  }
  if (!isArchitecture(architecture, at, reading)) return undefined;
  if (!/^\w[\w.-]*$/.test(platform)) {
    const message = `${JSON.stringify(platform)} can be no platform`;
    const help = "write a word such as qemu";
    return reading.error({ code: "bad-target", message, at, help });
  }
  const canonical = Object.hasOwn(aliases, platform) ? aliases[platform]! : platform;
  if (!platforms.includes(canonical)) {
    const message = `the platform ${platform} is not known`;
    const help = didYouMean(platform, [...platforms, ...Object.keys(aliases)]);
    reading.warn({ code: "bad-target", message, at, ...help });
  }
  return canonical;
}

/** True for the name of an architecture; reports what is none. */
export function isArchitecture(text: string, at: Span, { error }: Reading): boolean {
  if (architectures.includes(text)) return true;
  const message = `there is no architecture ${JSON.stringify(text)}`;
  error({ code: "bad-target", message, at, ...architectureHelp(text) });
  return false;
}

function architectureHelp(name: string): { help?: string } {
  if (Object.hasOwn(otherNames, name)) return { help: `write ${otherNames[name]}` };
  const near = didYouMean(name, architectures);
  return near.help === undefined ? { help: `there are ${architectures.join(", ")}` } : near;
}
