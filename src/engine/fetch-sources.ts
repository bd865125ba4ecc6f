// Brings sources that build files themselves go on from, so that these can be read.

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { actionId, type FetchAction } from "../action/action.ts";
import { describeSource, type RemoteSource } from "../action/remote-source.ts";
import type { Node } from "../action/result.ts";
import { digestOf } from "../digest/digest.ts";
import { labelOf } from "../label/label.ts";
import { errorCode, writeError } from "../store/store-error.ts";
import type { Cas } from "../store/cas.ts";
import { materialize } from "../store/tree-layout.ts";
import type { BuildRequest } from "./build.ts";
import { type Equipment, openEquipment } from "./equipment.ts";
import { execute } from "./execution.ts";
import { directoryOf } from "./fetched-sources.ts";
import { addToLockFile } from "./lock-book.ts";
import type { Repository } from "./repository.ts";

/** Whose build it is. */
export interface FetchSourcesRequest {
  readonly repository: Repository;
  readonly sourceDateEpoch: number;
  readonly request: BuildRequest;
}

/**
 * Fetches `sources`, lays each down where `FetchedSources` looks for it, and pins it. False when one
 * cannot be had, which is told. Throws a StoreError.
 */
export async function fetchSources(
  sources: readonly RemoteSource[],
  { repository, sourceDateEpoch, request }: FetchSourcesRequest,
): Promise<boolean> {
  const { root, settings, ruleSets, lockFile } = repository;
  const { host, listen, signal, engine } = request;
  const equipment = openEquipment({
    root,
    settings,
    ruleSets,
    lockFile,
    tell: (diagnostic) => listen({ kind: "diagnostic", diagnostic }),
    host,
    components: new Map(),
    sourceDateEpoch,
    buildId: engine.buildId,
  });
  try {
    const actions = sources.map(fetchOf);
    const { ok } = await execute({
      actions,
      wanted: actions.flatMap(({ outputs }) => outputs),
      equipment,
      jobs: settings.values["build.jobs"].value,
      keepGoing: true,
      listen,
      host,
      signal,
    });
    await addToLockFile(root, equipment.sourcing.book.added(), host);
    if (ok) for (const action of actions) layDown(action, root, equipment);
    return ok;
  } finally {
    await equipment.close();
  }
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
  { inputs, store, sourcing }: Pick<Equipment, "inputs" | "store" | "sourcing">,
): void {
  const node = inputs.outputAt(actionId(action));
  if (node === undefined) throw new Error(`bug: nothing came of ${action.subject}`);
  const destination = directoryOf(root, sourcing.book.pinned(action.source));
  place(node, { destination, cas: store.cas });
}

function place(node: Node, { destination, cas }: { destination: string; cas: Cas }): void {
  const draft = cas.temporaryPath();
  if (node.kind !== "tree") return; // A file can be nothing to go on from; loading tells.
  try {
    mkdirSync(dirname(destination), { recursive: true });
    materialize(node, draft, cas);
    renameSync(draft, destination);
  } catch (cause) {
    // Another build was as quick.
    const isThere = ["ENOTEMPTY", "EEXIST"].includes(errorCode(cause) ?? "");
    rmSync(draft, { recursive: true, force: true });
    if (!isThere) throw writeError(cause, destination);
  }
}
