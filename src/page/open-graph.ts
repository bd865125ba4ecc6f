// The graph of chosen targets and the builds that were written down: what a page begins with.

import { basename, join } from "node:path";

import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import { openActionQuery } from "../engine/action-query.ts";
import { type Choice, chooseTargets } from "../engine/choose-targets.ts";
import { journalDirectoryOf } from "../engine/journaling.ts";
import { Records } from "../engine/records.ts";
import {
  loadGraph,
  openRepository,
  type Repository,
  type RepositoryRequest,
} from "../engine/repository.ts";
import { evaluateQuery } from "../query/evaluate.ts";
import { parseQuery } from "../query/parse.ts";
import type { QueryGraph, QueryNode } from "../query/query-graph.ts";
import { readJournals } from "../why/journal.ts";
import { pageBuildsOf, pageRunsOf, whysIn } from "./page-builds.ts";
import type { PageData, PageDetail } from "./page-data.ts";
import { detailsIn, pageGraphOf } from "./page-graph.ts";

/** A page's data, and what it may ask for. */
export interface OpenedPage {
  readonly root: string;
  readonly data: PageData;
  /** Of a node of the graph; undefined of anything else. */
  readonly detailOf: (id: string) => PageDetail | undefined;
}

/** Which targets to show. */
export interface OpenGraphRequest {
  readonly repository: RepositoryRequest;
  readonly choice: Choice;
  readonly host: Host;
  readonly report: Report;
}

/**
 * The targets of a choice, all that they need, and the actions that makes. Undefined when there is
 * no workspace; mistakes are reported. Throws a StoreError.
 */
export async function openGraph({
  repository: request,
  choice,
  host,
  report,
}: OpenGraphRequest): Promise<OpenedPage | undefined> {
  const repository = await openRepository(request, report);
  if (repository === undefined) return undefined;
  const targets = loadGraph(repository, request, report);
  const labels = chooseTargets(targets, choice, { context: repository.patterns, report });
  // Labels of any kind are words in quotes.
  const text = `deps(set(${labels.map((label) => `"${label}"`).join(" ")}))`;
  const query = parseQuery({ path: "the chosen targets", text }, report);
  if (query === undefined) return undefined;
  const gitChanges = new Map();
  const parts = { query, targets, repository, gitChanges, host, report };
  const { graph, unknownOf } = openActionQuery(parts);
  const nodes = evaluateQuery(query, graph, report) ?? [];
  const title = choice.patterns.length === 0 ? "." : choice.patterns.join(" ");
  return pageOf({ title, nodes, graph, unknownOf }, { repository, host, isLive: true });
}

/** An answer that is to be shown. */
export interface ShownGraph {
  readonly title: string;
  readonly nodes: readonly QueryNode[];
  readonly graph: QueryGraph;
  readonly unknownOf: readonly string[];
}

/** Where it is from. */
export interface ShownPlace {
  readonly repository: Pick<Repository, "root">;
  readonly host: Host;
  readonly isLive: boolean;
}

/** The page of `shown`, with what is known of the last builds. */
export function pageOf(
  { title, nodes, graph, unknownOf }: ShownGraph,
  { repository: { root }, host, isLive }: ShownPlace,
): OpenedPage {
  const records = new Records(join(root, ".kraft", "records"), host.processId);
  const builds = [...readJournals(journalDirectoryOf(root))];
  const [last] = builds;
  const whys = whysIn(builds);
  const describe = detailsIn(graph);
  const known = new Map<string, QueryNode>(nodes.map((node) => [node, node]));
  const durationOf = (id: string) => records.durationOf(id);
  return {
    root,
    data: {
      version: 1,
      title,
      workspace: basename(root),
      isLive,
      graph: pageGraphOf(nodes, graph, { durationOf, unknownOf }),
      builds: pageBuildsOf(builds),
      lastActions: last === undefined ? [] : pageRunsOf(last),
    },
    detailOf: (id) => {
      const node = known.get(id);
      if (node === undefined) return undefined;
      const why = whys.get(id);
      return { ...describe(node), ...(why !== undefined && { why }) };
    },
  };
}
