import { expect, test } from "vitest";

import type { CommandAction } from "../../src/action/action.ts";
import { strategyFrom } from "../../src/engine/strategy.ts";
import { rule } from "./execution-rig.ts";

test("a command in a tree of layers stays here, whatever is asked for", () => {
  const plain: CommandAction = {
    ...rule("out/a:"),
    kind: "command",
    argv: ["true"],
    env: {},
    tools: [],
  };
  const root = { layers: [], user: "", directory: "/", isPrivileged: false, mounts: [] };
  const strategyOf = strategyFrom(
    ["remote"],
    { currentPackage: "", workspaceRoot: "/w", workingDirectory: "/w", kindOf: () => undefined },
    () => undefined,
  );
  expect(strategyOf(plain)).toBe("remote");
  expect(strategyOf({ ...plain, root })).toBe("local");
});
