// One manifest and a wish → where the component is. Reads nothing.

import { nearestName } from "../diagnostic/suggest.ts";
import { publicAddress } from "./address.ts";
import { formatComponentName } from "./component-name.ts";
import { FetchError } from "./fetch-error.ts";
import type { Channel, Manifest, Version } from "./manifest.ts";
import { compareVersions, isInRange, isVersionRange, parseVersionRange } from "./version-range.ts";

/** Where a component is to be had, and what of it. */
export type ComponentSource = {
  readonly manifest: Manifest;
  /** Whether the same wish may lead elsewhere later, and so is to be pinned. */
  readonly moves: boolean;
  /** The version or channel that was chosen. */
  readonly chosen: string;
  /** The versions of the core that it is for; undefined when the manifest does not say it. */
  readonly unikraft: string | undefined;
} & (
  | {
      readonly kind: "archive";
      readonly urls: readonly [string, ...string[]];
      /** Undefined when the manifest does not say it. */
      readonly sha256: string | undefined;
    }
  | {
      readonly kind: "git";
      readonly url: string;
      /** A branch, a tag, or a commit, which may be cut short. */
      readonly reference: string;
    }
);

/** What is to be chosen from one manifest. */
export interface VersionWish {
  /** A version, versions as in `>=0.16`, or a channel; undefined: the default channel. */
  readonly version: string | undefined;
  /** The version of the core that it is for; undefined: any. */
  readonly core: string | undefined;
}

/**
 * What `wish` is in `manifest`, which stands at `address`: a version, else the version for a
 * version of the core, else a channel; without a version, the default channel. Of several, the one
 * for the core counts, then the latest. Throws a FetchError.
 */
export function chooseSource(
  manifest: Manifest,
  wish: VersionWish,
  address: string,
): ComponentSource {
  const wanted = wish.version;
  const version = wanted === undefined ? undefined : versionFor(manifest, wanted, wish.core);
  if (version !== undefined) {
    const moves = isVersionRange(wanted ?? "");
    return sourceOf(manifest, version, { moves, unikraft: version.unikraft, address });
  }
  const channel =
    wanted === undefined
      ? defaultChannel(manifest)
      : manifest.channels.find(({ name }) => name === wanted);
  if (channel === undefined) throw unknownVersion(manifest, wanted);
  const { name, resource } = channel;
  const about = { moves: true, unikraft: undefined, address };
  return sourceOf(manifest, { version: name, resource }, about);
}

/** Own versions come first: a library's 1.2.0 may not be meant by the core's. */
function versionFor(
  { versions }: Manifest,
  wanted: string,
  core: string | undefined,
): Version | undefined {
  const range = isVersionRange(wanted) ? parseVersionRange(wanted) : undefined;
  const isOwn = ({ version, isCommit }: Version): boolean =>
    range === undefined ? version === wanted : !isCommit && isInRange(version, range);
  const isCut = ({ version, isCommit }: Version): boolean =>
    isCommit && isSameCommit(version, wanted);
  const isForCore = ({ unikraft }: Version): boolean =>
    unikraft !== undefined &&
    (range === undefined ? isFor(unikraft, wanted) : isInRange(unikraft, range));
  for (const [isMeant, numberOf] of [
    [isOwn, ({ version }: Version) => version],
    [isCut, () => ""],
    [isForCore, ({ unikraft = "" }: Version) => unikraft],
  ] as const) {
    const found = versions.filter(isMeant);
    const fitting = found.filter(({ unikraft }) => core === undefined || isFor(unikraft, core));
    const best = latestOf(fitting.length > 0 ? fitting : found, numberOf);
    if (best !== undefined) return best;
  }
  return undefined;
}

/** Whether what a manifest says in `unikraft` holds for `core`: a version, or versions as in `>=0.16`. */
export function isFor(unikraft: string | undefined, core: string): boolean {
  if (unikraft === undefined || unikraft === core) return true;
  const range = parseVersionRange(unikraft);
  return range !== undefined && isInRange(core, range);
}

/** Of equal ones, the one that the manifest has first. */
function latestOf(
  versions: readonly Version[],
  numberOf: (version: Version) => string,
): Version | undefined {
  const isLater = (a: Version, b: Version): boolean =>
    compareVersions(numberOf(a), numberOf(b)) > 0;
  return versions.reduce<Version | undefined>(
    (best, one) => (best === undefined || isLater(one, best) ? one : best),
    undefined,
  );
}

/** Manifests have the first seven digits of a commit. */
function isSameCommit(known: string, wanted: string): boolean {
  const isLong = [known, wanted].every((one) => /^[0-9a-f]{7,40}$/.test(one));
  return isLong && (wanted.startsWith(known) || known.startsWith(wanted));
}

function defaultChannel({ channels }: Manifest): Channel | undefined {
  const marked = channels.find(({ isDefault }) => isDefault);
  if (marked !== undefined || channels.length === 1) return marked ?? channels[0];
  return channels.find(({ name }) => name === "stable");
}

function sourceOf(
  manifest: Manifest,
  { version: chosen, resource }: Pick<Version, "version" | "resource">,
  about: {
    readonly moves: boolean;
    readonly unikraft: string | undefined;
    readonly address: string;
  },
): ComponentSource {
  const { address, ...rest } = about;
  if (resource !== undefined) {
    const { url, sha256 } = resource;
    const urls = [linkTarget(url, address, sha256 !== undefined)] as const;
    return { kind: "archive", manifest, chosen, ...rest, urls, sha256 };
  }
  if (manifest.origin === undefined) {
    const shown = shownName(manifest, chosen);
    throw new FetchError(
      "bad-manifest",
      `${publicAddress(address)} does not say where ${shown} is`,
    );
  }
  const url = checkedOrigin(manifest.origin, address);
  return { kind: "git", manifest, chosen, ...rest, url, reference: chosen };
}

/** As with archives: what a server says does not lead to this machine, nor away from protection. */
function checkedOrigin(origin: string, address: string): string {
  const isLocal = address.startsWith("/") || address.startsWith("file:");
  const isProtected = /^(https|ssh):\/\/|^[\w.-]+@[\w.-]+:/.test(origin);
  const isPlain = address.startsWith("http:") && /^(http|git):\/\//.test(origin);
  if (isLocal || isProtected || isPlain) return origin;
  const message = `${publicAddress(address)} names ${publicAddress(origin)}, which is refused`;
  throw new FetchError("bad-manifest", message, { help: "a server's manifest names https or ssh" });
}

/**
 * The address that `link`, found in the file at `address`, leads to. A file of a server may not
 * speak of files of this machine, nor of unprotected places unless what is there is verified.
 */
export function linkTarget(link: string, address: string, verified: boolean): string {
  const base = address.startsWith("/")
    ? `file://${address.split("/").map(encodeURIComponent).join("/")}`
    : address;
  const refuse = (why: string): never => {
    const message = `${publicAddress(address)} names ${publicAddress(link)}, ${why}`;
    throw new FetchError("bad-manifest", message);
  };
  if (!URL.canParse(link, base)) return refuse("which is no address");
  const target = new URL(link, base);
  const from = new URL(base).protocol;
  if (target.protocol === "file:") {
    if (from !== "file:") return refuse("a file of this machine");
    return decodeURIComponent(target.pathname);
  }
  if (target.protocol === "https:") return target.href;
  if (target.protocol !== "http:") return refuse("which cannot be fetched");
  if (from === "https:" && !verified) return refuse("which is unprotected");
  return target.href;
}

function unknownVersion(manifest: Manifest, wanted: string | undefined): FetchError {
  const { channels, versions } = manifest;
  const known = [
    ...channels.map(({ name }) => name),
    ...versions.flatMap(({ version, unikraft }) => [version, ...(unikraft ? [unikraft] : [])]),
  ];
  const message =
    wanted === undefined
      ? `${shownName(manifest)} has no default channel`
      : isVersionRange(wanted)
        ? `${shownName(manifest)} has no version ${wanted}`
        : `${shownName(manifest)} has no version and no channel "${wanted}"`;
  const nearest = wanted === undefined ? undefined : nearestName(wanted, known);
  const all = [...new Set(known)].slice(0, 8).join(", ");
  const help = nearest === undefined ? `there are: ${all}` : `did you mean "${nearest}"?`;
  return new FetchError("unknown-component", message, known.length === 0 ? {} : { help });
}

function shownName({ type, name }: Manifest, version?: string): string {
  return formatComponentName({ type, name, version });
}
