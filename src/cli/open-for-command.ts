import { openRepository, type Repository, type RepositoryRequest } from "../engine/repository.ts";
import type { KraftContext } from "./context.ts";
import { mistakeLog } from "./mistakes.ts";

/** The workspace of a command that builds nothing; undefined when it cannot be used: told why. */
export async function openForCommand(
  context: Pick<KraftContext, "stderr" | "host">,
  request: RepositoryRequest,
): Promise<Repository | undefined> {
  const log = mistakeLog(context);
  const repository = await openRepository(request, log.report);
  return log.tell().hasErrors ? undefined : repository;
}
