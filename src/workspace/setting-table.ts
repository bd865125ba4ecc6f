import {
  address,
  boolean,
  buildkitAddress,
  count,
  duration,
  oneOf,
  path,
  paths,
  type SettingType,
  size,
  strategies,
  text,
  textMap,
  texts,
} from "./setting-type.ts";

/**
 * Every setting, by its key in `kraft.workspace.yaml`; a dot is one level of nesting. The
 * variable of `cache.maxSize` is KRAFT_GRAPH_CACHE_MAX_SIZE. Not here: `version`, `configs`,
 * and `components`, of which each name is a setting of its own.
 */
export const settingTable = {
  /** What the workspace is called; a package at its root is called so too. */
  name: text,
  /** Globs on package paths; those with `!` exclude. None: every directory with a build file. */
  packages: texts,
  /** Rule sets: names of built-in ones, `./local.js`, or packages of npm. */
  rules: texts,
  /** Labels of packages that stand for images of registries, by the names of those. */
  provides: textMap,
  /** Indexes that say where components come from. */
  "sources.manifests": texts,
  /** Where images are that are named without a registry, in order. */
  "sources.registries": texts,
  /** Hosts of registries that need no certificate, or may have one that nobody knows. */
  "sources.insecure": texts,
  /** By registry: where to pull its images from first, with blanks between. */
  "sources.mirrors": textMap,
  /** Whether a build is refused that would add to the lock file. */
  "sources.locked": boolean,
  /** Whether a build is refused that would need the network. */
  "sources.offline": boolean,
  /** Where `vendor` has written the sources to; undefined: they come from elsewhere. */
  "sources.vendor": path,
  /** Where the CAS and the action cache are. */
  "cache.dir": path,
  "cache.maxSize": size,
  /** How long a result stays that no build uses. */
  "cache.maxAge": duration,
  /** Whether files stay that nobody asked for, once all that needs them is up to date. */
  "cache.intermediates": oneOf("keep", "drop"),
  /** Where results are shared with other machines; undefined: nowhere. */
  "remote.cache": address,
  /** REAPI's instance name. */
  "remote.instance": text,
  /** Whether results of this machine are given to others; `ci`: in a job of CI for no pull request. */
  "remote.upload": oneOf("never", "always", "ci"),
  /** Which outputs of remote hits come here: all, those that are asked for, or none. */
  "remote.download": oneOf("all", "toplevel", "minimal"),
  /** Part of every key: whoever states another one neither sees nor gives results of this one. */
  "remote.scope": text,
  /** Where actions run; undefined: here. */
  "remote.executor": address,
  /** What the machines there are to be like, as its operator names it. */
  "remote.platform": textMap,
  /** How many actions run there at once. */
  "remote.executions": count,
  /** PEM: the private key that results are signed with. */
  "remote.signKey": path,
  /** PEM: public keys, of which one must have signed a result; none: all are used. */
  "remote.trustKeys": paths,
  /** Sent with each request, as for authorization; `${NAME}` and `${file:PATH}` stand for secrets. */
  "remote.headers": textMap,
  /** A program that prints further headers, as Bazel's credential helpers do. */
  "remote.headerHelper": text,
  /** How long to wait for an answer, or for the next bytes of one. */
  "remote.timeout": duration,
  /** PEM files: authorities to trust besides the system's; this client's certificate and key. */
  "remote.ca": path,
  "remote.certificate": path,
  "remote.key": path,
  /** What carries out Dockerfiles. */
  "dockerfile.executor": oneOf("auto", "embedded", "buildkit", "buildah"),
  /** Where BuildKit is: an address, or `docker`. */
  "dockerfile.buildkit": buildkitAddress,
  /** PEM files for BuildKit: an authority; this client's certificate and key. */
  "dockerfile.ca": path,
  "dockerfile.certificate": path,
  "dockerfile.key": path,
  /** Directories with OCI layouts, by the name that Dockerfiles have for the image. */
  "dockerfile.images": textMap,
  /** Values of their ARGs. */
  "dockerfile.args": textMap,
  /** Which stage of them is built; undefined: the last. */
  "dockerfile.target": text,
  /** Files with secrets, or `env:NAME` for variables, by the id that Dockerfiles have for them. */
  "dockerfile.secrets": textMap,
  "build.jobs": count,
  "build.keepGoing": boolean,
  "build.sandbox": oneOf("auto", "none", "links", "bwrap"),
  /** How root file systems are compressed. */
  "build.compress": oneOf("none", "gzip", "zstd"),
  /** How layers of images are compressed. */
  "build.compressLayers": oneOf("none", "gzip", "zstd"),
  /** Whether files of root file systems keep their owners, rather than being root's. */
  "build.keepFileOwners": boolean,
  /** Where actions run: `[MNEMONIC=|//label/pattern=]local|remote|race`; the last that fits counts. */
  "build.strategy": strategies,
  /** PATH of actions. */
  "build.path": text,
} as const satisfies Readonly<Record<string, SettingType<unknown>>>;

/** The name of a setting. */
export type SettingKey = keyof typeof settingTable;

/** What a setting holds. */
export type SettingValue<K extends SettingKey> =
  (typeof settingTable)[K] extends SettingType<infer T> ? T : never;

/** Settings that say what the repository is, and so stand in its own file only. */
export const workspaceOnly: ReadonlySet<string> = new Set([
  "name",
  "packages",
  "provides",
  "rules",
]);

/** True for a key of {@link settingTable}. */
export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settingTable, key);
}

/** The environment variable of the setting `key`. */
export function variableOf(key: SettingKey): string {
  const words = key.replaceAll(/[A-Z]/g, "_$&").replaceAll(".", "_");
  return `KRAFT_GRAPH_${words.toUpperCase()}`;
}
