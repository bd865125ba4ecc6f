import { posix } from "node:path";

import type { Host } from "../base/host.ts";
import type { SettingKey } from "./setting-table.ts";

/** What is known of the machine and the workspace before any file is read. */
export interface DefaultsRequest {
  readonly root: string;
  /** Undefined for a single package without a workspace. */
  readonly workspaceFile: string | undefined;
  readonly host: Pick<Host, "env" | "cpus">;
  readonly builtInRules: readonly string[];
}

/** Every setting as it is when nobody says anything. */
export function builtInSettings({
  root,
  workspaceFile,
  host,
  builtInRules,
}: DefaultsRequest): Record<SettingKey, { readonly value: unknown; readonly origin: string }> {
  const values: Record<SettingKey, unknown> = {
    name: posix.basename(root) || "workspace",
    packages: workspaceFile === undefined ? ["."] : [],
    rules: builtInRules,
    provides: {},
    // Source: kraftkit.md §2.3 and §5.3.
    "sources.manifests": ["https://manifests.kraftkit.sh/index.yaml"],
    "sources.registries": ["unikraft.org"],
    "sources.insecure": [],
    "sources.mirrors": {},
    "sources.locked": false,
    "sources.offline": false,
    "sources.vendor": undefined,
    "cache.dir": cacheDirectory(root, host.env),
    "cache.maxSize": 10 * 1024 ** 3,
    "cache.maxAge": 30 * 86_400_000,
    "cache.intermediates": "keep",
    "remote.cache": undefined,
    "remote.instance": undefined,
    // A workspace that names a cache to read from must not by that fill it from every laptop.
    "remote.upload": "never",
    "remote.download": "all",
    "remote.scope": undefined,
    "remote.executor": undefined,
    "remote.platform": {},
    "remote.executions": 64,
    "remote.signKey": undefined,
    "remote.trustKeys": [],
    "remote.headers": {},
    "remote.headerHelper": undefined,
    "remote.timeout": 30_000,
    "remote.ca": undefined,
    "remote.certificate": undefined,
    "remote.key": undefined,
    "dockerfile.executor": "auto",
    "dockerfile.buildkit": undefined,
    "dockerfile.ca": undefined,
    "dockerfile.certificate": undefined,
    "dockerfile.key": undefined,
    "dockerfile.images": {},
    "dockerfile.args": {},
    "dockerfile.target": undefined,
    "dockerfile.secrets": {},
    "build.jobs": Math.max(1, host.cpus),
    "build.keepGoing": false,
    "build.sandbox": "auto",
    "build.compress": "none",
    "build.compressLayers": "none",
    "build.keepFileOwners": false,
    "build.strategy": [],
    "build.path": "/usr/local/bin:/usr/bin:/bin",
  };
  const entries = Object.entries(values).map(([key, value]) => [key, { value, origin: "default" }]);
  return Object.fromEntries(entries) as ReturnType<typeof builtInSettings>;
}

/** The user's, so that all workspaces share it; without a home directory, the workspace's. */
function cacheDirectory(root: string, { HOME: home, XDG_CACHE_HOME: given }: Host["env"]): string {
  if (given?.startsWith("/") === true) return posix.join(given, "kraft-graph");
  if (home?.startsWith("/") === true) return posix.join(home, ".cache/kraft-graph");
  return posix.join(root, ".kraft/cache");
}
