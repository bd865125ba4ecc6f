import type { Template } from "../../src/index.ts";

/** A file that a command makes of another. */
export const command: Template = {
  name: "exec",
  description: "a kraft.build.yaml: a command that makes a file of others",
  files: ({ schema }) => ({
    "kraft.build.yaml": `# yaml-language-server: $schema=${schema("kraft.build")}
version: 1
targets:
  - name: page
    rule: exec
    default: true
    srcs: [page.md]
    outs: [page.html]
    tools: [sed]
    command: sed 's/^# \\(.*\\)/<h1>\\1<\\/h1>/' $SRCS > $OUT
`,
    "page.md": "# Hello\n",
  }),
};
