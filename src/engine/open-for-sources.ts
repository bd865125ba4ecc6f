// What carrying out actions takes that bring sources. Carries out none.

import type { BuildRequest } from "./build.ts";
import { type Equipment, type EquipmentRequest, openEquipment } from "./equipment.ts";
import type { Repository } from "./repository.ts";

/** Where sources belong, and who asks for them. */
export interface SourcePlace {
  readonly repository: Repository;
  readonly build: Pick<BuildRequest, "host" | "listen" | "signal" | "engine">;
}

/** Equipment for actions of the repository; close it in the end. */
export function openForSources(
  { repository, build }: SourcePlace,
  about: Pick<EquipmentRequest, "components" | "sourceDateEpoch">,
): Equipment {
  const { root, settings, ruleSets, lockFile } = repository;
  const { host, listen, engine } = build;
  return openEquipment({
    root,
    settings,
    ruleSets,
    lockFile,
    tell: (diagnostic) => listen({ kind: "diagnostic", diagnostic }),
    host,
    buildId: engine.buildId,
    ...about,
  });
}
