// Settings → what a connection to a remote takes: credentials, and how to renew them.

import type { Host } from "../base/host.ts";
import type { AttemptOptions } from "../remote/attempts.ts";
import type { RemoteOptions } from "../remote/remote-cache.ts";
import type { RemotePlace } from "../remote/remote-url.ts";
import type { Settings } from "../workspace/config.ts";
import { headersFrom, tlsFrom } from "./remote-settings.ts";

/** What it is for. */
export interface AccessRequest {
  /** Absolute. */
  readonly root: string;
  readonly settings: Settings;
  readonly host: Host;
  /** Of the engine, for logs of the server. */
  readonly version: string;
  readonly place: RemotePlace;
  /** As it may be shown. */
  readonly address: string;
}

/** What a connection takes. */
export interface RemoteAccess {
  readonly options: RemoteOptions;
  readonly attempts: AttemptOptions;
}

/** The access that settings give. Throws a RemoteSettingError. */
export async function accessTo(request: AccessRequest): Promise<RemoteAccess> {
  const { root, settings, host, version, place, address } = request;
  const { values } = settings;
  const credentials = place.kind === "folder" ? undefined : place.credentials;
  const command = values["remote.headerHelper"].value;
  const own = headersFrom(settings, host, credentials);
  const ask = async (): Promise<Record<string, string>> => {
    if (command === undefined) return own;
    const { headersOfHelper } = await import("./header-helper.ts");
    return { ...own, ...(await headersOfHelper({ command, root, address, host })) };
  };
  let headers = await ask();
  const askAgain = (): Promise<boolean> =>
    ask().then(
      (fresh) => {
        headers = fresh;
        return true;
      },
      () => false,
    );
  const renew = command === undefined ? async () => false : onceInAWhile(askAgain, host);
  return {
    options: {
      instance: values["remote.instance"].value ?? "",
      headers: async () => headers,
      tls: tlsFrom(settings),
      timeoutMs: values["remote.timeout"].value,
      toolVersion: version,
    },
    attempts: { renew },
  };
}

/** What is denied so soon after headers were renewed is not denied for their age. */
const freshMs = 10_000;

/**
 * `renew`, once for all who ask at a time and for some time after: many requests are denied at once for
 * one token that is too old, and a server that denies each token is not to have one made for each request.
 */
function onceInAWhile(
  renew: () => Promise<boolean>,
  { now }: Pick<Host, "now">,
): () => Promise<boolean> {
  let last: Promise<boolean> | undefined;
  let endedAtMs = Infinity;
  return () => {
    if (last !== undefined && now() - endedAtMs < freshMs) return last;
    endedAtMs = Infinity;
    last = renew().finally(() => {
      endedAtMs = now();
    });
    return last;
  };
}
