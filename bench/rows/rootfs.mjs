// Rows over root file systems: 20,000 files and 1 GB to CPIO, beside bsdtar.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows(context) {
  if (spawnSync("sh", ["-c", "command -v bsdtar"]).status !== 0) return [];
  const place = join(context.directory, "rootfs");
  const [tree, output, program] = ["tree", "out.cpio", "pack.js"].map((name) => join(place, name));
  const env = { PATH: process.env.PATH ?? "", LC_ALL: "C" };
  const contender = (name, argv) => ({
    name,
    prepare: () => {
      makeTree(tree);
      makeProgram(program);
      rmSync(output, { force: true });
    },
    command: { argv, directory: place, env },
  });
  return [
    {
      name: "rootfs/cpio",
      about: "a directory of 20,000 files and 1 GB as a CPIO archive",
      runs: 3,
      contenders: [
        contender("ours", [process.execPath, program, tree, output]),
        contender("bsdtar", ["bsdtar", "--format", "newc", "-cf", output, "-C", tree, "."]),
      ],
      bounds: [
        { peer: "bsdtar", atMost: 1.5 },
        { peer: "bsdtar", atMost: 1.5, of: "processor time" },
        { peakMiB: 120 },
      ],
    },
  ];
}

let isMade = false;

/** 200 directories of 100 files each, of 50,000 bytes. */
function makeTree(tree) {
  if (isMade) return;
  isMade = true;
  const content = Buffer.alloc(50_000, "a line of a file that is neither short nor long\n");
  for (let i = 0; i < 200; i++) {
    const directory = join(tree, `directory-${i}`);
    mkdirSync(directory, { recursive: true });
    for (let j = 0; j < 100; j++) {
      content.writeUInt32LE(i * 100 + j, 0);
      writeFileSync(join(directory, `file-${j}`), content);
    }
  }
}

/** What the engine runs for such a directory, and nothing else of it. */
function makeProgram(program) {
  const source = fileURLToPath(new URL("../../src/format/newc-file.ts", import.meta.url));
  const contents = `import { archiveDirectory } from ${JSON.stringify(source)};
const [, , tree, output] = process.argv;
await archiveDirectory(tree, output, { mtime: 0 }, new AbortController().signal);`;
  buildSync({
    stdin: { contents, resolveDir: "/", loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: program,
  });
  writeFileSync(join(program, "../package.json"), '{"type":"module"}\n');
}
