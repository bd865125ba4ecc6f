import { Command, Option } from "clipanion";
import { applyCascade, isAtLeast, isInInclusiveRange, isInteger, isNumber } from "typanion";

import { TargetsCommand } from "./building-command.ts";
import { exitCodes } from "./context.ts";
import { withReporting } from "./reporting.ts";

/** `kraft-graph ui [TARGET…]` */
export class UiCommand extends TargetsCommand {
  static override paths = [["ui"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "show the graph of targets, and builds of it, in a browser",
    details: `
      Serves a page on this machine, and prints its address, which nobody else can guess: targets
      and their actions, with what each runs, reads and writes, why it ran and how long it took; the
      last build over time with its critical path; and how much of the last builds was cached.

      The page can start a build, and watch: build again after each change. Builds of other
      terminals are shown when they end. Ctrl-C ends it, with the exit code 130.

      \`query --output html\` gives the same page as a file.
    `,
    examples: [
      ["One image and all behind it", "$0 ui //apps/nginx:qemu-x86_64"],
      ["Over ssh -L 8088:127.0.0.1:8088", "$0 ui --port 8088 --no-open //..."],
    ],
  });

  patterns = Option.Rest({ name: "target" });
  port = Option.String("--port", "0", {
    description: "serve at this port (any that is free)",
    validator: applyCascade(isNumber(), [isInteger(), isAtLeast(0), isInInclusiveRange(0, 65_535)]),
  });
  open = Option.Boolean("--open", true, {
    description: "open the page in a browser (as long as there is a desktop; --no-open does not)",
  });

  override async execute(): Promise<number> {
    const { signal, afterDashes, stdout, stderr, host } = this.context;
    const { PageSession } = await import("../page/page-session.ts");
    const { readPageDocument } = await import("../page/page-document.ts");
    const { servePage } = await import("../page/page-server.ts");
    return withReporting(this, async (listen) => {
      const session = new PageSession({
        ...this.buildRequest(),
        choice: this.choiceOf([...this.patterns, ...afterDashes]),
        listen,
      });
      // Mistakes are told before anything is served.
      if (!(await this.#canShow(session))) return exitCodes.refused;
      const request = { session, document: readPageDocument(), port: this.port };
      const server = await servePage(request).catch((error: NodeJS.ErrnoException) => error);
      if (server instanceof Error) {
        stderr.write(`error: port ${this.port} cannot be listened at: ${server.message}\n`);
        await session.close();
        return exitCodes.failed;
      }
      stdout.write(`${server.url}\n`);
      if (this.open) (await import("../page/open-browser.ts")).openBrowser(server.url, host);
      await aborted(signal);
      await session.close();
      await server.close();
      return exitCodes.interrupted;
    });
  }

  async #canShow(session: InstanceType<typeof import("../page/page-session.ts").PageSession>) {
    const notes: string[] = [];
    const unsubscribe = session.feed.subscribe((change) => {
      if (change.kind === "note") notes.push(change.text);
    });
    const opened = await session.page();
    unsubscribe();
    for (const note of notes) this.context.stderr.write(`${note}\n`);
    return opened !== undefined && opened.data.graph.nodes.length > 0;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
