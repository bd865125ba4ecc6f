// `why`, from words to what is printed. Knows no stream but that for mistakes.

import { renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { newDiagnosticLog } from "../engine/diagnostic-log.ts";
import { openRepository, type RepositoryRequest } from "../engine/repository.ts";
import { answerWhy, type WhyAnswer } from "../engine/why-answer.ts";
import { selectActions } from "../engine/why-selection.ts";
import { formatNotCached, formatWhy, isUncached } from "../report/why-text.ts";
import { openStore } from "../store/store.ts";
import type { KraftContext } from "./context.ts";

/** What is asked. */
export interface Question {
  readonly words: readonly string[];
  readonly repository: RepositoryRequest;
  readonly isJson: boolean;
  /** Whether to name every action. */
  readonly isWhole: boolean;
  /** Whether only what no cache had is of interest. */
  readonly isNotCached: boolean;
}

/** The answer, ready to be printed; undefined when there is none, of which the user was told. */
export async function answerQuestion(
  question: Question,
  { stderr, host }: Pick<KraftContext, "stderr" | "host">,
): Promise<string | undefined> {
  const { words, repository: request } = question;
  const log = newDiagnosticLog((event) => {
    if (event.kind === "diagnostic") stderr.write(`${renderDiagnostic(event.diagnostic)}\n`);
  });
  const { report } = log;
  const repository = await openRepository(request, report);
  if (repository === undefined) {
    log.tell();
    return undefined;
  }
  const { root, settings } = repository;
  const { cas } = openStore(settings.values["cache.dir"].value, host);
  const selection = selectActions(words, { repository, request, cas, report });
  if (log.tell().hasErrors) return undefined;
  const answer = answerWhy({ root, cas, ...selection });
  if (answer === undefined) return nothingKnown(words);
  return formatted(answer, question, host.epochMs());
}

function nothingKnown(words: readonly string[]): string {
  const what = words.length === 0 ? "no build" : `no build of ${words.join(" ")}`;
  return `${what} is written down in which anything was to be done\n`;
}

function formatted(
  answer: WhyAnswer,
  { isJson, isWhole, isNotCached }: Question,
  epochMs: number,
): string {
  const shown = isNotCached && isJson ? withoutHits(answer) : answer;
  if (isJson) return `${JSON.stringify({ version: 1, ...shown }, undefined, 2)}\n`;
  return isNotCached
    ? formatNotCached(answer, { epochMs, isWhole })
    : formatWhy(answer, { epochMs, isWhole });
}

/** Less the roots of which a cache had everything. */
function withoutHits(answer: WhyAnswer): WhyAnswer {
  const roots = answer.roots.map((root) => ({
    ...root,
    actions: root.actions.filter(isUncached),
  }));
  return { ...answer, roots: roots.filter(({ actions }) => actions.length > 0) };
}
