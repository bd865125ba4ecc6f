import {
  type Action,
  type ExecPath,
  type RemoteSource,
  type WithoutOwner,
  describeSource,
} from "../../src/index.ts";

/** The image `source`, as a layout: mounted, so that one is fetched once, by whatever names others have it. */
export function imageFetch(source: RemoteSource, layout: ExecPath): WithoutOwner<Action> {
  return {
    kind: "fetch",
    mnemonic: "Fetch",
    subject: describeSource(source),
    source,
    inputs: [],
    outputs: [layout],
    mounts: { [layout]: "source" },
    resources: { network: 1 },
  };
}
