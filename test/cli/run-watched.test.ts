import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "vitest";

import { exitCodes } from "../../src/cli/context.ts";
import { builtIn, hostIn } from "../engine/build-rig.ts";
import { pieceRules } from "../engine/watch-rules.ts";
import { resumed, wait } from "../machine/machine-rig.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { cliRig } from "./cli-rig.ts";

/** Says what kernel it got, and runs until it is stopped. */
const qemu = `#!/bin/sh
${resumed}
for word; do [ "$before" = -kernel ] && cat "$word"; before=$word; done
${wait}
`;

/** A stream that tells when it has been written something. */
function awaited() {
  let text = "";
  let heard: () => void = () => {};
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      heard();
      done();
    },
  });
  const until = async (part: string): Promise<void> => {
    while (!text.includes(part)) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { stream, until, text: () => text };
}

test("run --watch starts the machine again when its image changed, and only then", async () => {
  const rig = cliRig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/PIECES": "app machine\n",
    "app/kernel.txt": "first kernel\n",
  });
  const bin = temporaryDirectory();
  writeFileSync(join(bin, "qemu-system-x86_64"), qemu, { mode: 0o755 });
  mkdirSync(join(rig.root, ".kraft"), { recursive: true });
  const [console, told] = [awaited(), awaited()];
  const stop = new AbortController();
  const running = rig.run("run --watch //app:app", {
    builtIn: new Map([...builtIn, ["pieces", () => Promise.resolve(pieceRules)]]),
    host: hostIn(rig.root, {
      KRAFT_GRAPH_BUILD_SANDBOX: "links",
      KRAFT_GRAPH_CACHE_DIR: temporaryDirectory(),
      PATH: `${bin}:/usr/bin:/bin`,
    }),
    stdout: console.stream,
    stderr: told.stream,
    signal: stop.signal,
  });
  await console.until("first kernel");
  rig.write("app/kernel.txt", "first kernel\n");
  await told.until("app/kernel.txt: done: 1 action: 1 up to date");
  rig.write("app/kernel.txt", "second kernel\n");
  await console.until("second kernel");
  stop.abort();
  expect((await running).code).toBe(exitCodes.interrupted);
  expect(console.text()).toBe("first kernel\nsecond kernel\n");
  expect(told.text().match(/the machine starts again/g)).toHaveLength(1);
});
