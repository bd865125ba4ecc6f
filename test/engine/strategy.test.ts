import { expect, test } from "vitest";

import type { CommandAction } from "../../src/action/action.ts";
import { strategyFrom } from "../../src/engine/strategy.ts";
import type { Label } from "../../src/label/label.ts";
import { rule } from "./execution-rig.ts";

const context = {
  currentPackage: "",
  workspaceRoot: "/w",
  workingDirectory: "/w",
  kindOf: () => undefined,
};

const plain: CommandAction = {
  ...rule("out/a:"),
  kind: "command",
  argv: ["true"],
  env: {},
  tools: [],
};

test.each([
  ["//...:b=local", "remote local remote local"],
  ["//apps/...:b=local", "remote local remote remote"],
  ["//apps/...=local", "local local remote remote"],
])("%s holds for what the pattern takes in", (text, strategies) => {
  const strategyOf = strategyFrom([text], context, () => undefined);
  const owners = ["//apps/x:a", "//apps/x:b", "//libs:a", "//libs:b"] as const;
  const asked = owners.map((owner) => strategyOf({ ...plain, owner: owner as Label }));
  expect(asked.join(" ")).toBe(strategies);
});

test("a command in a tree of layers stays here, whatever is asked for", () => {
  const root = { layers: [], user: "", directory: "/", isPrivileged: false, mounts: [] };
  const strategyOf = strategyFrom(["remote"], context, () => undefined);
  expect(strategyOf(plain)).toBe("remote");
  expect(strategyOf({ ...plain, root })).toBe("local");
});
