import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph login HOST` */
export class LoginCommand extends Command<KraftContext> {
  static override paths = [["login"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "say who to be at a registry",
    details: `
      The registry is asked whether it takes the password, which is then kept where Docker keeps
      it: in \`~/.docker/config.json\`, or by the helper program that this file names;
      REGISTRY_AUTH_FILE and DOCKER_CONFIG name another place. What \`docker login\`,
      \`podman login\` and \`skopeo login\` keep is used as well.
    `,
    examples: [
      ["With a token from a secret store", "pass ghcr | $0 login ghcr.io -u me --password-stdin"],
    ],
  });

  registry = Option.String({ name: "host" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  user = Option.String("-u,--username,--user", { description: "who to be" });
  password = Option.String("-t,-p,--password,--token", {
    description: "the password or token; others can see it while this runs",
  });
  fromInput = Option.Boolean("--password-stdin", false, {
    description: "read the password from the standard input",
  });
  insecure = Option.Boolean("--insecure", false, {
    description: "the registry needs no certificate",
  });

  override async execute(): Promise<number> {
    const { context, registry, user, insecure } = this;
    const password = this.fromInput ? await this.#passwordFromInput() : this.password;
    if (user === undefined || password === undefined || password === "") {
      const help = "give --username, and --password-stdin or --password";
      context.stderr.write(`error: login: say who to be: ${help}\n`);
      return exitCodes.refused;
    }
    const request = { ...repositoryRequest(this, []), needsWorkspace: false };
    const repository = await openForCommand(context, request);
    if (repository === undefined) return exitCodes.refused;
    const { withImages } = await import("./image-place.ts");
    const { logIn } = await import("../registry/login.ts");
    const { settings } = repository;
    const place = { settings, context, insecure: insecure ? [registry] : [] };
    const ending = await withImages(place, async ({ registries }) => {
      const kept = await logIn({ registry: hostOf(registry), user, password }, registries);
      context.stderr.write(`logged in at ${registry} as ${user}; kept in ${kept}\n`);
      return "ok";
    });
    return exitCodes[ending];
  }

  async #passwordFromInput(): Promise<string> {
    const { readStandardInput } = await import("./standard-input.ts");
    return (await readStandardInput(this.context)).trimEnd();
  }
}

/** Registries by their addresses, as people copy them. */
export function hostOf(text: string): string {
  const host = text.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}
