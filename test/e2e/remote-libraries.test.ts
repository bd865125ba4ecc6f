import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { serving } from "../serve/serving.ts";
import { cWorkspace } from "./c-workspace.ts";
import { rig, temporaryDirectory } from "./rig.ts";

/** How the library for gRPC names itself to servers, in whatever file it is. */
const mark = "grpc-node-js/";

/** Whether a build with `words` loads the library for gRPC, by what Node says that it ran. */
async function loadsGrpc(...words: readonly string[]): Promise<boolean> {
  const directory = temporaryDirectory();
  const { run } = rig(cWorkspace);
  const env = { NODE_V8_COVERAGE: directory };
  const built = await run(["build", "//app:zero", ...words], { env });
  expect(built.code, built.text).toBe(0);
  expect(built.text).not.toContain("going on without");
  const files = readdirSync(directory).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(directory, name), "utf8")) as {
      readonly result: readonly { readonly url: string }[];
    };
    return result.flatMap(({ url }) => (url.startsWith("file:") ? [fileURLToPath(url)] : []));
  });
  expect(files.join("\n")).toMatch(/\/main\.js$/m);
  return files.some((file) => readFileSync(file, "utf8").includes(mark));
}

test("the library for gRPC is loaded for addresses that need it, and no others", async () => {
  const { grpc, http } = await serving();
  const folder = join(temporaryDirectory(), "share");
  mkdirSync(folder);
  expect(await loadsGrpc()).toBe(false);
  for (const address of [http, `file:${folder}`]) {
    expect(await loadsGrpc(`--remote-cache=${address}`, "--remote-upload=always"), address).toBe(
      false,
    );
  }
  expect(await loadsGrpc(`--remote-cache=${grpc}`)).toBe(true);
});
