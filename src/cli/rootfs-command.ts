import { Command, Option } from "clipanion";

import { BuildingCommand } from "./building-command.ts";
import { exitCodes } from "./context.ts";
import { wordOption } from "./option-values.ts";

const outputs = ["text", "json"] as const;

/** What `rootfs` can be asked. */
export const rootfsTopics: readonly string[] = ["ls", "cat", "diff"];

/** `kraft-graph rootfs ls|cat|diff TARGET …` */
export class RootfsCommand extends BuildingCommand {
  static override paths = [["rootfs"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "show what is in a root file system, and what changed",
    details: `
      \`rootfs ls TARGET [PATH…]\`: what is in the root file system of the target, or below the
      paths; with a warning for each program whose libraries, or the program that is to start it,
      are not there.

      \`rootfs cat TARGET PATH\`: the content of a file in it.

      \`rootfs diff TARGET\`: builds it, and says what the last build that changed it added,
      removed and changed, whether it was this one or one before. \`rootfs diff TARGET TARGET\`: what differs between two.

      The target is a root file system, an image that has one, or anything else whose output is a
      directory, a CPIO or tar archive, or an OCI image layout. It is built first.
    `,
    examples: [
      ["What is in it", "$0 rootfs ls //apps/nginx:rootfs-x86_64"],
      ["A file of it", "$0 rootfs cat //apps/nginx /etc/nginx/nginx.conf"],
      ["What an edit led to", "$0 rootfs diff //apps/nginx"],
    ],
  });

  words = Option.Rest({ name: "word", required: 2 });
  output = wordOption("--output", {
    values: outputs,
    initial: "text",
    description: `the form of the answer: ${outputs.join(", ")} (text)`,
  });

  override async execute(): Promise<number> {
    const [topic, pattern = "", ...rest] = this.words;
    const { catRootfs, diffRootfs, listRootfs } = await import("./answer-rootfs.ts");
    const form = this.output;
    switch (topic) {
      case "ls":
        return listRootfs(this, { pattern, paths: rest, form });
      case "cat": {
        const [path, ...others] = rest;
        if (path === undefined || others.length > 0) return this.#refuse("name one path");
        return catRootfs(this, pattern, path);
      }
      case "diff":
        if (rest.length > 1) return this.#refuse("name one target or two");
        return diffRootfs(this, { pattern, other: rest[0], form });
      default:
        return this.#refuse(`there is no "rootfs ${topic}", but ls, cat and diff`);
    }
  }

  #refuse(message: string): number {
    this.context.stderr.write(`error: ${message}\nkraft-graph rootfs --help tells more\n`);
    return exitCodes.refused;
  }
}
