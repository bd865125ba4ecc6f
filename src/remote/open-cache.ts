// Opens the backend for an address, and loads its library only then.

import type { Host } from "../base/host.ts";
import { assertNever } from "../base/brand.ts";
import type { Attempts } from "./attempts.ts";
import type { RemoteCache, RemoteOptions } from "./remote-cache.ts";
import type { RemotePlace } from "./remote-url.ts";

/** The cache at `place`. Nothing is sent before it is asked something. */
export async function openRemoteCache(
  place: RemotePlace,
  options: RemoteOptions,
  { attempts, epochMs }: { readonly attempts: Attempts } & Pick<Host, "epochMs">,
): Promise<RemoteCache> {
  switch (place.kind) {
    case "grpc":
      return (await import("./grpc-cache.ts")).openGrpcCache(place, options, attempts);
    case "http":
      return (await import("./http-cache.ts")).openHttpCache(place, options, attempts);
    case "folder":
      return (await import("./folder-cache.ts")).openFolderCache(place, options, {
        attempts,
        epochMs,
      });
    default:
      return assertNever(place);
  }
}
