import { readFileSync, statSync } from "node:fs";
import {
  ProgramError,
  attribute,
  defineRule,
  didYouMean,
  fileContent,
  optional,
  parseDocument,
  plainOf,
  uruncAnnotationsOf,
  uruncJsonOf,
  writeContainerImage,
} from "kraft-graph/rules";

const keys = ["app", "loader", "args"];

/** @type {import("kraft-graph/rules").RuleSet["load"]} */
function load(file, { report }) {
  const document = parseDocument(file, report);
  const at = { source: file, start: 0, end: 0 };
  if (document?.kind !== "map") {
    report({ severity: "error", code: "wrong-type", message: "a hermit.yaml is a map", at });
    return [];
  }
  /** @type {Record<string, import("kraft-graph/rules").DeclaredAttribute>} */
  const attributes = {};
  for (const { key, keyAt, value } of document.entries.values()) {
    attributes[key] = { value: plainOf(value), at: value.at };
    if (keys.includes(key)) continue;
    const message = `a hermit.yaml has no key "${key}"`;
    report({ severity: "error", code: "unknown-attribute", message, at: keyAt, ...didYouMean(key, keys) });
  }
  return [{ name: "image", rule: "hermit_image", at, isDefault: true, attributes }];
}

const image = defineRule({
  name: "hermit_image",
  description: "packs a Hermit application with its loader",
  attributes: {
    app: attribute.label,
    loader: attribute.label,
    args: optional(attribute.strings, []),
  },
  analyze({ attributes: { app, loader, args }, dependency, output, action, report, at }) {
    const [elf] = dependency(app).outputs;
    const [kernel] = dependency(loader).outputs;
    if (elf === undefined || kernel === undefined) {
      report({ severity: "error", code: "bad-attribute", message: "a file is missing", at });
      return { outputs: [] };
    }
    const layout = output("image");
    action({
      kind: "program",
      mnemonic: "HermitImage",
      program: "hermit/pack",
      version: 1,
      args: [layout, kernel, elf, ...args],
      inputs: [kernel, elf],
      outputs: [layout],
    });
    const machine = { platform: "qemu", architecture: "x86_64", kernel, initrd: elf, name: "app" };
    return { outputs: [layout], machine: { ...machine, args, env: [] } };
  },
});

/** @type {import("kraft-graph/rules").Program} */
const pack = {
  name: "pack",
  version: 1,
  async run([layout = "", kernel = "", elf = "", ...args], { resolve, signal }) {
    const magic = readFileSync(resolve(elf)).subarray(0, 4).toString("latin1");
    if (magic !== "\x7fELF") throw new ProgramError(`${elf} is no ELF file`);
    const facts = { unikernelType: "hermit", hypervisor: "qemu", binary: "/hermit/loader" };
    const annotations = uruncAnnotationsOf({ ...facts, initrd: "/hermit/app", mountRootfs: "false" });
    const json = Buffer.from(uruncJsonOf(annotations));
    /** @param {string} path @param {number} sizeBytes @param {() => Iterable<Uint8Array>} read */
    const file = (path, sizeBytes, read) => ({
      path: Buffer.from(path),
      node: /** @type {const} */ ({ kind: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0, content: { sizeBytes, read } }),
    });
    const files = [["hermit/loader", kernel], ["hermit/app", elf]].map(([path = "", input = ""]) => {
      const { size } = statSync(resolve(input));
      return file(path, size, () => fileContent(resolve(input), size));
    });
    const layers = [files, [file("urunc.json", json.length, () => [json])]];
    const spec = { architecture: "amd64", layers, annotations, labels: annotations, cmd: args, env: [] };
    await writeContainerImage(resolve(layout), spec, signal);
  },
};

/** @type {import("kraft-graph/rules").RuleSet} */
export const hermit = { apiVersion: 1, name: "hermit", buildFiles: ["hermit.yaml"], load, rules: [image], programs: [pack] };
