// Where a yielded action fetches from, read from its JSON.

import type { RemoteSource, WantedPlatform } from "./remote-source.ts";
import type { StrictValue } from "./strict-json.ts";

/** The source that `value` states. */
export function readSource(value: StrictValue): RemoteSource {
  const kind = new Map(value.fields()).get("kind")?.text() ?? value.refuse("has no kind");
  switch (kind) {
    case "git": {
      const own = value.object(["kind", "url", "reference", "commit", "ref"]);
      const [reference, commit, ref] = (["reference", "commit", "ref"] as const).map((name) =>
        own.optional(name)?.name(),
      );
      return {
        kind,
        url: own.required("url").name(),
        ...(reference !== undefined && { reference }),
        ...(commit !== undefined && { commit }),
        ...(ref !== undefined && { ref }),
      };
    }
    case "archive": {
      const own = value.object(["kind", "urls", "sha256", "sizeBytes"]);
      const sha256 = own.optional("sha256")?.name();
      const sizeBytes = own.optional("sizeBytes")?.count();
      const urls = readUrls(own.required("urls"));
      return {
        kind,
        urls,
        ...(sha256 && { sha256 }),
        ...(sizeBytes !== undefined && { sizeBytes }),
      };
    }
    case "file": {
      const own = value.object(["kind", "urls", "checksums", "sizeBytes"]);
      const sizeBytes = own.optional("sizeBytes")?.count();
      const checksums = own.required("checksums").list((sum) => sum.name());
      const urls = readUrls(own.required("urls"));
      return { kind, urls, checksums, ...(sizeBytes !== undefined && { sizeBytes }) };
    }
    case "image": {
      const own = value.object(["kind", "reference", "platform", "digest"]);
      const digest = own.optional("digest")?.name();
      const platform = readPlatform(own.required("platform"));
      const reference = own.required("reference").name();
      return { kind, reference, platform, ...(digest !== undefined && { digest }) };
    }
    default:
      return value.refuse(`is of no known kind: ${JSON.stringify(kind)}`);
  }
}

function readPlatform(value: StrictValue): WantedPlatform {
  const own = value.object(["os", "architecture", "variant", "features"]);
  const variant = own.optional("variant")?.name();
  const features = own.optional("features")?.list((feature) => feature.name());
  return {
    os: own.required("os").name(),
    architecture: own.required("architecture").name(),
    ...(variant !== undefined && { variant }),
    ...(features !== undefined && { features }),
  };
}

function readUrls(value: StrictValue): readonly [string, ...string[]] {
  const [first, ...others] = value.list((url) => url.name());
  return first === undefined ? value.refuse("is empty") : [first, ...others];
}
