// Whether Dockerfiles can be carried out here. Pure.

import type { Label } from "../label/label.ts";
import type { Finding } from "./finding.ts";

/** What `obstacles` mean, which have the targets behind each. */
export function dockerfileFindings(obstacles: ReadonlyMap<string, readonly Label[]>): Finding[] {
  return [...obstacles].map(([reason, affects]) => ({
    subject: "Dockerfile RUN",
    verdict: "bad",
    detail: `RUN cannot be carried out here: ${reason}`,
    affects,
    // Of all ways that the reason names, the one that takes no daemon.
    program: "buildah",
  }));
}
