import { Command, Option } from "clipanion";
import { isEnum } from "typanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import type { PkgPlace, PkgWords } from "./pkg-place.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import { repositoryRequest, sourceOptions, workspaceOptions } from "./target-options.ts";

const verbs = ["ls", "info", "update", "source", "unsource", "pull", "rm"] as const;

type Verb = (typeof verbs)[number];

/** `kraft-graph pkg ls|info|update|source|unsource|pull|rm` */
export class PkgCommand extends Command<KraftContext> {
  static override paths = [["pkg"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "list components, fetch them, and say where they are published",
    details: `
      \`ls\` lists the components that packages name; with \`--all\`, what manifest indexes offer.
      \`info\` says of components where they come from and who uses them. \`update\` fetches the
      indexes that \`sources.manifests\` names, and says what changed. \`source\` adds an index to
      kraft.workspace.yaml, or lists all; \`unsource\` removes one. \`pull\` fetches what components
      or targets take, so that they can be built \`--offline\`. \`rm\` forgets components: their
      pins, and what was fetched for them.
    `,
    examples: [
      ["What all of it is made of", "$0 pkg ls"],
      ["What there is", "$0 pkg ls --all --output json"],
      ["Before a journey", "$0 pkg pull //..."],
      ["Use an index of one's own", "$0 pkg source https://example.com/index.yaml"],
    ],
  });

  verb = Option.String({ name: verbs.join("|"), validator: isEnum(verbs) });
  words = Option.Rest({ name: "component, target or address" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  all = Option.Boolean("--all", false, { description: "ls: what manifest indexes offer" });
  output = Option.String("--output", "table", {
    description: "ls, info: table, json, or ndjson",
    validator: isEnum(["table", "json", "ndjson"] as const),
  });
  locked = sourceOptions.locked();
  offline = sourceOptions.offline();

  override async execute(): Promise<number> {
    const { context, words, all, output } = this;
    const flags = (["locked", "offline"] as const).flatMap((name) =>
      this[name] ? [{ name: `--${name}`, key: `sources.${name}` as const, text: "true" }] : [],
    );
    const request = repositoryRequest(this, flags);
    const carryOut = await verbOf(this.verb);
    try {
      const opened = await openForCommand(context, request);
      const repository = opened && (await this.#complete(opened, request));
      if (repository === undefined) return exitCodes.refused;
      return exitCodes[await carryOut({ words, all, output }, { repository, request, context })];
    } catch (error) {
      if (context.signal.aborted) return exitCodes.interrupted;
      throw error;
    }
  }

  async #complete(repository: Repository, request: RepositoryRequest) {
    if (!readingVerbs.has(this.verb)) return repository;
    const { completeRepository } = await import("./complete-repository.ts");
    return completeRepository({ repository, request, context: this.context });
  }
}

/** Verbs that are about what build files name. */
const readingVerbs: ReadonlySet<Verb> = new Set(["ls", "info", "pull", "rm"]);

/** Each is loaded when it is used. */
async function verbOf(
  verb: Verb,
): Promise<(words: PkgWords, place: PkgPlace) => Promise<keyof typeof exitCodes>> {
  switch (verb) {
    case "ls":
      return (await import("./pkg-list.ts")).listComponents;
    case "info":
      return (await import("./pkg-info.ts")).describeComponents;
    case "update":
      return (await import("./pkg-update.ts")).updateIndexes;
    case "source":
      return (await import("./pkg-source.ts")).addSource;
    case "unsource":
      return (await import("./pkg-source.ts")).removeSource;
    case "pull":
      return (await import("./pkg-pull.ts")).pullComponents;
    case "rm":
      return (await import("./pkg-remove.ts")).removeComponents;
  }
}
