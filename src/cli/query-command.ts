import { Command, Option, UsageError } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { offering } from "./option-values.ts";
import { flagsOf } from "./build-flags.ts";
import { repositoryRequest, sourceOptions, workspaceOptions } from "./target-options.ts";

/** `kraft-graph query EXPRESSION` */
export class QueryCommand extends Command<KraftContext> {
  static override paths = [["query"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "ask what depends on what",
    details: `
      An expression is a label or pattern, a function of expressions, or two of them joined by
      \`union\` (\`+\`), \`intersect\` (\`^\`) or \`except\` (\`-\`), as in Bazel. \`let x = e in $x\`
      names one, \`set(a b)\` lists patterns, and \`-\` stands for those on the standard input, one
      on each line.

      Of the graph: \`deps(e[, depth])\`, \`rdeps(universe, e[, depth])\`, \`allrdeps(e[, depth])\`,
      \`same_pkg_direct_rdeps(e)\`, \`allpaths(a, b)\`, \`somepath(a, b)\`, \`some(e[, count])\`,
      \`kind(regex, e)\`, \`filter(regex, e)\`. Of attributes: \`attr(name, regex, e)\`,
      \`labels(name, e)\`. Of packages: \`siblings(e)\`, \`buildfiles(e)\`, \`loadfiles(e)\`,
      \`rbuildfiles(file…)\`.

      Of actions: \`inputs(regex, e)\`, \`outputs(regex, e)\` and \`mnemonic(regex, e)\` are those of
      the targets in e of which an input, an output or the kind of work is what the whole regular
      expression says. Actions that only a build finds out, as the objects of a kernel, are those
      of the last build.

      Of files: \`whatinputs(file…)\`, \`whatoutputs(path…)\`, and \`changes(revision[, universe])\`:
      the targets that git says are reached by what changed since, which is what CI must build.

      Templates that build files go on from, and manifests that tell of components, are fetched
      first when they are not here; nothing else is.

      Forms of the answer are label, label_kind, package, location, build, json, ndjson, graph,
      mermaid, minrank, maxrank, commands, compile_commands.json and html; docs/query.md shows each.
    `,
    examples: [
      ["What one image is made of", "$0 query 'deps(//apps/nginx:qemu-x86_64)'"],
      ["What a library's change reaches", "$0 query 'rdeps(//..., //libs/tls)'"],
      ["Build what a branch changes", "$0 query 'changes(main...)' | $0 build -"],
      ["Which objects include a header", "$0 query 'inputs(\".*/print.h\", deps(//apps/nginx))'"],
      [
        "For clangd, after a build",
        "$0 query --output compile_commands.json 'deps(//apps/nginx)' > compile_commands.json",
      ],
      ["A picture", "$0 query --output graph 'deps(//apps/nginx)' | dot -Tsvg > nginx.svg"],
    ],
  });

  words = Option.Rest({ name: "expression" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  locked = sourceOptions.locked();
  offline = sourceOptions.offline();
  queryFile = Option.String("--query-file", {
    description: "read the expression from this file, or with - from the standard input",
  });
  output = offering(
    "--output",
    async () => (await import("./query-text.ts")).answerForms,
    Option.String("--output", "label", { description: "the form of the answer (label)" }),
  );

  override async execute(): Promise<number> {
    const asked = [...this.words, ...this.context.afterDashes];
    if (asked.length === 0 && this.queryFile === undefined) {
      throw new UsageError("Not enough positional arguments");
    }
    const { answerQuery } = await import("./answer-query.ts");
    const { queryFile: file, output, context } = this;
    const repository = repositoryRequest(this, flagsOf(this));
    try {
      const answer = await answerQuery({ words: asked, file, output, repository }, context);
      if (context.signal.aborted) return exitCodes.interrupted;
      if (answer.kind !== "answered") return exitCodes[answer.kind];
      context.stdout.write(answer.text);
      return exitCodes.ok;
    } catch (error) {
      if (context.signal.aborted) return exitCodes.interrupted;
      throw error;
    }
  }
}
