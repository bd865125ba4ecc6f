import { renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { newDiagnosticLog } from "../engine/diagnostic-log.ts";
import { loadGraph, openRepository, type RepositoryRequest } from "../engine/repository.ts";
import { evaluateQuery } from "../query/evaluate.ts";
import { formatQuery, type QueryOutput } from "../query/format.ts";
import { parseQuery } from "../query/parse.ts";
import { queryGraphOf } from "../query/query-graph.ts";
import type { KraftContext } from "./context.ts";

/** What is asked, and of what. */
export interface QueryRequest {
  readonly text: string;
  readonly output: QueryOutput;
  readonly repository: RepositoryRequest;
}

/** The answer, ready to be printed; undefined when there is none, of which the user was told. */
export async function answerQuery(
  { text, output, repository: request }: QueryRequest,
  { stderr }: Pick<KraftContext, "stderr">,
): Promise<string | undefined> {
  const log = newDiagnosticLog((event) => {
    if (event.kind === "diagnostic") stderr.write(`${renderDiagnostic(event.diagnostic)}\n`);
  });
  const query = parseQuery({ path: "query", text }, log.report);
  const repository = query && (await openRepository(request, log.report));
  if (query === undefined || repository === undefined) {
    log.tell();
    return undefined;
  }
  const graph = queryGraphOf(loadGraph(repository, request, log.report), repository.patterns);
  const labels = evaluateQuery(query, graph, log.report);
  return log.tell().hasErrors || labels === undefined
    ? undefined
    : formatQuery(labels, graph, output);
}
