// Texts of manifests and of their indexes → data. Reads nothing.
// Source: KraftKit, manifest/{index,manifest,channel,version}.go.

import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { type MapValue, parseDocument } from "../document/document.ts";
import { type ComponentType, parseComponentType } from "./component-name.ts";
import { FetchError } from "./fetch-error.ts";
import { isTrue, mapsField, Problems, textField } from "./manifest-fields.ts";

/** What is known of one component. */
export interface Manifest {
  readonly name: string;
  readonly type: ComponentType;
  readonly description: string | undefined;
  /** The repository that it is developed in, or that of what was ported. */
  readonly origin: string | undefined;
  /** How to get what has no `resource`: `git` and `github` by the origin. */
  readonly provider: string | undefined;
  readonly channels: readonly Channel[];
  readonly versions: readonly Version[];
  /** Where all of it stands, relative to where this stands; undefined: here. */
  readonly link: string | undefined;
}

/** What moves on, such as `stable`. */
export interface Channel {
  readonly name: string;
  readonly isDefault: boolean;
  /** The version that it is at; for people. */
  readonly latest: string | undefined;
  readonly resource: Resource | undefined;
}

/** What never changes. */
export interface Version {
  readonly version: string;
  /** The version of the core that it belongs to. */
  readonly unikraft: string | undefined;
  /** Whether `version` is a commit, which may be cut short. */
  readonly isCommit: boolean;
  readonly resource: Resource | undefined;
}

/** An archive. */
export interface Resource {
  /** Relative to where the manifest stands, or an address. */
  readonly url: string;
  /** 64 lower-case hex digits; undefined when nobody says it. */
  readonly sha256: string | undefined;
}

/** A file of manifests: one of them, or an index of many. */
export interface ManifestFile {
  readonly manifests: readonly Manifest[];
  /** Further files that an index names without saying what is in them. */
  readonly links: readonly string[];
  /** What was left out, as it makes no sense: `ADDRESS:line:column: message`. */
  readonly problems: readonly string[];
}

/**
 * The file `text`, which `address` is shown for. An entry that makes no sense is left out, so that
 * it spoils no other. Throws a FetchError when nothing can be read.
 */
export function parseManifestFile(text: string, address: string): ManifestFile {
  const problems = new Problems();
  const errors: Diagnostic[] = [];
  const value = parseDocument({ path: address, text }, (found) => void errors.push(found));
  for (const { at, message } of errors) if (at) problems.add(at, message);
  // Half of a file may say the contrary of the whole one.
  if (errors.length > 0) throw unusable(address, problems);
  if (value?.kind !== "map") throw new FetchError("bad-manifest", `${address} is not a manifest`);
  if (!value.entries.has("manifests")) {
    const manifest = manifestOf(value, problems);
    if (manifest === undefined) throw unusable(address, problems);
    return { manifests: [manifest], links: [], problems: problems.list() };
  }
  const manifests: Manifest[] = [];
  const links: string[] = [];
  for (const entry of mapsField(value, "manifests", problems)) {
    const link = entry.entries.has("name") ? undefined : textField(entry, "manifest", problems);
    const manifest = link === undefined ? manifestOf(entry, problems) : undefined;
    if (link !== undefined) links.push(link);
    else if (manifest !== undefined) manifests.push(manifest);
  }
  return { manifests, links, problems: problems.list() };
}

function unusable(address: string, problems: Problems): FetchError {
  const [first] = problems.list();
  return new FetchError("bad-manifest", first ?? `${address} is not a manifest`);
}

function manifestOf(map: MapValue, problems: Problems): Manifest | undefined {
  const name = textField(map, "name", problems);
  const typeText = textField(map, "type", problems);
  if (!name) return problems.add(map.at, "a manifest has no name");
  if (!typeText) return problems.add(map.at, `the manifest ${name} has no type`);
  const type = parseComponentType(typeText);
  if (type === undefined) {
    return problems.add(map.at, `the manifest ${name} has the unknown type ${typeText}`);
  }
  return {
    name,
    type,
    description: textField(map, "description", problems),
    origin: textField(map, "origin", problems),
    provider: textField(map, "provider", problems),
    channels: mapsField(map, "channels", problems).flatMap((one) => channelOf(one, problems)),
    versions: mapsField(map, "versions", problems).flatMap((one) => versionOf(one, problems)),
    link: textField(map, "manifest", problems),
  };
}

function channelOf(map: MapValue, problems: Problems): readonly Channel[] {
  const name = textField(map, "name", problems);
  const found = resourceOf(map, problems);
  if (!name) problems.add(map.at, "a channel has no name");
  if (!name || found === "unusable") return [];
  const latest = textField(map, "latest", problems);
  return [{ name, isDefault: isTrue(map, "default"), latest, resource: found }];
}

function versionOf(map: MapValue, problems: Problems): readonly Version[] {
  const version = textField(map, "version", problems);
  const found = resourceOf(map, problems);
  if (!version) problems.add(map.at, "a version has no version");
  if (!version || found === "unusable") return [];
  const unikraft = textField(map, "unikraft", problems);
  const isCommit = textField(map, "type", problems) === "gitsha";
  return [{ version, unikraft, isCommit, resource: found }];
}

/** With a checksum that is none, the entry is of no use: nobody shall build it unverified. */
function resourceOf(map: MapValue, problems: Problems): Resource | undefined | "unusable" {
  const url = textField(map, "resource", problems);
  const text = textField(map, "sha256", problems)?.toLowerCase();
  const isSaid = text !== undefined && text !== "";
  if (isSaid && !/^[0-9a-f]{64}$/.test(text)) {
    problems.add(map.entries.get("sha256")?.value.at ?? map.at, "sha256 is not 64 hex digits");
    return "unusable";
  }
  return url ? { url, sha256: isSaid ? text : undefined } : undefined;
}
