// Components of a Kraftfile → where they come from. Knows no template.

import type { LoadContext, PublishedComponent, Span, WantedComponent } from "../../src/index.ts";
import { remoteOf } from "./component.ts";
import { isRange } from "./kraftfile/component-source.ts";
import type { Component, ComponentSource, KconfigSetting } from "./kraftfile/kraftfile.ts";

/** A component, and where it is to come from. */
export interface ProjectComponent {
  readonly name: string;
  readonly source: ComponentSource;
  /** As the Kraftfile has it; absent: it names none. */
  readonly version?: string;
  /** What a manifest gives for it; absent: no manifest was asked. */
  readonly published?: FoundComponent;
  readonly kconfig: readonly KconfigSetting[];
  readonly at: Span;
}

type FoundComponent = Extract<PublishedComponent, { kind: "found" }>;

/** What part of a project a component is. */
export interface ComponentRole {
  readonly type: WantedComponent["type"];
  /** The release of the core; undefined: nobody says. */
  readonly core?: string | undefined;
}

/** `component`, with where it comes from. What cannot be had is reported. */
export function componentOf(
  component: Component,
  role: ComponentRole,
  context: LoadContext,
): ProjectComponent {
  const { kconfig, at, version, name } = component;
  const override = context.componentOf(name);
  const found: Found =
    override === undefined
      ? sourceOf(component, role, context)
      : { source: { kind: "directory", path: override } };
  const { source, published } = found;
  if (source.kind === "directory" && context.kindOf(source.path) !== "directory") {
    context.report({
      severity: "error",
      code: "missing-component",
      message: `there is no directory ${source.path} for the component ${name}`,
      at,
      help:
        override === undefined
          ? "paths are relative to the directory of the Kraftfile"
          : `the setting components.${name} names it`,
    });
  }
  if (source.kind === "archive") checkArchive(source.url, at, context);
  return {
    name,
    kconfig,
    at,
    source,
    ...(version !== undefined && { version }),
    ...(published !== undefined && { published }),
  };
}

/** The release that `core` is, as far as its Kraftfile or a manifest says. */
export function releaseOf(core: ProjectComponent | undefined): string | undefined {
  const known = [core?.version, core?.published?.chosen, core?.published?.unikraft];
  return known.find((text) => text !== undefined && isRelease(text));
}

interface Found {
  readonly source: ComponentSource;
  readonly published?: FoundComponent;
}

/**
 * Where `component` comes from, if the workspace does not say. What stands in the package's
 * .unikraft counts in place of what would be fetched, so that it can be edited there; so does what
 * the workspace has vendored.
 *
 * Source: kraftkit.md §1.7 (places).
 */
function sourceOf(component: Component, role: ComponentRole, context: LoadContext): Found {
  const { source, version, name } = component;
  if (source?.kind === "directory") return { source };
  const kind = role.type === "app" ? "apps" : "libs";
  const edited = `.unikraft/${role.type === "core" ? name : `${kind}/${name}`}`;
  if (name !== "" && context.list(edited).length > 0) {
    return { source: { kind: "directory", path: edited } };
  }
  const found = source === undefined ? namedSource(component, role, context) : { source };
  const versioned = source === undefined ? found.source : versionedSource(source, version);
  if (versioned.kind === "directory") return found;
  const vendored = context.vendoredAt(remoteOf(versioned));
  if (vendored === undefined) return { ...found, source: versioned };
  return { ...found, source: { kind: "directory", path: vendored } };
}

/**
 * Where the component is that is only named: as manifests tell, else in the public repository that
 * the project keeps for components of this name, at the version.
 *
 * Source: kraftkit.md §2.1 (naming of repositories), §2.4 (tags of releases), §2.5 (manifests).
 */
function namedSource(component: Component, role: ComponentRole, context: LoadContext): Found {
  const { name, version, at } = component;
  const isOne = version === undefined || !isRange(version);
  const url = publicRepositoryOf(name, role.type);
  const standard = versionedSource({ kind: "git", url }, isOne ? version : undefined);
  const published = context.publishedOf({
    type: role.type,
    name,
    ...(version !== undefined && { version }),
    ...(role.core !== undefined && { core: role.core }),
    ...(isOne && { standard: remoteOf(standard) }),
  });
  if (published?.kind === "found") {
    if (!published.isForCore) reportOtherCore(component, { ...role, published }, context);
    const { source } = published;
    return { source: sourceAsWritten(source), published };
  }
  if (published !== undefined) {
    const { code, message, help } = published;
    context.report({ severity: "error", code, message, at, ...(help !== undefined && { help }) });
  } else if (!isOne) {
    const message = `of ${name} ${version}, nobody can say which it is, as no manifest is known`;
    const help = '"kraft-graph pkg update" fetches them; or name one version';
    context.report({ severity: "error", code: "unknown-component", message, at, help });
  }
  return { source: standard };
}

type RemoteComponent = Exclude<ComponentSource, { kind: "directory" }>;

function sourceAsWritten(source: FoundComponent["source"]): RemoteComponent {
  if (source.kind === "git") {
    const { url, reference } = source;
    return { kind: "git", url, ...(reference !== undefined && { reference }) };
  }
  const { urls, sha256 } = source;
  return { kind: "archive", url: urls[0], ...(sha256 !== undefined && { sha256 }) };
}

/** A library for another release than the core may not compile, or not do what it did. */
function reportOtherCore(
  { name, at, version }: Component,
  { core, published }: ComponentRole & { readonly published: FoundComponent },
  { report }: LoadContext,
): void {
  const { chosen, unikraft } = published;
  const asked = version === undefined || version === chosen ? "" : `, which ${version} stands for,`;
  const message = `${name} ${chosen}${asked} is for Unikraft ${unikraft}, and the core is ${core}`;
  const help = "name a version for this core, or another core";
  report({ severity: "warning", code: "other-core", message, at, help });
}

/** `source`, at `version` unless it says its own. */
function versionedSource<S extends RemoteComponent>(
  source: S,
  version: string | undefined,
): RemoteComponent {
  if (source.kind !== "git" || source.reference !== undefined || version === undefined) {
    return source;
  }
  return { ...source, reference: referenceOf(version) };
}

/** Reports an archive on the disk that is not there. */
function checkArchive(url: string, at: Span, { kindOf, report }: LoadContext): void {
  if (url.includes("://") || kindOf(url) === "file") return;
  report({
    severity: "error",
    code: "missing-component",
    message: `there is no archive ${url}`,
    at,
    help: "paths are relative to the directory of the Kraftfile",
  });
}

function publicRepositoryOf(name: string, type: ComponentRole["type"]): string {
  const repository = type === "core" ? "unikraft" : `${type}-${name}`;
  return `https://github.com/unikraft/${repository}.git`;
}

/** Releases are tagged `RELEASE-0.16.3`; channels are branches, and all else is a commit. */
function referenceOf(version: string): string {
  return isRelease(version) && version.split(".").length === 3 ? `RELEASE-${version}` : version;
}

function isRelease(text: string): boolean {
  return /^\d+(?:\.\d+)+$/.test(text);
}
