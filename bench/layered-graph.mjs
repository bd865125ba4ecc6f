// A graph of small actions in layers, as data and as files for the engine, make and ninja.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * @typedef {object} Node
 * @property {string} name
 * @property {string} package The directory that it is in.
 * @property {string} source The path of the one file that it reads of its own.
 * @property {string} output Where its output is: the same path for each contender.
 * @property {readonly Node[]} needs Two nodes of the layer before; none in the first layer.
 */

const nodesPerPackage = 100;

/**
 * `count` nodes in layers of `width`. Each needs its neighbours in the layer before, so a change
 * in the first layer reaches one node more in each layer.
 * @param {number} count
 * @param {number} width
 * @returns {readonly (readonly Node[])[]}
 */
export function layersOf(count, width) {
  /** @type {Node[][]} */
  const layers = [];
  for (let start = 0; start < count; start += width) {
    const before = layers.at(-1);
    layers.push(
      Array.from({ length: width }, (_, column) => {
        const needs = before === undefined ? [] : [before[column], before[(column + 1) % width]];
        return nodeAt(start + column, needs);
      }),
    );
  }
  return layers;
}

/** @returns {Node} */
function nodeAt(index, needs) {
  const digits = (number, length) => String(number).padStart(length, "0");
  const name = `n${digits(index, 5)}`;
  const directory = `p${digits(Math.floor(index / nodesPerPackage), 3)}`;
  return {
    name,
    package: directory,
    source: `${directory}/${name}.txt`,
    output: `.kraft/out/${directory}/${name}/sum`,
    needs,
  };
}

/**
 * Writes the sources of `nodes` below `root`, alike for every contender.
 * @param {string} root
 * @param {readonly Node[]} nodes
 */
export function writeSources(root, nodes) {
  for (const node of nodes) writeFile(root, node.source, `the source of ${node.name}\n`);
}

/** The files of the engine. */
export function kraftFiles(nodes) {
  /** @type {Map<string, string[]>} */
  const packages = new Map();
  for (const node of nodes) {
    const srcs = [
      ...node.needs.map((need) => `//${need.package}:${need.name}`),
      `:${node.name}.txt`,
    ];
    const lines = [
      `  - name: ${node.name}`,
      "    rule: exec",
      `    srcs: [${srcs.map((src) => `"${src}"`).join(", ")}]`,
      "    outs: [sum]",
      "    command: cksum $SRCS > $OUT",
    ];
    packages.set(node.package, [...(packages.get(node.package) ?? []), ...lines]);
  }
  const files = [...packages].map(([directory, lines]) => [
    `${directory}/kraft.build.yaml`,
    ["version: 1", "targets:", ...lines, ""].join("\n"),
  ]);
  return [["kraft.workspace.yaml", "version: 1\nname: bench\n"], ...files];
}

/** The file of make. */
export function makeFiles(nodes) {
  const rules = nodes.map((node) => `${node.output}: ${inputsOf(node)}\n\t@cksum $^ > $@\n`);
  const all = nodes.map(({ output }) => output).join(" ");
  return [["Makefile", `.PHONY: all\nall: ${all}\n\n${rules.join("\n")}`]];
}

/** The file of ninja. */
export function ninjaFiles(nodes) {
  const rule = "rule cksum\n  command = cksum $in > $out\n\n";
  const builds = nodes.map((node) => `build ${node.output}: cksum ${inputsOf(node)}\n`);
  return [["build.ninja", rule + builds.join("")]];
}

/** The files of Bazel, of which the outputs are where it has them. */
export function bazelFiles(nodes) {
  /** @type {Map<string, string[]>} */
  const packages = new Map();
  for (const node of nodes) {
    const needs = node.needs.map((need) => `//${need.package}:${need.name}`);
    const srcs = [...needs, `${node.name}.txt`].map((src) => `"${src}"`).join(", ");
    const rule =
      `genrule(name = "${node.name}", srcs = [${srcs}], outs = ["${node.name}.sum"], ` +
      'cmd = "cksum $(SRCS) > $@")';
    packages.set(node.package, [...(packages.get(node.package) ?? []), rule]);
  }
  const visible = 'package(default_visibility = ["//visibility:public"])';
  const files = [...packages].map(([directory, rules]) => [
    `${directory}/BUILD`,
    [visible, ...rules, ""].join("\n"),
  ]);
  return [["WORKSPACE", ""], ...files];
}

function inputsOf(node) {
  return [...node.needs.map(({ output }) => output), node.source].join(" ");
}

/** Writes `text` to `path` below `root`. */
export function writeFile(root, path, text) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
