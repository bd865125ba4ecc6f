import { Command, Option } from "clipanion";
import { isEnum } from "typanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** What `cache` itself does; what has options of its own is a command beside it. */
export const cacheActions = ["stats", "gc"] as const;

/** `kraft-graph cache stats|gc` */
export class CacheCommand extends Command<KraftContext> {
  static override paths = [["cache"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "show what the cache holds, or make it smaller",
    details: `
      \`stats\` says where its space goes, by the kind of work that left it, and what dropping files
      that nobody asked for (\`cache.intermediates\`) saves. \`gc\` removes what was
      used least recently until the limits hold, as the end of a build does; \`--max-size\` and
      \`--max-age\` stand in for \`cache.maxSize\` and \`cache.maxAge\`. What a running build uses is
      left alone. \`cache verify\` looks for what is wrong in it, and \`cache serve\` lets others use it.
    `,
    examples: [
      ["Where the space goes", "$0 cache stats"],
      ["Keep a gigabyte", "$0 cache gc --max-size 1GiB"],
    ],
  });

  action = Option.String({ name: cacheActions.join("|"), validator: isEnum(cacheActions) });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  maxSize = Option.String("--max-size", { description: "how much it may hold, such as 1GiB" });
  maxAge = Option.String("--max-age", { description: "how long unused things stay, such as 7d" });
  json = Option.Boolean("--json", false, { description: "answer as JSON" });

  override async execute(): Promise<number> {
    const { stdout, host } = this.context;
    const { maxSize, maxAge } = this;
    const flags = [
      ...(maxSize === undefined
        ? []
        : [{ name: "--max-size", key: "cache.maxSize" as const, text: maxSize }]),
      ...(maxAge === undefined
        ? []
        : [{ name: "--max-age", key: "cache.maxAge" as const, text: maxAge }]),
    ];
    const repository = await openForCommand(this.context, repositoryRequest(this, flags));
    if (repository === undefined) return exitCodes.refused;
    const { values } = repository.settings;
    const directory = values["cache.dir"].value;
    const limits = {
      maxSizeBytes: values["cache.maxSize"].value,
      maxAgeMs: values["cache.maxAge"].value,
    };
    const { collectText, statisticsText } = await import("./describe-cache.ts");
    const asked = { directory, limits, host, asJson: this.json };
    stdout.write(this.action === "gc" ? collectText(asked) : statisticsText(asked));
    return exitCodes.ok;
  }
}
