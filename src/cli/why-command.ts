import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { wordOption } from "./option-values.ts";
import { isRemote } from "./remote-options.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";
import type { Flag } from "../workspace/text-layer.ts";

const outputs = ["text", "json"] as const;

/** `kraft-graph why [WORD…]` */
export class WhyCommand extends Command<KraftContext> {
  static override paths = [["why"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "say why actions ran, or where their results were from",
    details: `
      Of the last build that had anything to do: which file, option, argument, variable or tool had
      changed since the last success of each action, first causes first, and what followed. It is
      told from what was written down at build time; nothing is built.

      Words are labels, patterns, directories, outputs, files that changed, and kinds of work such
      as \`CC\`. None stands for all of the build.

      \`--export FILE\` writes down what the targets were last made of; \`--against FILE\` compares
      with such a file of another machine: what differs there is why its cache is of no use here.
      In place of a file, the address of a remote cache will do, and \`remote\` stands for that of the
      settings: what CI leaves there with \`why --export remote //...\`, everybody compares with.
    `,
    examples: [
      ["Why an image was built anew", "$0 why //apps/nginx:qemu-x86_64"],
      ["What a header led to", "$0 why libs/tls/tls.h"],
      ["What no cache had, by cause", "$0 why --not-cached"],
      ["Why results of CI are of no use here", "$0 why --against remote //apps/nginx"],
    ],
  });

  words = Option.Rest({ name: "word" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  notCached = Option.Boolean("--not-cached", false, {
    description: "only count what no cache had, by cause",
  });
  all = Option.Boolean("--all", false, { description: "name every action" });
  export = Option.String("--export", {
    description: "write what the targets were last made of to this file or remote cache",
  });
  against = Option.String("--against", {
    description: "compare with what another machine wrote there by --export",
  });
  output = wordOption("--output", {
    values: outputs,
    initial: "text",
    description: `the form of the answer: ${outputs.join(", ")} (text)`,
  });

  override async execute(): Promise<number> {
    const { answerQuestion } = await import("./answer-question.ts");
    const answer = await answerQuestion(
      {
        words: [...this.words, ...this.context.afterDashes],
        repository: repositoryRequest(this, remoteFlags(this)),
        isJson: this.output === "json",
        isWhole: this.all,
        isNotCached: this.notCached,
        exportFile: this.export,
        againstFile: this.against,
      },
      this.context,
    );
    if (answer === undefined) return exitCodes.refused;
    this.context.stdout.write(answer);
    return exitCodes.ok;
  }
}

/** An address that was typed counts in place of that in the settings. */
function remoteFlags(fields: Readonly<Record<"export" | "against", string | undefined>>): Flag[] {
  return (["export", "against"] as const).flatMap((name) => {
    const text = fields[name];
    const isAddress = text !== undefined && text !== "remote" && isRemote(text);
    return isAddress ? [{ name: `--${name}`, key: "remote.cache" as const, text }] : [];
  });
}
