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
  let renewing: Promise<boolean> | undefined;
  // Once for all requests that were denied: what they had may have been too old.
  const renew = () => {
    renewing ??= ask().then(
      (fresh) => {
        headers = fresh;
        return command !== undefined;
      },
      () => false,
    );
    return renewing;
  };
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
