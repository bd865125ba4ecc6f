// The image that a yielded command builds, from its JSON.

import { isExecPath } from "./exec-path.ts";
import {
  type BuildBase,
  type BuildSecret,
  buildRights,
  type ImageBuild,
  imageBuilders,
} from "./image-build.ts";
import type { StrictValue } from "./strict-json.ts";

/** What a command builds, in `value`; refuses what is none. */
export function readImageBuild(value: StrictValue): ImageBuild {
  const own = value.object([
    "builder",
    "dockerfile",
    "context",
    "bases",
    "platform",
    "target",
    "args",
    "secrets",
    "agents",
    "rights",
  ]);
  const target = own.optional("target")?.name();
  return {
    builder: oneOf(imageBuilders, own.required("builder")),
    dockerfile: readPath(own.required("dockerfile")),
    context: readPath(own.required("context")),
    bases: own.required("bases").list(readBase),
    platform: own.required("platform").name(),
    args: Object.fromEntries(
      own
        .required("args")
        .fields()
        .map(([name, one]) => [name, one.text()]),
    ),
    secrets: own.required("secrets").list(readSecret),
    agents: own.required("agents").list(readSecret),
    rights: own.required("rights").list((right) => oneOf(buildRights, right)),
    ...(target !== undefined && { target }),
  };
}

function readBase(value: StrictValue): BuildBase {
  const own = value.object(["name", "layout", "index"]);
  return {
    name: own.required("name").name(),
    layout: readPath(own.required("layout")),
    index: readPath(own.required("index")),
  };
}

function readSecret(value: StrictValue): BuildSecret {
  const own = value.object(["id", "isRequired"]);
  return { id: own.required("id").name(), isRequired: own.required("isRequired").boolean() };
}

function oneOf<const T extends string>(known: readonly T[], value: StrictValue): T {
  const text = value.text();
  return known.find((one) => one === text) ?? value.refuse(`is none of ${known.join(", ")}`);
}

function readPath(value: StrictValue): string {
  const path = value.text();
  return isExecPath(path) ? path : value.refuse("is no path in an input root");
}
