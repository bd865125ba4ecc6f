// The graph that a query is asked of: with just what its functions need to know.

import type { Host } from "../base/host.ts";
import type { Report } from "../diagnostic/diagnostic.ts";
import type { Query } from "../query/expression.ts";
import { type QueryGraph, queryGraphOf } from "../query/query-graph.ts";
import type { ActionQuery } from "./action-query.ts";
import { PackageQuestions } from "./package-questions.ts";
import { queryChanges } from "./query-changes.ts";
import { loadGraph, openRepository, type RepositoryRequest } from "./repository.ts";

/** What `openQuery` works on. */
export interface OpenQueryRequest {
  readonly query: Query;
  /** Whether the answer is printed as actions, which then must be known. */
  readonly printsActions: boolean;
  readonly repository: RepositoryRequest;
  readonly host: Host;
  readonly report: Report;
}

/** The graph, and what can be told of its actions when the query is about them. */
export interface OpenedQuery {
  /** Of the workspace; absolute. */
  readonly root: string;
  readonly graph: QueryGraph;
  readonly about: ActionQuery | undefined;
}

/** Undefined when there is no workspace; mistakes are reported. Throws a StoreError. */
export async function openQuery({
  query,
  printsActions,
  repository: request,
  host,
  report,
}: OpenQueryRequest): Promise<OpenedQuery | undefined> {
  const { needs, revisions } = query;
  const repository = await openRepository(request, report);
  if (repository === undefined) return undefined;
  const questions = needs.has("package files") ? new PackageQuestions(repository.root) : undefined;
  const targets = loadGraph(repository, { ...request, asked: questions?.add }, report);
  const packageFiles = questions?.filesIn(targets);
  // Targets alone are told without looking at what they come to.
  if (!printsActions && !needs.has("actions") && !needs.has("all targets")) {
    const facts = packageFiles === undefined ? {} : { packageFiles };
    const graph = queryGraphOf(targets, repository.patterns, facts);
    return { root: repository.root, graph, about: undefined };
  }
  const gitChanges = await queryChanges({ revisions, repository, host, report });
  const { openActionQuery } = await import("./action-query.ts");
  const about = openActionQuery({
    query,
    targets,
    repository,
    packageFiles,
    gitChanges,
    host,
    report,
  });
  return { root: repository.root, graph: about.graph, about };
}
