import type { Label } from "../label/label.ts";
import type { KraftContext } from "./context.ts";

/** Tells of targets of which it could not be found out what they take from elsewhere; none: nothing. */
export function tellUnplanned(
  targets: readonly Label[],
  { stderr }: Pick<KraftContext, "stderr">,
): void {
  if (targets.length === 0) return;
  const names = targets.slice(0, 3).join(", ");
  const more = targets.length > 3 ? ` and ${targets.length - 3} more` : "";
  stderr.write(
    `error: what else ${names}${more} download is not known, as their steps could not be listed; once that works here, do this again\n`,
  );
}
