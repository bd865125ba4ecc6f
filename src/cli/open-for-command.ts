import { renderDiagnostic } from "../diagnostic/diagnostic.ts";
import { newDiagnosticLog } from "../engine/diagnostic-log.ts";
import { openRepository, type Repository, type RepositoryRequest } from "../engine/repository.ts";
import type { KraftContext } from "./context.ts";

/** The workspace of a command that builds nothing; undefined when it cannot be used: told why. */
export async function openForCommand(
  { stderr }: Pick<KraftContext, "stderr">,
  request: RepositoryRequest,
): Promise<Repository | undefined> {
  const log = newDiagnosticLog((event) => {
    if (event.kind === "diagnostic") stderr.write(`${renderDiagnostic(event.diagnostic)}\n`);
    else if (event.kind === "notice") stderr.write(`note: ${event.message}\n`);
  });
  const repository = await openRepository(request, log.report);
  return log.tell().hasErrors ? undefined : repository;
}
