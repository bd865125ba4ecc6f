// `why`, from words to what is printed. Knows no stream but that for mistakes.

import type { Host } from "../base/host.ts";
import { openRepository, type RepositoryRequest } from "../engine/repository.ts";
import { answerWhy, type WhyAnswer } from "../engine/why-answer.ts";
import { journalDirectoryOf } from "../engine/journaling.ts";
import { selectActions, type SelectionContext } from "../engine/why-selection.ts";
import { formatNotCached, formatWhy, isUncached } from "../report/why-text.ts";
import { readJournals } from "../why/journal.ts";
import { openStore } from "../store/store.ts";
import type { KraftContext } from "./context.ts";
import { mistakeLog } from "./mistakes.ts";
import { isRemote } from "./remote-options.ts";

/** What is asked. */
export interface Question {
  readonly words: readonly string[];
  readonly repository: RepositoryRequest;
  readonly isJson: boolean;
  /** Whether to name every action. */
  readonly isWhole: boolean;
  /** Whether only what no cache had is of interest. */
  readonly isNotCached: boolean;
  /** A file to write records to, and one to compare with; as typed. */
  readonly exportFile?: string | undefined;
  readonly againstFile?: string | undefined;
}

/** The answer, ready to be printed; undefined when there is none, of which the user was told. */
export async function answerQuestion(
  question: Question,
  { stderr, host, engine }: Pick<KraftContext, "stderr" | "host" | "engine">,
): Promise<string | undefined> {
  const { words, repository: request } = question;
  const log = mistakeLog({ stderr, host });
  const { report } = log;
  const repository = await openRepository(request, report);
  if (repository === undefined) {
    log.tell();
    return undefined;
  }
  const { root, settings } = repository;
  const { cas } = openStore(settings.values["cache.dir"].value, host);
  const context = { repository, request, cas, report };
  if (question.exportFile !== undefined || question.againstFile !== undefined) {
    const sharing = { host, version: engine.version };
    const answer = await answerByRecords(question, context, sharing);
    if (log.tell().hasErrors) return undefined;
    if (typeof answer === "string") return answer;
    stderr.write(`error: ${answer.problem}\n`);
    return undefined;
  }
  const selection = selectActions(words, context);
  if (log.tell().hasErrors) return undefined;
  const answer = answerWhy({ root, cas, ...selection });
  if (answer === undefined) return nothingKnown(words);
  return formatted(answer, question, host.epochMs());
}

async function answerByRecords(
  { words, exportFile, againstFile = "", isJson, isWhole }: Question,
  context: SelectionContext,
  { host, version }: { readonly host: Host; readonly version: string },
): Promise<string | { readonly problem: string }> {
  const { compareWithFile, exportRecords } = await import("./compare-records.ts");
  const [last] = readJournals(journalDirectoryOf(context.repository.root));
  const patterns = words.length > 0 ? words : (last?.begin.targets ?? []);
  const request = { patterns, version, isJson, isWhole };
  const file = exportFile ?? againstFile;
  if (isRemote(file)) {
    const { exportToRemote, compareWithRemote } = await import("./compare-with-remote.ts");
    const use = exportFile === undefined ? compareWithRemote : exportToRemote;
    return use({ ...request, file }, context, host);
  }
  return exportFile === undefined
    ? compareWithFile({ ...request, file: againstFile }, context)
    : exportRecords({ ...request, file: exportFile }, context);
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
