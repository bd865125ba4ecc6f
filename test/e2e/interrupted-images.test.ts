// Pushes and pulls of the real program that are ended from outside, in the middle of things.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { freshDirectory } from "../fetch/fetch-rig.ts";
import { rootOf, writeTestImage } from "../registry/image-rig.ts";
import { holdingProxy, skopeo, skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { rig } from "./rig.ts";

const kernelBytes = 2_000_000;
const insecure = "--tls-verify=false";

/** Each tenth by Ctrl-C, and some by what cannot be caught. */
const endings = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => ({ tenth, signal: "SIGINT" as const })),
  ...[1, 4, 7, 9].map((tenth) => ({ tenth, signal: "SIGKILL" as const })),
];

/** Every blob of the store is what its name says, and nothing else is beside them. */
function expectWholeStore(cache: string): void {
  const directory = join(cache, "images/blobs/sha256");
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const bytes = readFileSync(join(directory, name));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(name);
  }
}

function ended({ signal }: (typeof endings)[number]) {
  return signal === "SIGINT" ? { code: 130, signal: undefined } : { code: undefined, signal };
}

test("a pull that is ended at any tenth leaves a whole store, and the next one completes it", async () => {
  const layout = await writeTestImage(freshDirectory(), { kernelBytes });
  const { digest } = rootOf(layout);
  const { host } = await startRegistry();
  skopeoCopy(`oci:${layout}:1.0`, `docker://${host}/app:1.0`, "--dest-tls-verify=false");
  const proxy = await holdingProxy(host, "toClient");
  const name = `${proxy.host}/app:1.0`;
  for (const ending of endings) {
    const { tenth, signal } = ending;
    const here = rig({});
    const pulled = ["pkg", "pull", name, "--all"];
    const first = await here.run(pulled, {
      watch: ({ kill }) => {
        void proxy.holdAfter((tenth * kernelBytes) / 10).then(() => kill(signal));
      },
    });
    expect(first, first.text).toMatchObject({ ...ended(ending), stdout: "" });
    proxy.release();
    expectWholeStore(here.cache);
    expect((await here.run(["pkg", "ls", "--apps", "--output", "ndjson"])).stdout).toBe("");
    const second = await here.run(pulled);
    expect(second, second.text).toMatchObject({ code: 0, stdout: `${name} ${digest}\n` });
    // What had come does not come again.
    if (signal === "SIGINT" && tenth > 1) expect(proxy.release()).toBeLessThan(kernelBytes);
    expectWholeStore(here.cache);
    const exported = await here.run(["pkg", "export", name, "out"]);
    expect(exported.code, exported.text).toBe(0);
    expect(rootOf(here.path("out")).digest).toBe(digest);
    expect(readdirSync(here.path("out/blobs/sha256")).sort()).toEqual(
      readdirSync(join(layout, "blobs/sha256")).sort(),
    );
  }
});

test("a push that is ended at any tenth names nothing, and the next one completes it", async () => {
  const { host } = await startRegistry();
  const proxy = await holdingProxy(host, "toServer");
  for (const [i, ending] of endings.entries()) {
    const { tenth, signal } = ending;
    const here = rig({});
    const layout = await writeTestImage(here.root, { kernelBytes });
    const { digest } = rootOf(layout);
    const pushed = ["pkg", "push", "layout", `${proxy.host}/app${i}:1.0`];
    const first = await here.run(pushed, {
      watch: ({ kill }) => {
        void proxy.holdAfter((tenth * kernelBytes) / 10).then(() => kill(signal));
      },
    });
    expect(first, first.text).toMatchObject({ ...ended(ending), stdout: "" });
    proxy.release();
    const there = `docker://${host}/app${i}:1.0`;
    expect(() => skopeo("inspect", insecure, "--raw", there)).toThrow(/unknown/);
    const second = await here.run(pushed);
    expect(second.code, second.text).toBe(0);
    expect(second.stdout).toBe(`${proxy.host}/app${i}:1.0 ${digest}\n`);
    const copy = join(freshDirectory(), "copy");
    skopeoCopy(there, `oci:${copy}:1.0`, "--src-tls-verify=false");
    expect(rootOf(copy).digest).toBe(digest);
  }
});
