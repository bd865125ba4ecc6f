import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { expect, test } from "vitest";

/** A file may import its own folder and folders above it in this list, never below. */
const layers = [
  "base", // Brand, Host, assertNever: no imports
  "diagnostic", // Span, Diagnostic, codes, render: knows no files
  "document", // YAML → values with spans: knows no schema
  "digest", // Digest, digestOf: knows no store
  "label", // Label, TargetPattern: knows no graph
  "format", // newc, tar, OCI bytes: knows no action
  "layer", // what one instruction changes in a tree, as tar: knows no instruction
  "action", // Action, REAPI messages, keys: knows no process
  "rule", // Attribute, Rule, RuleSet, providers: knows no YAML
  "workspace", // kraft.workspace.yaml + packages → declarations, with spans
  "graph", // declarations → targets: labels resolved, cycles found, patterns selected
  "analysis", // targets + rules → actions: no I/O
  "query", // expressions over the graph: no I/O
  "store", // CAS, action cache, stat cache: knows no graph
  "fetch", // pinned sources → files on the disk: knows no action
  "registry", // images of registries ↔ layouts on the disk: knows no action graph
  "dockerfile", // Dockerfiles → what each stage does: runs nothing
  "remote", // REAPI and HTTP caches: knows no action graph
  "serve", // the store as a cache for other machines: knows no build
  "sandbox", // input root → directory → program → outputs: the only spawner
  "machine", // kernel + arguments → virtual machine
  "schedule", // Plan (decides), drive (waits): knows ids, not actions
  "why", // two states of an action → what differs: knows no build
  "watch", // files → "these changed": knows no build
  "engine", // joins the above; gives out events
  "doctor", // this machine → what targets lack here: builds nothing
  "report", // events → terminal, events → JSON lines
  "page", // events and graphs → a local web page
  "cli", // commands: parse, call engine, return a code
];

const root = join(import.meta.dirname, "..");

test("every folder of src is a layer", () => {
  const folders = readdirSync(join(root, "src"), { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect(names.filter((name) => !layers.includes(name))).toEqual([]);
});

test("no file imports from a layer below its own; types count", () => {
  expect(importsOf("src").filter(({ from, to }) => isUpward(from, to))).toEqual([]);
});

test("rule sets import the public API and their own folder, and nothing else of the engine", () => {
  const foreign = importsOf("rules").filter(({ from, to }) => {
    const ownFolder = from.split("/").slice(0, 2).join("/");
    return to !== "src/index.ts" && !to.startsWith(`${ownFolder}/`);
  });
  expect(foreign).toEqual([]);
});

test("the test itself sees an upward type import", () => {
  expect(isUpward("src/base/brand.ts", "src/label/label.ts")).toBe(true);
  expect(isUpward("src/label/label.ts", "src/base/brand.ts")).toBe(false);
});

function isUpward(from: string, to: string): boolean {
  return rankOf(to) > rankOf(from);
}

/** Files directly in src, such as main.ts and index.ts, join all layers. */
function rankOf(path: string): number {
  const rank = layers.indexOf(path.split("/")[1] ?? "");
  return rank === -1 ? layers.length : rank;
}

function importsOf(folder: string): { from: string; to: string }[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const from = join(folder, file);
      const text = readFileSync(join(root, from), "utf8");
      const specifiers = [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)];
      return specifiers.map(([, to = ""]) => ({
        from,
        to: relative(root, normalize(join(root, dirname(from), to))),
      }));
    });
}
