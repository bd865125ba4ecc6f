// Addresses of repositories: which may be used, and what a relative one stands for.

import { posix } from "node:path";

/**
 * What is wrong with the address `url`, to stand behind it; undefined when it may be used. Only
 * transports that fetch are: none that runs a command, and nothing that git could take for an
 * option of its own or of ssh.
 *
 * Source: git-clone(1), "GIT URLS"; CVE-2017-1000117 (hosts that begin with a dash).
 */
export function addressProblem(url: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  if (url === "" || /[\u0000-\u0020\u007f]/.test(url)) return "is no address";
  if (url.startsWith("-")) return "would be an option of git";
  if (/^[\w.+-]*::/.test(url)) return "names a helper program, and those are not run";
  const scheme = schemeOf(url);
  if (scheme === undefined) return "is no address of a repository";
  if (!schemes.has(scheme)) return `begins with ${scheme}:, which is not fetched from`;
  const host = /^(?:[\w+]+:\/\/)?(?:[^/@]*@)?([^/]*)/.exec(url)?.[1] ?? "";
  return host.startsWith("-") ? "has a host that would be an option of ssh" : undefined;
}

/** `https`, `ssh`, `file`, …; `git@host:path` is `ssh`. Undefined for what is neither. */
function schemeOf(url: string): string | undefined {
  const [, scheme] = /^([a-z][a-z0-9+]*):\/\/./i.exec(url) ?? [];
  if (scheme !== undefined) return scheme.toLowerCase();
  return /^[\w][\w.-]*@[\w[][\w.:\]-]*:(?!:)/.test(url) ? "ssh" : undefined;
}

const schemes = new Set(["https", "http", "ssh", "git", "file", "git+ssh", "ssh+git"]);

/** Whether `url` is on this machine's own disk. */
export function isLocal(url: string): boolean {
  return schemeOf(url) === "file";
}

/**
 * The address `url`, which stands in a repository fetched from `base`. One that begins with `./`
 * or `../` is relative to `base` as if that were a directory.
 *
 * Source: git-submodule(1), `add`.
 */
export function submoduleAddress(url: string, base: string): string {
  if (!/^\.\.?(\/|$)/.test(url)) return url;
  const start = /^[a-z][a-z0-9+]*:\/\/[^/]*|^[^/:]*:/i.exec(base)?.[0] ?? "";
  const path = base.slice(start.length).replace(/\/+$/, "");
  const joined = posix.normalize(`${path}/${url}`).replace(/\/+$/, "");
  return start + joined;
}
