// Brings sources that build files themselves go on from, so that these can be read.

import { actionId, type FetchAction } from "../action/action.ts";
import { describeSource, type RemoteSource } from "../action/remote-source.ts";
import { digestOf } from "../digest/digest.ts";
import { labelOf } from "../label/label.ts";
import { directoryOf } from "./fetched-sources.ts";
import { LostOutput } from "./lost-output.ts";
import { placeOutput } from "./outputs.ts";
import { type FetchedEquipment, type SourcesRequest, withFetched } from "./with-fetched.ts";

/** What build files ask for that is not here. */
export interface MissingSources {
  readonly sources: readonly RemoteSource[];
  /** Whether manifests that were never fetched might tell of a component. */
  readonly needsManifests: boolean;
}

/** Brings what is missing, so that build files can be read again; false when that is of no use. */
export async function bringMissing(
  { sources, needsManifests }: MissingSources,
  place: Omit<SourcesRequest, "fetches">,
): Promise<boolean> {
  if (needsManifests) {
    const { updateManifests } = await import("./manifests.ts");
    const { repository, build } = place;
    const { problems } = await updateManifests(repository, build.host, build.signal);
    for (const { message } of problems) build.listen({ kind: "notice", message });
    if (build.signal.aborted) return false;
  }
  return sources.length === 0 || fetchSources(sources, place);
}

/**
 * Fetches `sources`, lays each down where `FetchedSources` looks for it, and pins it. False when one
 * cannot be had, which is told. Throws a StoreError or a LostOutput.
 */
async function fetchSources(
  sources: readonly RemoteSource[],
  place: Omit<SourcesRequest, "fetches">,
): Promise<boolean> {
  const fetches = sources.map(fetchOf);
  return withFetched({ ...place, fetches }, ({ ok }, equipment) => {
    if (ok) for (const action of fetches) layDown(action, place.repository.root, equipment);
    return ok;
  });
}

/** As rules have it for components, so that both are one action. */
function fetchOf(source: RemoteSource): FetchAction {
  const name = digestOf(JSON.stringify(source)).slice(0, 16);
  const path = `.kraft/out/sources/${name}`;
  return {
    kind: "fetch",
    mnemonic: "Fetch",
    owner: labelOf({ packagePath: "", name: "sources" }),
    subject: describeSource(source),
    source,
    inputs: [],
    outputs: [path],
    mounts: { [path]: "source" },
    resources: { network: 1 },
  };
}

function layDown(
  action: FetchAction,
  root: string,
  { inputs, store, sourcing }: FetchedEquipment,
): void {
  const node = inputs.outputAt(actionId(action));
  if (node === undefined) throw new Error(`bug: nothing came of ${action.subject}`);
  if (node.kind !== "tree") return; // A file can be nothing to go on from; loading tells.
  const destination = directoryOf(root, sourcing.book.pinned(action.source));
  const placement = { cas: store.cas, openTree: inputs.openTree };
  if (!placeOutput(node, destination, placement)) throw new LostOutput(destination);
}
