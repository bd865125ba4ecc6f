import { Command, Option } from "clipanion";

import { TargetsCommand } from "./building-command.ts";
import { exitCodes } from "./context.ts";
import { withReporting } from "./reporting.ts";

/** `kraft-graph watch [TARGET…]` */
export class WatchCommand extends TargetsCommand {
  static override paths = [["watch"]];
  static override usage = Command.Usage({
    category: "Build",
    description: "build targets, and again whenever a file changes that they depend on",
    details: `
      What is watched is just what the targets depend on: their sources, headers where compilers
      look for them, directories that globs look into, and build files. Outputs are not.

      A failure is told, and the watch goes on. An edit during a build ends that build, and the next
      one begins. Ctrl-C ends the watch, with the exit code 130.
    `,
    examples: [
      ["Build one image on each save", "$0 watch //apps/nginx:qemu-x86_64"],
      ["For an editor, as lines of JSON", "$0 watch --events - //..."],
    ],
  });

  patterns = Option.Rest({ name: "target" });
  polls = Option.Boolean("--poll", false, {
    description: "look for changes every second, for file systems that do not tell of them",
  });
  kraftLayout = Option.Boolean("--kraft-layout", false, {
    description: "link outputs to where KraftKit has them, such as .unikraft/build",
  });

  override async execute(): Promise<number> {
    const { watchTargets } = await import("../engine/watch.ts");
    await withReporting(this, (listen) =>
      watchTargets({
        ...this.buildRequest(),
        choice: this.choiceOf([...this.patterns, ...this.context.afterDashes]),
        kraftLayout: this.kraftLayout,
        polls: this.polls,
        listen,
      }),
    );
    return exitCodes.interrupted;
  }
}
