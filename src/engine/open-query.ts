// The graph that a query is asked of: with just what its functions need to know.

import type { Host } from "../base/host.ts";
import type { Diagnostic, Report } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import type { Query } from "../query/expression.ts";
import { type QueryGraph, queryGraphOf } from "../query/query-graph.ts";
import type { ActionQuery } from "./action-query.ts";
import { Elsewhere } from "./elsewhere.ts";
import { PackageQuestions } from "./package-questions.ts";
import { queryChanges } from "./query-changes.ts";
import {
  loadGraph,
  openRepository,
  type Repository,
  type RepositoryRequest,
} from "./repository.ts";

/** What `openQuery` works on. */
export interface OpenQueryRequest {
  readonly query: Query;
  /** Whether the answer is printed as actions, which then must be known. */
  readonly printsActions: boolean;
  readonly repository: RepositoryRequest;
  /**
   * Brings what build files go on from and is not here, such as templates; undefined when that
   * cannot be had, which is told.
   */
  readonly complete: (repository: Repository) => Promise<Repository | undefined>;
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

/** Undefined when there is nothing to ask, which is told or reported. Throws a StoreError. */
export async function openQuery(request: OpenQueryRequest): Promise<OpenedQuery | undefined> {
  const { query, printsActions, host, report } = request;
  const { needs, revisions } = query;
  const found = await openRepository(request.repository, report);
  const loaded = found && (await loadCompleted(found, request));
  if (loaded === undefined) return undefined;
  const { repository, targets, packageFiles } = loaded;
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

interface Loaded {
  readonly repository: Repository;
  readonly targets: Graph;
  /** Undefined when the query is not about them. */
  readonly packageFiles: ReturnType<PackageQuestions["filesIn"]> | undefined;
}

/** All build files are read once, unless something proves to be missing that some go on from. */
async function loadCompleted(
  found: Repository,
  request: OpenQueryRequest,
): Promise<Loaded | undefined> {
  const elsewhere = new Elsewhere(found);
  const diagnostics: Diagnostic[] = [];
  const loaded = load(found, request, elsewhere, (diagnostic) => void diagnostics.push(diagnostic));
  if (elsewhere.missing({ mayAskServers: true }) === undefined) {
    for (const diagnostic of diagnostics) request.report(diagnostic);
    return loaded;
  }
  const complete = await request.complete(found);
  return complete && load(complete, request, new Elsewhere(complete), request.report);
}

function load(
  repository: Repository,
  { query, repository: request }: OpenQueryRequest,
  { lookUps }: Elsewhere,
  report: Report,
): Loaded {
  const wantsFiles = query.needs.has("package files");
  const questions = wantsFiles ? new PackageQuestions(repository.root) : undefined;
  const targets = loadGraph(repository, { ...request, ...lookUps, asked: questions?.add }, report);
  return { repository, targets, packageFiles: questions?.filesIn(targets) };
}
