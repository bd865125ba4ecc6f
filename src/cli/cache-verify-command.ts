import { Command, Option } from "clipanion";

import { TargetsCommand } from "./building-command.ts";
import { exitCodeOf } from "./build-targets.ts";
import { exitCodes } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { withReporting } from "./reporting.ts";
import { shareOf } from "./share.ts";
import { repositoryRequest } from "./target-options.ts";

/** `kraft-graph cache verify`, of the cache here, or of results in the remote cache */
export class CacheVerifyCommand extends TargetsCommand {
  static override paths = [["cache", "verify"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "look for what is wrong in the cache, or in the remote cache",
    details: `
      Reads all of the local cache, and takes out what is not what its name says.

      With \`--remote\`, it looks for all results of the targets in the remote cache, whatever is known here,
      runs a sample of their actions here, and says which give something else, with all that
      their keys are made of. Nothing of it is remembered, and nothing is given to others.
    `,
    examples: [
      ["Read all of the local cache", "$0 cache verify"],
      ["Run a tenth of the remote results again", "$0 cache verify --remote //..."],
      ["Run all of one target's", "$0 cache verify --remote --sample 100 //apps/nginx"],
    ],
  });

  patterns = Option.Rest({ name: "target" });
  isRemote = Option.Boolean("--remote", false, {
    description: "run results of the remote cache again, and compare",
  });
  sample = Option.String("--sample", "10", {
    description: "how many percent of them to run again (10)",
  });
  json = Option.Boolean("--json", false, { description: "answer as JSON, of the local cache" });

  override async execute(): Promise<number> {
    return this.isRemote ? this.#verifyRemote() : this.#verifyHere();
  }

  async #verifyHere(): Promise<number> {
    const repository = await openForCommand(this.context, repositoryRequest(this, []));
    if (repository === undefined) return exitCodes.refused;
    const { values } = repository.settings;
    const limits = {
      maxSizeBytes: values["cache.maxSize"].value,
      maxAgeMs: values["cache.maxAge"].value,
    };
    const { verifyText } = await import("./describe-cache.ts");
    const directory = values["cache.dir"].value;
    const { host, stdout } = this.context;
    const { text, isSound } = verifyText({ directory, limits, host, asJson: this.json });
    stdout.write(text);
    return isSound ? exitCodes.ok : exitCodes.failed;
  }

  async #verifyRemote(): Promise<number> {
    const verifyShare = shareOf(this.sample);
    if (verifyShare === undefined) {
      this.context.stderr.write(`error: --sample ${this.sample} is no percentage from 0 to 100\n`);
      return exitCodes.refused;
    }
    // What runs again is what another machine ran: here, and nothing of it goes there.
    this.remoteUpload = "never";
    this.download = "minimal";
    this.keepGoing = true;
    const { build } = await import("../engine/build.ts");
    const result = await withReporting(this, (listen) =>
      build({
        ...this.buildRequest(),
        choice: this.choiceOf([...this.patterns, ...this.context.afterDashes]),
        leavesOutputs: true,
        isThorough: true,
        onlyShared: true,
        verifyShare,
        listen,
      }),
    );
    return exitCodeOf(result);
  }
}
