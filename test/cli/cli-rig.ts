import { Writable } from "node:stream";

import { runCommandLine } from "../../src/cli/cli.ts";
import type { KraftContext } from "../../src/cli/context.ts";
import { buildRig, builtIn, hostIn } from "../engine/build-rig.ts";

/** A stream to a string. */
function collector() {
  let text = "";
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

/** Runs command lines in a workspace of `files`, as main.ts would. */
export function cliRig(files: Readonly<Record<string, string>> = {}) {
  const { root, write } = buildRig(files);
  /** `words` are separated by spaces, or given one by one. */
  const run = async (
    words: string | readonly string[],
    more: Partial<KraftContext> & { directory?: string } = {},
  ) => {
    const [stdout, stderr] = [collector(), collector()];
    const { directory = "", ...context } = more;
    const code = await runCommandLine(typeof words === "string" ? words.split(" ") : words, {
      host: hostIn(`${root}/${directory}`.replace(/\/$/, ""), {
        KRAFT_GRAPH_BUILD_SANDBOX: "links",
      }),
      builtIn,
      engine: { version: "1.2.3", buildId: "test" },
      nodeVersion: process.versions.node,
      screen: () => undefined,
      hasColor: false,
      signal: new AbortController().signal,
      env: {},
      stdin: process.stdin,
      stdout: stdout.stream,
      stderr: stderr.stream,
      colorDepth: 1,
      ...context,
    });
    const shown = (text: string): string =>
      text.replaceAll(root, "ROOT").replaceAll(/\d+\.\d s\n/g, "TIME\n");
    return { code, stdout: shown(stdout.text()), stderr: shown(stderr.text()) };
  };
  return { root, write, run };
}
