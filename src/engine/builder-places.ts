// Where builders of Dockerfiles are, as the settings and the environment say.

import { join } from "node:path";

import type { Host } from "../base/host.ts";
import type { BuilderPlaces } from "../sandbox/image-builder.ts";
import type { Settings } from "../workspace/config.ts";
import { usualBuildkit } from "./dockerfile-executor.ts";

/**
 * Variables that lead to settings of docker, buildah and podman. None that may hold a password: the
 * script of a build that failed is kept.
 */
const leading =
  /^(?:HOME|XDG_RUNTIME_DIR|DOCKER_(?:HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH)|BUILDX_(?:BUILDER|CONFIG)|CONTAINERS_[A-Z_]*CONF|CONTAINER_HOST)$/;

/** What is handed over comes from whoever knows it for the engine's own commands. */
export function builderPlacesOf(
  { values }: Settings,
  { env }: Pick<Host, "env">,
  handedOver: Pick<BuilderPlaces, "secrets" | "sshAgent">,
): BuilderPlaces {
  const entries = Object.entries(env).flatMap(([name, value]) =>
    leading.test(name) && value !== undefined ? [[name, value] as const] : [],
  );
  return {
    buildkit: values["dockerfile.buildkit"].value ?? usualBuildkit,
    ca: values["dockerfile.ca"].value,
    certificate: values["dockerfile.certificate"].value,
    key: values["dockerfile.key"].value,
    storage: join(values["cache.dir"].value, "images"),
    env: Object.fromEntries(entries),
    ...handedOver,
  };
}
