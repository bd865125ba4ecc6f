import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { wordOption } from "./option-values.ts";
import { choiceOf, choiceOptions, repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph doctor [TARGET…]` */
export class DoctorCommand extends Command<KraftContext> {
  static override paths = [["doctor"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "say what this machine lacks to build and to run targets",
    details: `
      Looks for the programs that the targets' actions run, at the sandbox, the places that builds
      write to, and the machines that images boot on, which it tries. Without targets, all of the
      workspace are meant; outside of one, it looks for what most images need. It builds nothing,
      and asks no other machine but with \`--network\`.

      The exit code is 1 when a target cannot be built here. What is only \`limited\` keeps none from
      being built, and of what is \`unknown\` nothing can be said before a build or \`pkg pull\` has
      fetched what build files go on from, such as templates.
    `,
    examples: [["What an image lacks", "$0 doctor //apps/nginx:qemu-arm64"]],
  });

  patterns = Option.Rest({ name: "target" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  platform = choiceOptions.platform();
  architecture = choiceOptions.architecture();
  target = choiceOptions.target();
  network = Option.Boolean("--network", false, {
    description: "ask whether the remote cache, manifest indexes and registries answer",
  });
  output = wordOption("--output", {
    values: ["text", "json"],
    initial: "text",
    description: "how to say it: text, json",
  });

  override async execute(): Promise<number> {
    const { context, network: usesNetwork } = this;
    const patterns = [...this.patterns, ...context.afterDashes];
    const isVague = patterns.length === 0 && this.kraftfile === undefined;
    const choice = choiceOf(isVague ? ["//..."] : patterns, this);
    const { examineHere } = await import("./examine-here.ts");
    const request = repositoryRequest(this, []);
    const examined = await examineHere({ request, choice, isVague, usesNetwork, context });
    if (context.signal.aborted) return exitCodes.interrupted;
    if (examined === undefined) return exitCodes.refused;
    const { examination, hasErrors } = examined;
    const { packageManager } = await import("../doctor/package-manager.ts");
    const { describeExamination, installationOf } = await import("../doctor/describe.ts");
    const { canBuildAll } = await import("../doctor/finding.ts");
    const manager = packageManager();
    const ok = canBuildAll(examination);
    const install = installationOf(examination.findings, manager);
    const lines =
      this.output === "json"
        ? [JSON.stringify({ ok: ok && !hasErrors, ...examination, install }, undefined, 2)]
        : describeExamination(examination, manager);
    context.stdout.write(lines.map((line) => `${line}\n`).join(""));
    if (hasErrors) return exitCodes.refused;
    return ok ? exitCodes.ok : exitCodes.failed;
  }
}
