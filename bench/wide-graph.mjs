// A graph without depth: each action reads sources of its own, as a directory of code does.

import { writeFile } from "./layered-graph.mjs";

const actionsPerPackage = 100;
const sourcesPerAction = 10;

/**
 * @typedef {object} WideNode
 * @property {string} name
 * @property {string} package
 * @property {readonly string[]} sources
 * @property {string} output
 */

/**
 * Nodes that read `count` sources between them.
 * @param {number} count
 * @returns {readonly WideNode[]}
 */
export function wideGraph(count) {
  return Array.from({ length: count / sourcesPerAction }, (_, index) => {
    const name = `n${String(index).padStart(5, "0")}`;
    const directory = `p${String(Math.floor(index / actionsPerPackage)).padStart(3, "0")}`;
    return {
      name,
      package: directory,
      sources: Array.from({ length: sourcesPerAction }, (_, i) => `${directory}/${name}/${i}.txt`),
      output: `.kraft/out/${directory}/${name}/sum`,
    };
  });
}

/** Writes sources and build files of all contenders below `root`. */
export function writeWideGraph(root, nodes) {
  /** @type {Map<string, string[]>} */
  const packages = new Map();
  for (const { name, package: directory, sources } of nodes) {
    for (const source of sources) writeFile(root, source, `the source ${source}\n`);
    const lines = [
      `  - name: ${name}`,
      "    rule: exec",
      `    srcs: [${sources.map((source) => source.slice(directory.length + 1)).join(", ")}]`,
      "    outs: [sum]",
      "    command: cksum $SRCS > $OUT",
    ];
    packages.set(directory, [...(packages.get(directory) ?? []), ...lines]);
  }
  for (const [directory, lines] of packages) {
    const text = ["version: 1", "targets:", ...lines, ""].join("\n");
    writeFile(root, `${directory}/kraft.build.yaml`, text);
  }
  writeFile(root, "kraft.workspace.yaml", "version: 1\nname: bench\n");
  const rule = "rule cksum\n  command = cksum $in > $out\n\n";
  const builds = nodes.map(
    ({ output, sources }) => `build ${output}: cksum ${sources.join(" ")}\n`,
  );
  writeFile(root, "build.ninja", rule + builds.join(""));
}
