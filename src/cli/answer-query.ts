import { type OpenedQuery, openQuery } from "../engine/open-query.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import type { Label } from "../label/label.ts";
import {
  type ActionOutput,
  actionsAmong,
  formatCommands,
  isActionOutput,
} from "../query/commands.ts";
import { evaluateQuery } from "../query/evaluate.ts";
import type { Query } from "../query/expression.ts";
import { formatQuery } from "../query/format.ts";
import type { QueryNode } from "../query/query-graph.ts";
import type { KraftContext } from "./context.ts";
import { mistakeLog } from "./mistakes.ts";
import { outputNamed, type QueryPlace, readQuery } from "./query-text.ts";

/** What is asked, and of what. */
export interface QueryRequest extends QueryPlace {
  /** As typed. */
  readonly output: string;
  readonly repository: RepositoryRequest;
}

/** What comes of a query. Why there is no answer was told then. */
export type QueryAnswer =
  /** Ready to be printed. */
  | { readonly kind: "answered"; readonly text: string }
  /** What is asked, or a file, is wrong. */
  | { readonly kind: "refused" }
  /** What build files go on from is not to be had. */
  | { readonly kind: "failed" };

/** Answers a query. What build files go on from is fetched first, as a build would. */
export async function answerQuery(
  { repository, ...request }: QueryRequest,
  context: KraftContext,
): Promise<QueryAnswer> {
  const { stdin, stderr, host } = context;
  const log = mistakeLog(context);
  const { report } = log;
  const output = outputNamed(request.output, report);
  const query = await readQuery(request, { stdin, host }, report);
  if (output === undefined || query === undefined) {
    log.tell();
    return { kind: "refused" };
  }
  let isToBeHad = true;
  const printsActions = isActionOutput(output);
  const complete = async (found: Repository): Promise<Repository | undefined> => {
    const { completeRepository } = await import("./complete-repository.ts");
    const completed = await completeRepository({ repository: found, request: repository, context });
    isToBeHad = completed !== undefined;
    return completed;
  };
  const opened = await openQuery({ query, printsActions, repository, complete, host, report });
  const nodes = opened && evaluateQuery(query, opened.graph, report);
  if (log.tell().hasErrors || opened === undefined || nodes === undefined) {
    return { kind: isToBeHad ? "refused" : "failed" };
  }
  const { text, missing } =
    output === "html"
      ? { text: await pageAs(titleOf(query), nodes, { ...opened, host }), missing: [] }
      : printsActions
        ? actionsAs(output, nodes, opened)
        : { text: formatQuery(nodes, opened.graph, output), missing: [] };
  if (printsActions || query.needs.has("actions")) {
    const unknown = [...(opened.about?.unknownOf ?? []), ...missing];
    stderr.write(unbuiltNote([...new Set(unknown)].sort()));
  }
  if (query.needs.has("reads")) stderr.write(unreadNote(opened.about?.unreadOf() ?? []));
  return { kind: "answered", text };
}

/** `query` in one line, wherever it was written. */
function titleOf({ expression }: Query): string {
  return expression.at.source.text.trim().replaceAll(/\s+/g, " ");
}

/** The page of `nodes`, which needs no server. */
async function pageAs(
  title: string,
  nodes: readonly QueryNode[],
  { root, graph, about, host }: OpenedQuery & Pick<KraftContext, "host">,
): Promise<string> {
  const { pageOf } = await import("../page/open-graph.ts");
  const { readPageDocument, selfContainedPage } = await import("../page/page-document.ts");
  const shown = { title, nodes, graph, unknownOf: about?.unknownOf ?? [] };
  const opened = pageOf(shown, { repository: { root }, host, isLive: false });
  return selfContainedPage(opened, readPageDocument());
}

function actionsAs(
  output: Exclude<ActionOutput, "html">,
  nodes: readonly QueryNode[],
  { graph, about }: OpenedQuery,
): { readonly text: string; readonly missing: readonly Label[] } {
  const actions = actionsAmong(nodes, graph);
  if (output === "commands" || about === undefined) {
    return { text: formatCommands(actions), missing: [] };
  }
  return about.compileCommands(actions);
}

/** How to get at the rest of the answer. */
function unbuiltNote(labels: readonly Label[]): string {
  if (labels.length === 0) return "";
  const [first, ...others] = labels;
  const more = others.length === 0 ? "" : ` and of ${others.length} more targets`;
  const command = `kraft-graph build ${labels.length > maxNamed ? "//..." : labels.join(" ")}`;
  return `note: not all actions of ${first}${more} are known before it is built; "${command}" makes them known\n`;
}

/** What may be missing from an answer about files, and how to get at it. */
function unreadNote(labels: readonly Label[]): string {
  if (labels.length === 0) return "";
  const [first, ...others] = labels;
  const more = others.length === 0 ? "" : ` and of ${others.length} more targets`;
  const command = `kraft-graph build --recheck ${labels.length > maxNamed ? "//..." : labels.join(" ")}`;
  return `note: which headers compilers read is not written down of ${first}${more}; "${command}" makes it known\n`;
}

/** More would not fit on a command line that anyone reads. */
const maxNamed = 4;
