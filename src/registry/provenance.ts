// What an image was built from and how, as SLSA says it. Knows no network.

import { commitOf, type RemoteSource, withoutCredentials } from "../action/remote-source.ts";
import type { NamedSource } from "./sbom.ts";

/** What is stated of an image. */
export interface ProvenanceFacts {
  /** The image, and the manifests in it: `sha256:` and hex. */
  readonly subjects: readonly { readonly name: string; readonly digest: string }[];
  /** What the user asked for: anything that JSON can hold. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** From elsewhere, as the lock file has them. */
  readonly sources: readonly NamedSource[];
  /** Files of the workspace that were read, by path, with their SHA-256 in hex. */
  readonly files: readonly FileFact[];
  readonly actions: readonly {
    readonly owner: string;
    readonly mnemonic: string;
    readonly subject: string;
    readonly outputs: readonly FileFact[];
  }[];
  /** A URI for who built it. */
  readonly builder: string;
  /** Of this engine. */
  readonly toolVersion: string;
  /** Seconds since 1970; absent: the statement says no time, so that it is the same each time. */
  readonly created?: number;
}

interface FileFact {
  readonly path: string;
  readonly sha256: string;
}

/** The media type of {@link provenanceOf}. Source: in-toto attestation framework, v1. */
export const statementType = "application/vnd.in-toto+json";
export const predicateType = "https://slsa.dev/provenance/v1";
/** What `externalParameters` and the rest mean: docs/images.md says it. */
export const buildType = "https://kraft-graph.dev/provenance/pkg/v1";
/** Who builds, when nobody says who that is: a machine that is trusted as its user is. */
export const localBuilder = "https://kraft-graph.dev/provenance/local";

/**
 * The in-toto statement, in JSON: the same text for the same facts.
 *
 * Source: SLSA v1.0, "Provenance"; in-toto attestation framework, "Statement", "ResourceDescriptor".
 */
export function provenanceOf(facts: ProvenanceFacts): string {
  const { subjects, parameters, sources, files, actions, builder, toolVersion } = facts;
  const time = timeOf(facts.created);
  const dependencies = [
    ...sources.map(dependencyOf),
    ...files.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
  ];
  const outputs = actions.flatMap((action) => action.outputs);
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects.map(({ name, digest }) => ({ name, digest: digestSetOf(digest) })),
    predicateType,
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: parameters,
        internalParameters: {
          actions: actions.map(({ owner, mnemonic, subject }) => ({ owner, mnemonic, subject })),
        },
        resolvedDependencies: dependencies.toSorted(byText),
      },
      runDetails: {
        builder: { id: builder, version: { "kraft-graph": toolVersion } },
        ...(time !== undefined && { metadata: { startedOn: time, finishedOn: time } }),
        byproducts: outputs
          .map(({ path, sha256 }) => ({ name: path, digest: { sha256 } }))
          .toSorted(byText),
      },
    },
  });
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function timeOf(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** `sha256:<hex>` and the like, as in-toto has digests. */
function digestSetOf(...digests: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    digests.map((digest) => {
      const [algorithm = "", hex = ""] = digest.split(":");
      return [algorithm, hex];
    }),
  );
}

function dependencyOf({ name, source }: NamedSource) {
  const digest = digestOfSource(source);
  const isKnown = Object.keys(digest).length > 0;
  return { name, uri: uriOf(source), ...(isKnown && { digest }) };
}

/** Source: SPDX download locations, which in-toto takes for URIs; package-url, type oci. */
function uriOf(source: RemoteSource): string {
  switch (source.kind) {
    case "git": {
      const url = withoutCredentials(source.url);
      return `git+${url}${source.reference === undefined ? "" : `@${source.reference}`}`;
    }
    case "archive":
    case "file":
      return withoutCredentials(source.urls[0]);
    case "image":
      return `oci://${source.reference}`;
  }
}

function digestOfSource(source: RemoteSource): Record<string, string> {
  switch (source.kind) {
    case "git": {
      const commit = commitOf(source);
      return commit === undefined ? {} : { gitCommit: commit };
    }
    case "archive":
      return source.sha256 === undefined ? {} : { sha256: source.sha256 };
    case "file":
      return digestSetOf(...source.checksums);
    case "image":
      return source.digest === undefined ? {} : digestSetOf(source.digest);
  }
}
