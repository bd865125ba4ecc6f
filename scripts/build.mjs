// Bundles the engine into dist/, or into --out DIR: one entry that loads the rest when a command needs it.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { rolldown } from "rolldown";

import { chunkGroups } from "./chunks.mjs";
import { manPage } from "./man-page.mjs";

const { values: options } = parseArgs({
  options: {
    out: { type: "string" },
    "no-types": { type: "boolean", default: false },
    "source-map": { type: "boolean", default: false },
  },
});
/** Where the bundle goes; with --out DIR, one that somebody uses meanwhile stays as it is. */
const outputDirectory = options.out === undefined ? "dist" : resolve(options.out);
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** Differs whenever the code does, so that nothing is taken over from another engine unseen. */
function buildId() {
  const files = ["src", "rules"].flatMap((directory) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash("sha256");
  for (const file of [...files, "package-lock.json"].sort((a, b) => (a < b ? -1 : 1)))
    hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** The page of `ui` as one document, which may load nothing and run nothing but what is in it. */
async function pageDocument() {
  const { outputFiles } = await build({
    entryPoints: ["src/page/client/main.tsx"],
    bundle: true,
    minify: true,
    write: false,
    outdir: "page",
    platform: "browser",
    target: ["chrome110", "firefox115", "safari16.4"],
    format: "iife",
    logLevel: "warning",
  });
  const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text.trim();
  // Not by `replace`, to which `$` in code would mean something.
  const script = textOf(".js").split("</script").join("<\\/script");
  const style = textOf(".css");
  const sourceOf = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(style)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    `<meta http-equiv="content-security-policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">\n<title>kraft-graph</title>',
    '<link rel="icon" href="data:,">',
    `<style>${style}</style>\n</head>\n<body>\n<div id="page"></div>\n<!--data-->`,
    `<script>${script}</script>\n</body>\n</html>\n`,
  ].join("\n");
}

rmSync(outputDirectory, { recursive: true, force: true });

const bundle = await rolldown({
  input: { main: "src/main.ts", index: "src/index.ts", program: "src/program-main.ts" },
  platform: "node",
  transform: {
    target: "node20",
    define: {
      KRAFT_GRAPH_VERSION: JSON.stringify(version),
      KRAFT_GRAPH_BUILD_ID: JSON.stringify(buildId()),
      KRAFT_GRAPH_IS_BUNDLE: "true",
    },
  },
  // What is meant to be loaded late by one is needed by another at once.
  checks: { ineffectiveDynamicImport: false },
  logLevel: "warn",
});
await bundle.write({
  dir: outputDirectory,
  format: "esm",
  codeSplitting: { groups: chunkGroups() },
  // A build with a warm cache takes a sixth less time than with code as it is written, as reading code
  // is much of it. The same sources give the same bundle and maps, so a stack that somebody reports
  // is read with those that --source-map leaves.
  minify: true,
  sourcemap: options["source-map"] ? "hidden" : false,
});
chmodSync(join(outputDirectory, "main.js"), 0o755);
await build({
  // Of those that src/base/late-library.ts loads: each as one file.
  entryPoints: ["yaml", "dockerfile-ast"].map((name) => ({ in: name, out: name })),
  bundle: true,
  minify: true,
  outdir: outputDirectory,
  outExtension: { ".js": ".cjs" },
  platform: "node",
  target: "node20",
  format: "cjs",
  logLevel: "warning",
});
writeFileSync(join(outputDirectory, "page.html"), await pageDocument());

// From the commands as they are, so that it cannot fall behind them.
if (options.out === undefined) {
  mkdirSync("man", { recursive: true });
  writeFileSync("man/kraft-graph.1", await manPage(version));
}

if (!options["no-types"]) {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
    stdio: "inherit",
  });
}
