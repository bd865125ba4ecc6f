// Finds out whether bubblewrap works on this machine, by using it.

import { readlinkSync } from "node:fs";

import { type Bubblewrap, wrap } from "./bubblewrap.ts";
import { runBounded } from "./bounded-run.ts";

/** How long bubblewrap may take for nothing, in milliseconds; it takes some ten. */
const timeoutMs = 10_000;

/**
 * Why actions cannot be run by `bubblewrap`; undefined when they can. `root` is an empty directory
 * where one can be tried. Namespaces are forbidden in many containers and by some distributions,
 * which only an attempt can show.
 */
export async function problemWith(
  bubblewrap: Bubblewrap,
  root: string,
): Promise<string | undefined> {
  const script = "readlink /proc/self/ns/net && pwd && id -u && ! test -w /usr";
  const command = {
    argv: ["/bin/sh", "-c", script] as const,
    env: { PATH: "/usr/bin:/bin" },
    root,
    mounts: [],
    cwd: ".",
    network: false,
  };
  const result = await runBounded(wrap(bubblewrap, command), { env: {}, timeoutMs });
  if (result.kind === "failed") return `bwrap does not work here: ${result.reason}`;
  const [network = "", directory, user] = result.stdout.split("\n");
  if (!network.startsWith("net:") || network === ownNetwork()) {
    return "bwrap does not keep actions from the network here";
  }
  if (directory !== "/kraft" || user !== "1000") return "bwrap does not map paths and users here";
  return undefined;
}

function ownNetwork(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/net");
  } catch {
    return undefined;
  }
}
