import { FetchError } from "../fetch/fetch-error.ts";
import type { BlobDescriptor, ManifestContent } from "./manifest.ts";
import { pushScope } from "./push-scope.ts";
import { formatReference } from "./reference.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { failureOfAnswer } from "./registry-failure.ts";

/** A manifest, as its file has it. */
export interface StoredManifest {
  readonly descriptor: Pick<BlobDescriptor, "digest" | "mediaType">;
  readonly bytes: Buffer;
  readonly content: ManifestContent;
}

/**
 * Puts `manifest` by `name`, or by its digest. Gives the digest of what it is about when that is
 * something and the registry keeps no list of such manifests. Throws a FetchError.
 */
export async function putManifest(
  { descriptor, bytes, content }: StoredManifest,
  about: {
    readonly place: RegistryPlace;
    readonly name: string | undefined;
    readonly registries: Registries;
  },
): Promise<string | undefined> {
  const { place, name, registries } = about;
  const { host, repository } = place;
  const { digest, mediaType } = descriptor;
  const named = { registry: host.name, repository };
  const shown = formatReference(
    name === undefined ? { ...named, digest } : { ...named, tag: name },
  );
  const url = `/v2/${repository}/manifests/${name ?? digest}`;
  const headers = { "content-type": mediaType };
  const scope = pushScope(repository);
  return registries.firstOf([place], async () => {
    const question = { method: "PUT", url, headers, body: () => bytes, scope } as const;
    const answer = await host.ask(question);
    if (answer.status !== 201) throw await failureOfAnswer(answer, shown, registries.context);
    await answer.body.dump();
    const there = answer.header("docker-content-digest");
    if (there !== undefined && there !== digest) {
      throw new FetchError("digest-mismatch", `${shown} became ${there} there, and not ${digest}`);
    }
    return answer.header("oci-subject") === undefined ? content.subject?.digest : undefined;
  });
}
