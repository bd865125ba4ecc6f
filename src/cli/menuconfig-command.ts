import { Command, Option } from "clipanion";

import { BuildingCommand } from "./building-command.ts";

/** `kraft-graph menuconfig [TARGET]` */
export class MenuconfigCommand extends BuildingCommand {
  static override paths = [["menuconfig"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "change the options of an image in the core's own menu",
    details: `
      What you changed is shown, and written into the Kraftfile when you agree: each option where
      it stands already, else with the options of \`unikraft\`, which hold for all targets. What
      follows from other options is not written.
    `,
    examples: [
      ["Change an image", "$0 menuconfig //apps/nginx:qemu-x86_64"],
      ["Only for this target", "$0 menuconfig --for-target //apps/nginx:fc-x86_64"],
    ],
  });

  pattern = Option.String({ name: "target", required: false });
  write = Option.Boolean("--write", false, {
    description: "write to the Kraftfile without asking",
  });
  forTarget = Option.Boolean("--for-target", false, {
    description: "write new options to the target, and not to unikraft",
  });

  override async execute(): Promise<number> {
    const { buildOptions } = await import("./option-target.ts");
    const made = await buildOptions(this, this.pattern ?? ".", "menu");
    if ("exitCode" in made) return made.exitCode;
    const { changeByMenu } = await import("./change-by-menu.ts");
    const { write, forTarget, context } = this;
    return changeByMenu(made, { asks: !write, isForTarget: forTarget, context });
  }
}
