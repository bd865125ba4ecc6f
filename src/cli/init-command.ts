import { posix } from "node:path";

import { Command, Option } from "clipanion";

import type { KraftContext } from "./context.ts";
import { offering } from "./option-values.ts";

/** `kraft-graph init [DIR]` */
export class InitCommand extends Command<KraftContext> {
  static override paths = [["init"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "make a workspace of a directory, with all build files in it",
    details: `
      Writes \`kraft.workspace.yaml\` into DIR (the current directory), has \`.gitignore\` name what
      builds leave, and lists the packages that the workspace has. No file is overwritten, so it
      does no harm to say it twice. With \`--example\`, a directory without packages gets one.

      With \`--template\`, a package of that kind is begun: in DIR where that lies in a workspace,
      else in a directory of the template's name below DIR. \`--templates\` lists what there is,
      from the built-in rule sets, or from those of the workspace.
    `,
    examples: [
      ["Begin with an app that says hello", "$0 init --example unikernels"],
      ["Begin a package of a workspace", "$0 init --template bunnyfile apps/web"],
    ],
  });

  directory = Option.String({ name: "dir", required: false });
  example = Option.Boolean("--example", false, {
    description: "where there is no package, write an app that says hello",
  });
  template = offering(
    "--template",
    async (context) => (await import("./names-here.ts")).templatesHere(context),
    Option.String("--template", {
      description: "begin a package with the files of this template",
    }),
  );
  lists = Option.Boolean("--templates", false, { description: "list the templates" });

  override async execute(): Promise<number> {
    const { context, template, example, lists } = this;
    const { workingDirectory } = context.host;
    const directory = posix.resolve(workingDirectory, this.directory ?? ".");
    const { listTemplates, startHere } = await import("./start-here.ts");
    return lists
      ? listTemplates(directory, context)
      : startHere({ directory, template, wantsExample: example, context });
  }
}
