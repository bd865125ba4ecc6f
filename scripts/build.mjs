// Bundles the engine into dist/: one entry that loads the rest when a command needs it.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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
  for (const file of [...files, "package-lock.json"].sort()) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}
rmSync("dist", { recursive: true, force: true });

await build({
  entryPoints: { main: "src/main.ts", index: "src/index.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  minifySyntax: true,
  keepNames: false,
  platform: "node",
  target: "node20",
  format: "esm",
  define: {
    KRAFT_GRAPH_VERSION: JSON.stringify(version),
    KRAFT_GRAPH_BUILD_ID: JSON.stringify(buildId()),
  },
  // CommonJS dependencies call require for Node's own modules, which ESM output lacks.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: "warning",
});
chmodSync("dist/main.js", 0o755);

if (!process.argv.includes("--no-types")) {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
    stdio: "inherit",
  });
}
