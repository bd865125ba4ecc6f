// Names that the workspace has in which the user is, for shells: whoever completes wants no mistakes.

import type { Graph } from "../graph/graph.ts";
import { partsOf } from "../label/label.ts";
import { loadGraph, openRepository } from "../engine/repository.ts";
import type { KraftContext } from "./context.ts";
import { repositoryRequest } from "./target-options.ts";

/** The labels of its targets and source files, as far as it can be read. */
export async function labelsHere(context: KraftContext): Promise<readonly string[]> {
  const graph = await graphHere(context);
  return [...(graph?.targets.keys() ?? [])].filter((label) => label.startsWith("//"));
}

/** What `--target` can be. */
export async function targetNamesHere(context: KraftContext): Promise<readonly string[]> {
  const graph = await graphHere(context);
  const targets = [...(graph?.targets.values() ?? [])];
  const names = targets.flatMap(({ kind, label }) => (kind === "rule" ? partsOf(label).name : []));
  return [...new Set(names)];
}

/** What the attribute `name` of its targets is. */
export async function attributesHere(
  name: "platform" | "architecture",
  context: KraftContext,
): Promise<readonly string[]> {
  const graph = await graphHere(context);
  const values = [...(graph?.targets.values() ?? [])].flatMap((target) => {
    const value = target.kind === "rule" ? target.attributes[name] : undefined;
    return typeof value === "string" ? [value] : [];
  });
  return [...new Set(values)];
}

/** What `--config` can be. */
export async function configNamesHere(context: KraftContext): Promise<readonly string[]> {
  const repository = await openRepository(requestHere(context), () => undefined);
  return [...new Set(repository?.settings.configNames)];
}

/** What a package can begin with. */
export async function templatesHere({ host, builtIn }: KraftContext): Promise<readonly string[]> {
  const { packagePlaceOf } = await import("../engine/start-package.ts");
  const place = await packagePlaceOf(host.workingDirectory, { host, builtIn }, () => undefined);
  return place?.templates.map(({ name }) => name) ?? [];
}

async function graphHere(context: KraftContext): Promise<Graph | undefined> {
  const request = requestHere(context);
  const repository = await openRepository(request, () => undefined);
  return repository && loadGraph(repository, request, () => undefined);
}

function requestHere(context: KraftContext) {
  return repositoryRequest({ context, kraftfile: undefined, configs: [] }, []);
}
