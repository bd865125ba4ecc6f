import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph clean` */
export class CleanCommand extends Command<KraftContext> {
  static override paths = [["clean"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "remove what builds left in the workspace",
    details: `
      Removes \`.kraft\` at the workspace root: outputs, logs, and what is known of earlier builds.
      The cache stays, so the next build has little to do; \`--cache\` empties that as well, for
      all workspaces that share it. What a running build uses is left alone.
    `,
    examples: [["Remove outputs", "$0 clean"]],
  });

  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  cache = Option.Boolean("--cache", false, { description: "empty the cache, too" });

  override async execute(): Promise<number> {
    const repository = await openForCommand(this.context, repositoryRequest(this, []));
    if (repository === undefined) return exitCodes.refused;
    const { cleanWorkspace, emptyCache } = await import("../engine/clean.ts");
    cleanWorkspace(repository.root);
    if (!this.cache) return exitCodes.ok;
    const directory = repository.settings.values["cache.dir"].value;
    const freed = emptyCache(directory, this.context.host);
    this.context.stderr.write(`freed ${(freed / 2 ** 20).toFixed(1)} MiB in ${directory}\n`);
    return exitCodes.ok;
  }
}
