// Addresses that were taken for those of repositories, and are those of archives.

import { withoutCredentials } from "../action/remote-source.ts";
import { archiveAt } from "../fetch/archive-probe.ts";
import type { FetchContext } from "../fetch/fetch-context.ts";
import { GitError } from "../fetch/git-error.ts";

/**
 * `error`, which came of asking for a repository at `url`; or one that says more, when there is an
 * archive at that address.
 */
export async function archiveInstead(
  error: unknown,
  url: string,
  context: Pick<FetchContext, "environment" | "signal">,
): Promise<unknown> {
  const isAnswer = error instanceof GitError && /^(failed|unreachable)$/.test(error.problem);
  if (!isAnswer || !/^https?:/i.test(url) || context.signal.aborted) return error;
  const format = await archiveAt(url, context);
  if (format === undefined) return error;
  const shown = withoutCredentials(url);
  const message = `${shown} is no repository of git, but a ${format} archive`;
  return new GitError("failed", message, `say so by its end, as in ${shown}#source.${format}`);
}
