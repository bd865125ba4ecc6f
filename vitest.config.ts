import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/set-up.ts"],
    // clipanion's ESM build imports a directory, which Node refuses; inlining avoids it.
    server: { deps: { inline: ["clipanion"] } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
});
