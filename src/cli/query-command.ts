import { Command, Option } from "clipanion";
import { isEnum } from "typanion";

import { actionOutputs } from "../query/commands.ts";
import { queryOutputs } from "../query/format.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

const outputs = [...queryOutputs, ...actionOutputs] as const;

/** `kraft-graph query EXPRESSION` */
export class QueryCommand extends Command<KraftContext> {
  static override paths = [["query"]];
  static override usage = Command.Usage({
    category: "Ask",
    description: "ask what depends on what",
    details: `
      An expression is a label or pattern; \`deps(e)\`, \`deps(e, depth)\`, \`rdeps(universe, e)\`,
      \`allpaths(a, b)\`, \`somepath(a, b)\`, \`kind(regex, e)\`, \`filter(regex, e)\`, \`some(e)\`,
      \`set(a b)\`, \`let x = e in $x\`; or two joined by \`union\` (\`+\`), \`intersect\` (\`^\`) or
      \`except\` (\`-\`), as in Bazel. Of actions, wherever an expression can stand:
      \`inputs(regex, e)\`, \`outputs(regex, e)\` and \`mnemonic(regex, e)\` are those of the targets
      in e of which an input, an output or the kind of work is what the whole regular expression
      says. Actions that only a build finds out, as the objects of a kernel, are those of the last
      build.
    `,
    examples: [
      ["What one image is made of", "$0 query 'deps(//apps/nginx:qemu-x86_64)'"],
      ["What a library's change reaches", "$0 query 'rdeps(//..., //libs/tls)'"],
      ["Which objects include a header", "$0 query 'inputs(\".*/print.h\", deps(//apps/nginx))'"],
      [
        "For clangd, after a build",
        "$0 query --output compile_commands.json 'deps(//apps/nginx)' > compile_commands.json",
      ],
      ["A picture", "$0 query --output graph 'deps(//apps/nginx)' | dot -Tsvg > nginx.svg"],
    ],
  });

  words = Option.Rest({ name: "expression", required: 1 });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  output = Option.String("--output", "label", {
    description: `the form of the answer: ${outputs.join(", ")} (label)`,
    validator: isEnum(outputs),
  });

  override async execute(): Promise<number> {
    const text = [...this.words, ...this.context.afterDashes].join(" ");
    const { answerQuery } = await import("./answer-query.ts");
    const answer = await answerQuery(
      { text, output: this.output, repository: repositoryRequest(this, []) },
      this.context,
    );
    if (answer === undefined) return exitCodes.refused;
    this.context.stdout.write(answer);
    return exitCodes.ok;
  }
}
