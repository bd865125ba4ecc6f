import { renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { newDiagnosticLog } from "../engine/diagnostic-log.ts";
import { loadGraph, openRepository, type RepositoryRequest } from "../engine/repository.ts";
import type { Label } from "../label/label.ts";
import {
  type ActionOutput,
  actionsAmong,
  formatCommands,
  isActionOutput,
} from "../query/commands.ts";
import { evaluateQuery } from "../query/evaluate.ts";
import { formatQuery, type QueryOutput } from "../query/format.ts";
import { parseQuery } from "../query/parse.ts";
import { queryGraphOf } from "../query/query-graph.ts";
import type { KraftContext } from "./context.ts";

/** What is asked, and of what. */
export interface QueryRequest {
  readonly text: string;
  readonly output: QueryOutput | ActionOutput;
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
  const { report } = log;
  const query = parseQuery({ path: "query", text }, report);
  const repository = query && (await openRepository(request, report));
  if (query === undefined || repository === undefined) {
    log.tell();
    return undefined;
  }
  const targets = loadGraph(repository, request, report);
  // Targets alone are told without looking at what they come to.
  const about =
    query.isAboutActions || isActionOutput(output)
      ? (await import("../engine/action-query.ts")).openActionQuery({
          query,
          targets,
          repository,
          host: request.host,
          report,
        })
      : undefined;
  const graph = about?.graph ?? queryGraphOf(targets, repository.patterns);
  const nodes = evaluateQuery(query, graph, report);
  if (log.tell().hasErrors || nodes === undefined) return undefined;
  if (about === undefined || !isActionOutput(output)) {
    if (about !== undefined) stderr.write(unbuiltNote(about.unknownOf));
    return isActionOutput(output) ? "" : formatQuery(nodes, graph, output);
  }
  const actions = actionsAmong(nodes, graph);
  if (output === "commands") {
    stderr.write(unbuiltNote(about.unknownOf));
    return formatCommands(actions);
  }
  const { text: database, missing } = about.compileCommands(actions);
  stderr.write(unbuiltNote([...new Set([...about.unknownOf, ...missing])].sort()));
  return database;
}

/** How to get at the rest of the answer. */
function unbuiltNote(labels: readonly Label[]): string {
  if (labels.length === 0) return "";
  const [first, ...others] = labels;
  const more = others.length === 0 ? "" : ` and of ${others.length} more targets`;
  const command = `kraft-graph build ${labels.length > maxNamed ? "//..." : labels.join(" ")}`;
  return `note: not all actions of ${first}${more} are known before it is built; "${command}" makes them known\n`;
}

/** More would not fit on a command line that anyone reads. */
const maxNamed = 4;
