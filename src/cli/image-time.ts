import { sourceDateEpochOf } from "../engine/source-date-epoch.ts";
import type { KraftContext } from "./context.ts";

/**
 * When an image was made, in seconds since 1970: only when SOURCE_DATE_EPOCH says it, as it would
 * be another image each time otherwise.
 */
export function createdOf({ host, stderr }: Pick<KraftContext, "host" | "stderr">): {
  readonly created?: number;
} {
  if (host.env["SOURCE_DATE_EPOCH"] === undefined) return {};
  const created = sourceDateEpochOf(host.env, ({ message }) => {
    stderr.write(`warning: ${message}\n`);
  });
  return created > 0 ? { created } : {};
}
