import { expect, test } from "vitest";

import type { CommandAction, ProgramAction } from "../../src/action/action.ts";
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

test("a program of the engine's own runs elsewhere only if its mnemonic is named", () => {
  const { argv: _argv, env: _env, tools: _tools, ...base } = plain;
  const program = { ...base, mnemonic: "Package", kind: "program", program: "a/b" } as const;
  const packing: ProgramAction = { ...program, version: 1, args: [] };
  const asked = (...texts: string[]) => strategyFrom(texts, context, () => undefined);
  expect(asked()(packing)).toBe("local");
  expect(asked("remote", "//...=remote")(packing)).toBe("local");
  expect(asked("Package=remote", "local")(packing)).toBe("remote");
  expect(asked("Package=remote", "Package=local")(packing)).toBe("local");
  // Of a rule set of the user's, which machines elsewhere do not have, and with modes, which they lose.
  expect(asked("Package=remote")({ ...packing, code: "c" })).toBe("local");
  expect(asked("Package=remote")({ ...packing, modesOf: ["tree"] })).toBe("local");
});

test("a command in a tree of layers stays here, whatever is asked for", () => {
  const root = { layers: [], user: "", directory: "/", isPrivileged: false, mounts: [] };
  const strategyOf = strategyFrom(["remote"], context, () => undefined);
  expect(strategyOf(plain)).toBe("remote");
  expect(strategyOf({ ...plain, root })).toBe("local");
});
