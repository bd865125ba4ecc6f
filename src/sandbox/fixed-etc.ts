// The /etc that actions see in bubblewrap: the same on every machine, but for the dynamic linker.

import { hash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { errorCode, writeError } from "../store/store-error.ts";
import { removeTree } from "./remove-tree.ts";

/** The user that actions run as in bubblewrap, whoever builds. */
export const sandboxUser = { id: 1000, name: "kraft", home: "/home/kraft" } as const;

/** Of this machine, as programs and compilers are found through them. */
const machineDirectories = ["alternatives"];

/** Of this machine, for actions that may use the network. */
const networkEntries = ["ssl", "pki", "ca-certificates", "resolv.conf", "hosts", "services"];

/** The directory that is mounted as /etc, and what of the machine's is mounted into it. */
export interface FixedEtc {
  readonly directory: string;
  readonly always: readonly string[];
  /** Only for actions that may use the network. */
  readonly network: readonly string[];
}

/** Makes the directory below `parent`, unless it is there. Throws a StoreError. */
export function makeFixedEtc(parent: string): FixedEtc {
  const isHere = (name: string) => existsSync(`/etc/${name}`);
  const always = machineDirectories.filter(isHere);
  const network = networkEntries.filter(isHere);
  const files = { ...fixedFiles(), ...linkerCache() };
  const spots = [...always, ...network].filter((name) => !(name in files));
  const name = hash("sha256", JSON.stringify([Object.entries(files), spots])).slice(0, 16);
  const directory = join(parent, name);
  if (!existsSync(directory)) publish(directory, parent, { files, spots });
  return { directory, always, network };
}

function fixedFiles(): Record<string, string> {
  const { id, name, home } = sandboxUser;
  return {
    passwd: `root:x:0:0:root:/root:/bin/sh\n${name}:x:${id}:${id}:${name}:${home}:/bin/sh\n`,
    group: `root:x:0:\n${name}:x:${id}:\n`,
    hosts: "127.0.0.1 localhost kraft\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
  };
}

/** Without it, programs find libraries only in the default directories. */
function linkerCache(): Record<string, string> {
  try {
    return { "ld.so.cache": readFileSync("/etc/ld.so.cache", "latin1") };
  } catch {
    return {};
  }
}

/** Two builds may do this at once: the first to rename wins, and the other's is the same. */
function publish(
  directory: string,
  parent: string,
  content: { files: Record<string, string>; spots: readonly string[] },
): void {
  try {
    mkdirSync(parent, { recursive: true });
    const draft = mkdtempSync(join(parent, "draft-"));
    for (const [name, text] of Object.entries(content.files)) {
      writeFileSync(join(draft, name), text, "latin1");
    }
    for (const name of content.spots) {
      // What is mounted needs something of its own kind to be mounted on.
      if (statSync(`/etc/${name}`).isDirectory()) mkdirSync(join(draft, name));
      else writeFileSync(join(draft, name), "");
    }
    try {
      renameSync(draft, directory);
    } catch (cause) {
      removeTree(draft);
      const code = errorCode(cause);
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause;
    }
  } catch (cause) {
    throw writeError(cause, directory);
  }
}
