// The system that the engine runs on: Node, the sandbox, the limits of watching.

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Label } from "../label/label.ts";
import { removeTree } from "../sandbox/remove-tree.ts";
import { chooseSandbox, type SandboxKind } from "../sandbox/sandbox-choice.ts";
import type { Finding } from "./finding.ts";

/** What the engine is made for: `engines` of its package. */
const oldestNode = [20, 19] as const;

/** Whether Node is one that the engine runs on; `version` without the `v`. */
export function nodeFinding(version: string, affects: readonly Label[]): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isGood = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (isGood) return { subject: "node", verdict: "good", detail: version, affects };
  const detail = `${version}, and ${oldestNode.join(".")} is the oldest that will do`;
  return { subject: "node", verdict: "bad", detail, affects };
}

/** How actions are kept apart here. */
export async function sandboxFinding(
  kind: SandboxKind | "auto",
  path: string,
  affects: readonly Label[],
): Promise<Finding> {
  const place = mkdtempSync(join(tmpdir(), "kraft-doctor-"));
  try {
    const probe = (): string => join(place, "root");
    const choice = await chooseSandbox(kind, { path, etc: join(place, "etc"), probe });
    const subject = "sandbox";
    if (choice.kind === "unusable") {
      const detail = `${choice.reason}, and the settings ask for it`;
      return { subject, verdict: "bad", detail, affects, ...sandboxHelp(choice.reason) };
    }
    const detail = `${choice.kind}: ${choice.reason}`;
    if (choice.kind === "bwrap" || kind !== "auto") {
      return { subject, verdict: "good", detail, affects };
    }
    const more = "actions could see files that they do not declare";
    const help = sandboxHelp(choice.reason);
    return { subject, verdict: "limited", detail: `${detail}: ${more}`, affects, ...help };
  } finally {
    removeTree(place);
  }
}

/** Settings of the kernel that forbid namespaces, and what they have to be. */
const namespaceSettings = [
  ["kernel/unprivileged_userns_clone", "0", "1"],
  ["kernel/apparmor_restrict_unprivileged_userns", "1", "0"],
  ["user/max_user_namespaces", "0", "28633"],
] as const;

function sandboxHelp(reason: string): Pick<Finding, "help" | "program"> {
  if (reason.includes("not installed")) return { program: "bwrap" };
  for (const [name, forbidding, wanted] of namespaceSettings) {
    if (kernelSetting(name) !== forbidding) continue;
    return { help: `sudo sysctl ${name.replaceAll("/", ".")}=${wanted}` };
  }
  return { help: "allow user namespaces: in a container, by its --privileged or seccomp options" };
}

/** Whether `watch` can follow a workspace of `directories`. */
export function watchFinding(directories: number): Finding | undefined {
  const limit = Number(kernelSetting("fs/inotify/max_user_watches"));
  // Other systems have no such limit.
  if (!Number.isFinite(limit) || limit === 0) return undefined;
  const subject = "watching";
  const detail = `${limit} directories can be watched, and the workspace has ${directories}`;
  // Editors watch, too, and the limit is that of the user.
  if (limit >= 2 * directories) return { subject, verdict: "good", detail, affects: [] };
  const wanted = Math.max(524_288, 4 * directories);
  const help = `sudo sysctl fs.inotify.max_user_watches=${wanted}`;
  const more = `${detail}: the rest is looked at each second`;
  return { subject, verdict: "limited", detail: more, affects: [], help };
}

/** Empty when there is none, or it may not be read. */
function kernelSetting(name: string): string {
  try {
    return readFileSync(join("/proc/sys", name), "utf8").trim();
  } catch {
    return "";
  }
}
