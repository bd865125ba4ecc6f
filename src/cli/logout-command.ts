import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph logout HOST` */
export class LogoutCommand extends Command<KraftContext> {
  static override paths = [["logout"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "forget who to be at a registry",
    examples: [["At GitHub's", "$0 logout ghcr.io"]],
  });

  registry = Option.String({ name: "host" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();

  override async execute(): Promise<number> {
    const { context, registry } = this;
    const request = { ...repositoryRequest(this, []), needsWorkspace: false };
    const repository = await openForCommand(context, request);
    if (repository === undefined) return exitCodes.refused;
    const { withImages } = await import("./image-place.ts");
    const { logOut } = await import("../registry/login.ts");
    const { hostOf } = await import("./login-command.ts");
    const { settings } = repository;
    const ending = await withImages({ settings, context }, async ({ registries }) => {
      const kept = await logOut(hostOf(registry), registries.context);
      const what = kept === undefined ? "nothing was known of it" : `removed from ${kept}`;
      context.stderr.write(`${registry}: ${what}\n`);
      return "ok";
    });
    return exitCodes[ending];
  }
}
