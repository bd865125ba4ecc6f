import { attribute, optional } from "../../src/rule/attribute.ts";
import { defineRule, type RuleSet } from "../../src/rule/rule.ts";

/** Compiles `src/main.c` of its package, with `one` and `two` to search for headers. */
const object = defineRule({
  name: "object",
  description: "compiles a file",
  attributes: { text: optional(attribute.string, "") },
  analyze: ({ source, output, action }) => {
    const made = output("main.o");
    const top = made.slice(0, -"/main.o".length);
    const [text, depfile] = ["build/main.i", "build/main.d"];
    const searchPath = [source("one"), source("two")];
    action({
      kind: "compile",
      mnemonic: "CC",
      preprocess: [
        "gcc",
        "-E",
        ...searchPath.flatMap((path) => ["-I", path]),
        source("src/main.c"),
        "-fno-working-directory",
        "-MD",
        "-MF",
        depfile,
        "-o",
        text,
      ],
      compile: ["gcc", "-c", "-x", "cpp-output", text, "-o", "build/main.o"],
      text,
      depfile,
      searchPath,
      env: {},
      tools: ["gcc"],
      inputs: [source("src"), ...searchPath],
      outputs: [made],
      mounts: { [top]: "build" },
    });
    return { outputs: [made] };
  },
});

/** Lists the names in the directory `tree` of its package. */
const listing = defineRule({
  name: "listing",
  description: "lists a directory",
  attributes: { text: optional(attribute.string, "") },
  analyze: ({ source, output, action }) => {
    const made = output("names");
    action({
      kind: "command",
      mnemonic: "List",
      argv: [
        "sh",
        "-c",
        `cd ${source("tree")} && find . -type f | sort | xargs cat > "$OLDPWD/${made}"`,
      ],
      env: {},
      tools: ["find"],
      inputs: [source("tree")],
      outputs: [made],
    });
    return { outputs: [made] };
  },
});

/** A machine whose kernel is the file `kernel.txt` of its package. */
const machine = defineRule({
  name: "machine",
  description: "stands for an image",
  attributes: { text: optional(attribute.string, "") },
  analyze: ({ label, source, output, action }) => {
    const kernel = output("kernel");
    action({
      kind: "command",
      mnemonic: "Copy",
      argv: ["cp", source("kernel.txt"), kernel],
      env: {},
      tools: ["cp"],
      inputs: [source("kernel.txt")],
      outputs: [kernel],
    });
    return {
      outputs: [kernel],
      machine: { platform: "qemu", architecture: "x86_64", kernel, name: label, args: [], env: [] },
    };
  },
});

/** Build files named PIECES: on each line the name of a target and that of its rule. */
export const pieceRules: RuleSet = {
  apiVersion: 1,
  name: "pieces",
  buildFiles: ["PIECES"],
  rules: [object, listing, machine],
  load: (source) => {
    const lines = source.text.split("\n").filter((line) => line !== "");
    return lines.map((line) => {
      const [name = "", rule = ""] = line.split(" ");
      const start = source.text.indexOf(line);
      return { name, rule, at: { source, start, end: start + line.length }, attributes: {} };
    });
  },
};
