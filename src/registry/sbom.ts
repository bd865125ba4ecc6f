// What an image was built from, as SPDX says it. Knows no network.

import { commitOf, type RemoteSource, withoutCredentials } from "../action/remote-source.ts";

/** A source, and what it is called. */
export interface NamedSource {
  readonly name: string;
  /** As the lock file has it. */
  readonly source: RemoteSource;
}

/** What a list of parts is of. */
export interface SbomSubject {
  /** The name of the image, in full. */
  readonly reference: string;
  /** Of its index: `sha256:` and hex. */
  readonly digest: string;
  /** Of this engine. */
  readonly toolVersion: string;
  /** Seconds since 1970, or 0. */
  readonly created: number;
}

/** The media type of {@link spdxOf}. */
export const spdxType = "application/spdx+json";

/**
 * The SPDX document, in JSON, of an image that was built from `sources`: the same text for the same
 * image and sources. Source: SPDX 2.3, clauses 6, 7 and 11.
 */
export function spdxOf(subject: SbomSubject, sources: readonly NamedSource[]): string {
  const { reference, digest, toolVersion, created } = subject;
  const hex = digest.replace("sha256:", "");
  const image = {
    SPDXID: "SPDXRef-Image",
    name: reference,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: "CONTAINER",
    checksums: [{ algorithm: "SHA256", checksumValue: hex }],
  };
  const sorted = sources.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const parts = sorted.map((one, i) => partOf(one, `SPDXRef-Source-${i + 1}`));
  const relations = parts.map(({ SPDXID }) => ({
    spdxElementId: "SPDXRef-Image",
    relationshipType: "GENERATED_FROM",
    relatedSpdxElement: SPDXID,
  }));
  const describes = {
    spdxElementId: "SPDXRef-DOCUMENT",
    relationshipType: "DESCRIBES",
    relatedSpdxElement: "SPDXRef-Image",
  };
  return JSON.stringify({
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: reference,
    documentNamespace: `https://spdx.org/spdxdocs/kraft-graph-${hex}`,
    creationInfo: {
      created: new Date(created * 1000).toISOString().replace(".000Z", "Z"),
      creators: [`Tool: kraft-graph-${toolVersion}`],
    },
    packages: [image, ...parts],
    relationships: [describes, ...relations],
  });
}

function keyOf({ name, source }: NamedSource): string {
  return `${name} ${JSON.stringify(source)}`;
}

function partOf({ name, source }: NamedSource, id: string) {
  const sums = checksumsOf(source);
  const version = versionOf(source);
  return {
    SPDXID: id,
    name,
    ...(version !== undefined && { versionInfo: version }),
    downloadLocation: locationOf(source),
    filesAnalyzed: false,
    ...(sums.length > 0 && { checksums: sums }),
  };
}

/** Source: SPDX 2.3, 7.7 "Package download location". */
function locationOf(source: RemoteSource): string {
  switch (source.kind) {
    case "git": {
      const url = withoutCredentials(source.url);
      const commit = commitOf(source);
      return `git+${url}${commit === undefined ? "" : `@${commit}`}`;
    }
    case "archive":
    case "file":
      return withoutCredentials(source.urls[0]);
    case "image":
      return "NOASSERTION";
  }
}

function versionOf(source: RemoteSource): string | undefined {
  if (source.kind === "git") return source.reference ?? commitOf(source);
  return source.kind === "image" ? source.reference : undefined;
}

function checksumsOf(source: RemoteSource) {
  const texts =
    source.kind === "archive" && source.sha256 !== undefined
      ? [`sha256:${source.sha256}`]
      : source.kind === "file"
        ? source.checksums
        : source.kind === "image" && source.digest !== undefined
          ? [source.digest]
          : [];
  return texts.map((text) => {
    const [algorithm = "", checksumValue = ""] = text.split(":");
    return { algorithm: algorithm.toUpperCase(), checksumValue };
  });
}
