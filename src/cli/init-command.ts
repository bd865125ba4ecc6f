import { posix } from "node:path";

import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";

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
    `,
    examples: [["Begin with an app that says hello", "$0 init --example unikernels"]],
  });

  directory = Option.String({ name: "dir", required: false });
  example = Option.Boolean("--example", false, {
    description: "where there is no package, write an app that says hello",
  });

  override async execute(): Promise<number> {
    const { host, builtIn, engine, stdout, stderr } = this.context;
    const directory = posix.resolve(host.workingDirectory, this.directory ?? ".");
    const { startWorkspace } = await import("../engine/start-workspace.ts");
    const { version } = engine;
    const wantsExample = this.example;
    const started = await startWorkspace({ directory, wantsExample, version, builtIn, host });
    if (started.kind === "inside") {
      stderr.write(
        `error: ${directory} is part of the workspace in ${started.root}\n` +
          "a workspace inside of another is none of its packages: write its kraft.workspace.yaml yourself\n",
      );
      return exitCodes.refused;
    }
    const { describeStarted } = await import("./describe-started.ts");
    const { isInside, shown } = placeOf(directory, host.workingDirectory);
    stdout.write(describeStarted(started, { isInside, shown, wantsExample }));
    return exitCodes.ok;
  }
}

/** How the user would name `directory` from where they are. */
function placeOf(directory: string, workingDirectory: string) {
  const relative = posix.relative(workingDirectory, directory);
  return { isInside: relative === "", shown: relative.startsWith("..") ? directory : relative };
}
