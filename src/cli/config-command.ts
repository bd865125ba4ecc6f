import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { Command, Option } from "clipanion";

import type { OptionAnswer, OptionSupport } from "../rule/option-support.ts";
import { BuildingCommand } from "./building-command.ts";
import { exitCodes } from "./context.ts";

/** `kraft-graph config show|explain|diff TARGET …` */
export class ConfigCommand extends BuildingCommand {
  static override paths = [["config"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "show the options of an image, and where each value is from",
    details: `
      \`config show TARGET [OPTION…]\`: every option, or those named, with its value and where that
      comes from: a line of the Kraftfile, a library, the platform, a default, another option.

      \`config explain TARGET OPTION\`: all about one option: what was asked for, what came of it
      and why, what it depends on, and what selects it.

      \`config diff TARGET TARGET\`: the options that differ; a file of options, such as a
      defconfig, may stand for the second.
    `,
    examples: [
      ["Everything that was decided", "$0 config show //apps/nginx:qemu-x86_64"],
      ["Why it is not as asked", "$0 config explain //apps/nginx:qemu-x86_64 CONFIG_LIBLWIP"],
      ["Two platforms", "$0 config diff //apps/nginx:qemu-x86_64 //apps/nginx:fc-x86_64"],
    ],
  });

  words = Option.Rest({ name: "word", required: 2 });

  override async execute(): Promise<number> {
    const [topic, pattern = "", ...names] = this.words;
    switch (topic) {
      case "show":
        return this.#answer(pattern, (support, facts) => support.list(facts, names));
      case "explain": {
        const [name] = names;
        if (name === undefined || names.length > 1) return this.#refuse("name one option");
        return this.#answer(pattern, (support, facts) => support.explain(facts, name));
      }
      case "diff": {
        const [other] = names;
        if (other === undefined || names.length > 1) return this.#refuse("name two targets");
        return this.#diff(pattern, other);
      }
      default:
        return this.#refuse(`there is no "config ${topic}", but show, explain and diff`);
    }
  }

  async #diff(pattern: string, other: string): Promise<number> {
    const text = this.#fileAt(other);
    if (text !== undefined) {
      return this.#answer(pattern, (support, facts) => support.compare(facts, text));
    }
    const facts = await this.#facts(other);
    if (typeof facts === "number") return facts;
    return this.#answer(pattern, (support, mine) => support.compare(mine, facts.text));
  }

  /** The text of the file at `path`; undefined when it is none, but a target. */
  #fileAt(path: string): string | undefined {
    if (path.startsWith("//") || path.startsWith(":")) return undefined;
    try {
      return readFileSync(resolve(this.context.host.workingDirectory, path), "utf8");
    } catch {
      return undefined; // A directory is a package.
    }
  }

  async #answer(
    pattern: string,
    ask: (support: Facts["support"], facts: string) => OptionAnswer,
  ): Promise<number> {
    const facts = await this.#facts(pattern);
    if (typeof facts === "number") return facts;
    const answer = ask(facts.support, facts.text);
    if (answer.kind === "lines") {
      this.context.stdout.write(answer.lines.map((line) => `${line}\n`).join(""));
      return exitCodes.ok;
    }
    const { refuse } = await import("./option-target.ts");
    return refuse(this.context, "unknown-option", answer.message, answer.help).exitCode;
  }

  async #facts(pattern: string): Promise<Facts | number> {
    const { buildOptions } = await import("./option-target.ts");
    const made = await buildOptions(this, pattern, "options");
    if ("exitCode" in made) return made.exitCode;
    return { support: made.support, text: readFileSync(made.path, "utf8") };
  }

  #refuse(message: string): number {
    this.context.stderr.write(`error: ${message}\nkraft-graph config --help tells more\n`);
    return exitCodes.refused;
  }
}

interface Facts {
  readonly support: OptionSupport;
  readonly text: string;
}
