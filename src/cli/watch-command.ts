import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { remoteFlagsOf, remoteOptions } from "./remote-options.ts";
import { reportOptions } from "./report-options.ts";
import { withReporting } from "./reporting.ts";
import {
  buildOptions,
  choiceOf,
  choiceOptions,
  flagsOf,
  repositoryRequest,
  workspaceOptions,
} from "./target-options.ts";

/** `kraft-graph watch [TARGET…]` */
export class WatchCommand extends Command<KraftContext> {
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
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  platform = choiceOptions.platform();
  architecture = choiceOptions.architecture();
  target = choiceOptions.target();
  jobs = buildOptions.jobs();
  keepGoing = buildOptions.keepGoing();
  sandbox = buildOptions.sandbox();
  remoteCache = remoteOptions.cache();
  remoteUpload = remoteOptions.upload();
  download = remoteOptions.download();
  remoteInstance = remoteOptions.instance();
  remoteScope = remoteOptions.scope();
  remoteTimeout = remoteOptions.timeout();
  remoteHeaders = remoteOptions.headers();
  remoteHeaderHelper = remoteOptions.headerHelper();
  events = buildOptions.events();
  explain = buildOptions.explain();
  profile = reportOptions.profile();
  isQuiet = reportOptions.isQuiet();
  isVerbose = reportOptions.isVerbose();
  subcommands = reportOptions.subcommands();
  color = reportOptions.color();
  polls = Option.Boolean("--poll", false, {
    description: "look for changes every second, for file systems that do not tell of them",
  });
  kraftLayout = Option.Boolean("--kraft-layout", false, {
    description: "link outputs to where KraftKit has them, such as .unikraft/build",
  });

  override async execute(): Promise<number> {
    const { engine, signal, afterDashes } = this.context;
    const { watchTargets } = await import("../engine/watch.ts");
    await withReporting(this, (listen) =>
      watchTargets({
        ...repositoryRequest(this, [...flagsOf(this), ...remoteFlagsOf(this)]),
        choice: choiceOf([...this.patterns, ...afterDashes], this),
        kraftLayout: this.kraftLayout,
        polls: this.polls,
        engine,
        tellsCommands: this.subcommands,
        listen,
        signal,
      }),
    );
    return exitCodes.interrupted;
  }
}
