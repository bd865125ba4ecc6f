// One manifest and a wish → where the component is. Reads nothing.

import { nearestName } from "../diagnostic/suggest.ts";
import { publicAddress } from "./address.ts";
import { formatComponentName } from "./component-name.ts";
import { FetchError } from "./fetch-error.ts";
import type { Channel, Manifest, Resource, Version } from "./manifest.ts";

/** Where a component is to be had, and what of it. */
export type ComponentSource = {
  readonly manifest: Manifest;
  /** Whether the same wish may lead elsewhere later, and so is to be pinned. */
  readonly moves: boolean;
} & (
  | {
      readonly kind: "archive";
      readonly urls: readonly string[];
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

/**
 * What `wanted` is in `manifest`, which stands at `address`: a version, else the version for a
 * version of the core, else a channel; without a wish, the default channel. Throws a FetchError.
 */
export function chooseSource(
  manifest: Manifest,
  wanted: string | undefined,
  address: string,
): ComponentSource {
  const version = wanted === undefined ? undefined : versionFor(manifest, wanted);
  if (version !== undefined) {
    return sourceOf(manifest, version.version, version.resource, { moves: false, address });
  }
  const channel =
    wanted === undefined
      ? defaultChannel(manifest)
      : manifest.channels.find(({ name }) => name === wanted);
  if (channel === undefined) throw unknownVersion(manifest, wanted);
  return sourceOf(manifest, channel.name, channel.resource, { moves: true, address });
}

/** Own versions come first: a library's 1.2.0 may not be meant by the core's. */
function versionFor({ versions }: Manifest, wanted: string): Version | undefined {
  return (
    versions.find(({ version }) => version === wanted) ??
    versions.find(({ version, isCommit }) => isCommit && isSameCommit(version, wanted)) ??
    versions.find(({ unikraft }) => unikraft === wanted)
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
  reference: string,
  resource: Resource | undefined,
  { moves, address }: { readonly moves: boolean; readonly address: string },
): ComponentSource {
  if (resource !== undefined) {
    const urls = [linkTarget(resource.url, address, resource.sha256 !== undefined)];
    return { kind: "archive", manifest, moves, urls, sha256: resource.sha256 };
  }
  if (manifest.origin === undefined) {
    const shown = shownName(manifest, reference);
    throw new FetchError(
      "bad-manifest",
      `${publicAddress(address)} does not say where ${shown} is`,
    );
  }
  return { kind: "git", manifest, moves, url: checkedOrigin(manifest.origin, address), reference };
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
      : `${shownName(manifest)} has no version and no channel "${wanted}"`;
  const nearest = wanted === undefined ? undefined : nearestName(wanted, known);
  const all = [...new Set(known)].slice(0, 8).join(", ");
  const help = nearest === undefined ? `there are: ${all}` : `did you mean "${nearest}"?`;
  return new FetchError("unknown-component", message, known.length === 0 ? {} : { help });
}

function shownName({ type, name }: Manifest, version?: string): string {
  return formatComponentName({ type, name, version });
}
