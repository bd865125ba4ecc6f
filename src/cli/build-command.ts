import { Command, Option } from "clipanion";

import type { BuildRequest } from "../engine/build.ts";
import { buildTargets } from "./build-targets.ts";
import { TargetsCommand } from "./building-command.ts";
import { exitCodes } from "./context.ts";
import { shareOf } from "./share.ts";
import { buildOptions } from "./target-options.ts";

/** `kraft-graph build [TARGET…]` */
export class BuildCommand extends TargetsCommand {
  static override paths = [["build"]];
  static override usage = Command.Usage({
    category: "Build",
    description: "build targets and everything they need",
    details: `
      Targets are labels (\`//apps/nginx:qemu-x86_64\`), patterns (\`//...\`, \`//apps/...\`,
      \`//apps/nginx:all\`, \`//...:oci\` for what is called so in any package) or directories
      (\`.\`, \`./apps/nginx\`); none stands for the current directory. Behind \`--\`, a pattern
      with a leading \`-\` is left out. \`-\` alone stands for the patterns on the standard input,
      one on each line, as \`query\` prints them.

      What a single target gives is printed on the standard output, a path on each line.
    `,
    examples: [
      ["Build one image", "$0 build //apps/nginx:qemu-x86_64"],
      ["Build everything but the examples", "$0 build -- //... -//examples/..."],
      ["Package every app", "$0 build //...:oci"],
      ["Build what a branch changes", "$0 query 'changes(main...)' | $0 build -"],
      ["Build the app of the current directory for QEMU", "$0 build --plat qemu"],
    ],
  });

  patterns = Option.Rest({ name: "target" });
  patternFile = Option.String("--target-pattern-file", {
    description: "read further targets from this file, one on each line",
  });
  recheck = buildOptions.recheck();
  verify = Option.String("--verify", {
    description: "run this many percent of the actions again whose results are known, and compare",
  });
  kraftLayout = Option.Boolean("--kraft-layout", false, {
    description: "link outputs to where KraftKit has them, such as .unikraft/build",
  });

  override async execute(): Promise<number> {
    const verifyShare = shareOf(this.verify ?? "0");
    if (verifyShare === undefined) {
      this.context.stderr.write(`error: --verify ${this.verify} is no percentage from 0 to 100\n`);
      return exitCodes.refused;
    }
    const patterns = await this.#patterns();
    if (typeof patterns === "number") return patterns;
    return buildTargets(this.requestOf(patterns, verifyShare), this);
  }

  /** The build of `patterns` that the options ask for. */
  requestOf(patterns: readonly string[], verifyShare: number): Omit<BuildRequest, "listen"> {
    return {
      ...this.buildRequest(),
      choice: this.choiceOf(patterns),
      kraftLayout: this.kraftLayout,
      leavesOutputs: true,
      isThorough: this.recheck,
      verifyShare,
    };
  }

  /** Or the exit code, when there is nothing to build. */
  async #patterns(): Promise<readonly string[] | number> {
    const { afterDashes, stderr } = this.context;
    const words = [...this.patterns, ...afterDashes];
    if (this.patternFile === undefined && !words.includes("-")) return words;
    const { givenPatterns } = await import("./given-patterns.ts");
    const given = await givenPatterns({ words, file: this.patternFile }, this.context);
    if (given.kind === "unreadable") {
      stderr.write(`error: ${given.path} cannot be read\n`);
      return exitCodes.refused;
    }
    if (given.patterns.length > 0 || !given.isList) return given.patterns;
    // As the answer of a query may be; without a list, it would be the current directory.
    stderr.write("nothing to build: the list of targets is empty\n");
    return exitCodes.ok;
  }
}
