import { Command, Option } from "clipanion";
import { isEnum } from "typanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** What `info` can tell about. */
export const topics = ["config", "rules", "sandbox", "sources", "workspace"] as const;

/** `kraft-graph info [TOPIC]` */
export class InfoCommand extends Command<KraftContext> {
  static override paths = [["info"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "show what is set, and where it was said",
    details: `
      Topics: \`config\` (every setting, with its origin), \`rules\` (every rule), \`sandbox\`
      (how actions are kept apart on this machine, and why), \`sources\` (what comes from where, and
      as what it is locked), \`workspace\` (where it is). None
      stands for all of them.
    `,
    examples: [["Why a setting has its value", "$0 info config"]],
  });

  topic = Option.String({
    name: "topic",
    required: false,
    validator: isEnum(topics),
  });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();

  override async execute(): Promise<number> {
    const repository = await openForCommand(this.context, repositoryRequest(this, []));
    if (repository === undefined) return exitCodes.refused;
    const { describeRepository } = await import("./describe-repository.ts");
    const { host, engine, stdout } = this.context;
    for (const topic of this.topic === undefined ? topics : [this.topic]) {
      const lines = await describeRepository(topic, { repository, host, engine });
      if (this.topic === undefined) stdout.write(`${topic}:\n`);
      const indent = this.topic === undefined ? "  " : "";
      stdout.write(lines.map((line) => `${indent}${line}\n`).join(""));
    }
    return exitCodes.ok;
  }
}

/** One of them. */
export type Topic = (typeof topics)[number];
