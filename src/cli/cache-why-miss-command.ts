import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { isRemote } from "./remote-options.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph cache why-miss TARGET…` */
export class CacheWhyMissCommand extends Command<KraftContext> {
  static override paths = [["cache", "why-miss"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "say why results of another machine are of no use here",
    details: `
      Compares what the keys of the targets' actions are made of with what another machine left by
      \`why --export\`, which says which file, option, argument or tool differs. It is the same as
      \`why --against remote\`.
    `,
    examples: [
      ["Why CI's results are not found", "$0 cache why-miss //apps/nginx"],
      ["Compare with a file of another machine", "$0 cache why-miss --against ci.jsonl //..."],
    ],
  });

  words = Option.Rest({ name: "target", required: 1 });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  against = Option.String("--against", "remote", {
    description: "the file or remote cache that the other machine wrote to (remote)",
  });
  all = Option.Boolean("--all", false, { description: "name all that differs" });
  json = Option.Boolean("--json", false, { description: "answer as JSON" });

  override async execute(): Promise<number> {
    const { answerQuestion } = await import("./answer-question.ts");
    const { against } = this;
    const isAddress = against !== "remote" && isRemote(against);
    const flags = isAddress
      ? [{ name: "--against", key: "remote.cache" as const, text: against }]
      : [];
    const answer = await answerQuestion(
      {
        words: [...this.words, ...this.context.afterDashes],
        repository: repositoryRequest(this, flags),
        isJson: this.json,
        isWhole: this.all,
        isNotCached: false,
        exportFile: undefined,
        againstFile: against,
      },
      this.context,
    );
    if (answer === undefined) return exitCodes.refused;
    this.context.stdout.write(answer);
    return exitCodes.ok;
  }
}
