import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { flagsOf } from "./build-flags.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph lock [TARGET…]` */
export class LockCommand extends Command<KraftContext> {
  static override paths = [["lock"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "say in kraft.lock.yaml which commit or file each source stands for",
    details: `
      Adds what is missing, and without targets removes what nothing uses. No pin moves but with
      \`--update\`: that of every source, or of those that are named as components are (\`unikraft\`,
      \`lwip\`) or by their address. A tag that moved, or an archive that changed, is an error.

      What libraries download, only their makefiles tell: targets are configured and planned for that,
      as builds do, and nothing is compiled. Where that cannot be done it is said, and the rest is locked.
    `,
    examples: [
      ["Add what is missing", "$0 lock"],
      ["Take the newest of two components", "$0 lock --update unikraft lwip"],
      ["For CI: fail when the file is not as it should be", "$0 lock --locked"],
    ],
  });

  words = Option.Rest({ name: "target or component" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  update = Option.Boolean("--update", false, {
    description: "move pins: of all sources, or of the components that are named",
  });
  allowMoved = Option.Boolean("--allow-moved", false, {
    description: "with --update, take tags that moved and archives that changed as they are now",
  });
  locked = Option.Boolean("--locked", false, {
    description: "write nothing and ask nobody: fail when the file lacks a source, or has too many",
  });
  plan = Option.Boolean("--plan", true, {
    description: "find out what makefiles download; with --no-plan, builds pin that",
  });
  offline = Option.Boolean("--offline", false, {
    description: "ask no server: fail, and list what the file lacks",
  });

  override async execute(): Promise<number> {
    const { context, words, update, allowMoved, locked, offline, plan } = this;
    const request = { ...repositoryRequest(this, flagsOf({ offline })), ignoresVendor: true };
    const opened = await openForCommand(context, request);
    if (opened === undefined) return exitCodes.refused;
    const { lockWorkspace } = await import("./lock-workspace.ts");
    const { completeRepository } = await import("./complete-repository.ts");
    try {
      const found = { repository: opened, request, context };
      const repository = locked ? opened : await completeRepository(found);
      if (repository === undefined) return exitCodes.failed;
      const asked = { words, update, allowsMoved: allowMoved, isFrozen: locked, plans: plan };
      return exitCodes[await lockWorkspace(asked, { repository, request, context })];
    } catch (error) {
      if (context.signal.aborted) return exitCodes.interrupted;
      throw error;
    }
  }
}
