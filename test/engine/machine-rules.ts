import { attribute, optional } from "../../src/rule/attribute.ts";
import { defineRule, type RuleSet } from "../../src/rule/rule.ts";

/** Writes its platform and architecture into a file that stands for a kernel. */
const kernel = defineRule({
  name: "kernel",
  description: "stands for a kernel",
  attributes: {
    platform: optional(attribute.string, undefined),
    architecture: optional(attribute.string, undefined),
  },
  analyze: ({ attributes: { platform = "", architecture = "" }, label, output, action }) => {
    const [path, config] = [output("kernel"), output("config")];
    const shared = { mnemonic: "Write", inputs: [] } as const;
    action({ ...shared, kind: "write", text: `${platform}/${architecture}`, outputs: [path] });
    action({ ...shared, kind: "write", text: "CONFIG_A=y\n", outputs: [config] });
    return {
      outputs: [path],
      layout: { [`.unikraft/build/k_${platform}-${architecture}`]: path, ".config": config },
      machine: { platform, architecture, kernel: path, config, name: label, args: [], env: [] },
    };
  },
});

/** Build files named MACHINES: on each line a name, a platform and an architecture. */
export const machineRules: RuleSet = {
  apiVersion: 1,
  name: "machines",
  buildFiles: ["MACHINES"],
  rules: [kernel],
  load: (source) => {
    const lines = source.text.split("\n").filter((line) => line !== "");
    return lines.map((line, i) => {
      const [name = "", platform, architecture] = line.split(" ");
      const at = { source, start: source.text.indexOf(line), end: source.text.indexOf(line) + 1 };
      const given = Object.entries({ platform, architecture }).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, { value, at }] as const],
      );
      return {
        name,
        rule: "kernel",
        at,
        attributes: Object.fromEntries(given),
        isDefault: i === 0,
      };
    });
  },
};
