import { posix } from "node:path";

import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph vendor [DIR]` */
export class VendorCommand extends Command<KraftContext> {
  static override paths = [["vendor"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "write the locked sources into the workspace, to be built from there",
    details: `
      Writes a directory for each component that comes from elsewhere, and the files that those
      download themselves, into DIR (\`vendor\`), which it replaces. What they download is in their
      makefiles, which are asked for it: that takes the tools of a build, and builds nothing. With
      \`sources: {vendor: vendor}\` in kraft.workspace.yaml, builds take them from there, and use
      no network; what is edited there counts, as with every source of the workspace.
    `,
    examples: [["Write the sources to third_party", "$0 vendor third_party"]],
  });

  directory = Option.String({ name: "dir", required: false });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();

  override async execute(): Promise<number> {
    const { context } = this;
    const { host, signal, stderr } = context;
    const request = { ...repositoryRequest(this, []), ignoresVendor: true };
    const opened = await openForCommand(context, request);
    if (opened === undefined) return exitCodes.refused;
    const { completeRepository } = await import("./complete-repository.ts");
    const repository = await completeRepository({ repository: opened, request, context });
    if (repository === undefined) return exitCodes.failed;
    const set = repository.settings.values["sources.vendor"].value;
    const directory =
      this.directory === undefined
        ? (set ?? posix.join(repository.root, "vendor"))
        : posix.resolve(host.workingDirectory, this.directory);
    const { isVendorDirectory } = await import("../engine/vendoring.ts");
    if (!isVendorDirectory(directory)) {
      stderr.write(`error: ${directory} is not empty, and was not written by this command\n`);
      return exitCodes.refused;
    }
    const { vendorWorkspace } = await import("./vendor-workspace.ts");
    const isDone = await vendorWorkspace(directory, { repository, request, context });
    if (signal.aborted) return exitCodes.interrupted;
    if (isDone === undefined) return exitCodes.refused;
    if (isDone && set !== directory) {
      const shown = posix.relative(repository.root, directory);
      stderr.write(`To build from it: "sources: {vendor: ${shown}}" in kraft.workspace.yaml\n`);
    }
    return isDone ? exitCodes.ok : exitCodes.failed;
  }
}
