// Whether what a workspace names on other machines answers. The only part that uses the network.

import { type HttpClient, openHttpClient } from "../fetch/http-client.ts";
import { publicAddress } from "../fetch/address.ts";
import type { Host } from "../base/host.ts";
import { remoteProblem } from "../engine/open-shared.ts";
import { manifestSources } from "../engine/kept-manifests.ts";
import type { Repository } from "../engine/repository.ts";
import { openStore } from "../store/store.ts";
import { shownRemoteUrl } from "../remote/remote-url.ts";
import type { Finding } from "./finding.ts";

/** What asking takes. */
export interface NetworkContext {
  readonly host: Host;
  /** Of the engine. */
  readonly version: string;
  readonly signal: AbortSignal;
}

/** What is known of the remote cache, of manifest indexes, and of registries. */
export async function networkFindings(
  repository: Repository,
  context: NetworkContext,
): Promise<Finding[]> {
  const { values } = repository.settings;
  const registries = values["sources.registries"].value.map((name) =>
    name.includes("://") ? name : `https://${name}/v2/`,
  );
  const indexes = manifestSources(repository).filter((address) => address.includes("://"));
  const [remote, ...asked] = await Promise.all([
    remoteFinding(repository, context),
    ...[...indexes, ...registries].map(async (address) => [await addressFinding(address, context)]),
  ]);
  return [...(remote ?? []), ...asked.flat()];
}

async function remoteFinding(repository: Repository, context: NetworkContext): Promise<Finding[]> {
  const { root, settings } = repository;
  const address = settings.values["remote.cache"].value;
  if (address === undefined) return [];
  const { host, version } = context;
  const store = openStore(settings.values["cache.dir"].value, host);
  const problem = await remoteProblem({ root, settings, store, host, version });
  const subject = `remote cache ${shownRemoteUrl(address)}`;
  if (problem === undefined) return [{ subject, verdict: "good", detail: "answers", affects: [] }];
  const detail = `${problem}: builds go on without it`;
  return [{ subject, verdict: "limited", detail, affects: [] }];
}

async function addressFinding(address: string, { host, signal }: NetworkContext): Promise<Finding> {
  const subject = publicAddress(address);
  let client: HttpClient | undefined;
  try {
    client = await openHttpClient(host.env);
    const { statusCode, body } = await client.request(new URL(address), {}, signal);
    // Nobody wants to read it, and to be told that nobody did.
    body.on("error", () => undefined).destroy();
    // A registry may well want to know who asks: it answers.
    const isGood = statusCode < 400 || statusCode === 401;
    const detail = `answers with status ${statusCode}`;
    return { subject, verdict: isGood ? "good" : "limited", detail, affects: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return { subject, verdict: "limited", detail: `cannot be reached: ${reason}`, affects: [] };
  } finally {
    await client?.close();
  }
}
