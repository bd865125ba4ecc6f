// A shared folder that a build has filled. Knows no test.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { rig, temporaryDirectory } from "./rig.ts";

/** A folder that has the results of the workspace in C. */
export async function filledFolder() {
  const directory = join(temporaryDirectory(), "share");
  mkdirSync(directory);
  const remote = `--remote-cache=file:${directory}`;
  const first = await rig(cWorkspace).build("//...", remote, "--remote-upload=always");
  expect(first, first.text).toMatchObject({ code: 0, counts: { executed: 4 } });
  return { directory, remote, first };
}
