import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type {
  Action,
  CommandAction,
  ExecPath,
  ProgramAction,
  WriteAction,
} from "../../src/action/action.ts";
import { type Fact, factsOf } from "../../src/action/facts.ts";
import { keyOf } from "../../src/action/key.ts";
import type { Node } from "../../src/action/result.ts";
import { digestOf, splitDigest } from "../../src/digest/digest.ts";
import { labelOf } from "../../src/label/label.ts";
import { nodes, paths } from "./arbitraries.ts";
import { encodeByProtobufEs } from "./reapi-schema.ts";

const owner = labelOf({ packagePath: "apps/nginx", name: "qemu-x86_64" });

const compile: CommandAction = {
  kind: "command",
  mnemonic: "CC",
  owner,
  inputs: ["src/a.c", "include"],
  outputs: ["out/a.o", "out/a.d"],
  argv: ["gcc", "-c", "src/a.c"],
  env: { LANG: "C", AR: "ar" },
  tools: ["gcc", "ccache?"],
};

const inputs = new Map<ExecPath, Node>([
  ["src/a.c", { kind: "file", digest: digestOf("int main;"), executable: false }],
  ["include", { kind: "tree", root: digestOf("root"), tree: digestOf("tree") }],
]);

const toolchain = new Map([["gcc", "gcc 14.2 0123abcd"]]);

const program: ProgramAction = {
  kind: "program",
  mnemonic: "Rootfs",
  owner,
  inputs: [],
  outputs: ["out/initrd.cpio"],
  program: "unikraft/cpio",
  version: 3,
  args: ["--root", "rootfs"],
};

const write: WriteAction = {
  kind: "write",
  mnemonic: "Config",
  owner,
  inputs: [],
  outputs: ["out/.config"],
  text: "CONFIG_A=y\n",
};

describe("the key of an action", () => {
  test("is the digest of the REAPI Action, byte for byte", () => {
    const source = message(digestOf("int main;"));
    const command = encodeByProtobufEs("Command", {
      arguments: ["gcc", "-c", "src/a.c"],
      environmentVariables: [
        { name: "AR", value: "ar" },
        { name: "LANG", value: "C" },
      ],
      outputPaths: ["out/a.d", "out/a.o"],
    });
    const below = encodeByProtobufEs("Directory", { files: [{ name: "a.c", digest: source }] });
    const root = encodeByProtobufEs("Directory", {
      directories: [
        { name: "include", digest: message(digestOf("root")) },
        { name: "src", digest: message(digestOf(below)) },
      ],
    });
    const salt = [
      '["key scheme","1"]',
      '["kind","command"]',
      '["tool ccache","absent"]',
      '["tool gcc","gcc 14.2 0123abcd"]',
      "",
    ].join("\n");
    const action = encodeByProtobufEs("Action", {
      commandDigest: message(digestOf(command)),
      inputRootDigest: message(digestOf(root)),
      salt: Buffer.from(salt),
    });

    const key = keyOf(compile, inputs, toolchain);
    expect(key.digest).toBe(digestOf(action));
    const expected = new Map(
      [command, below, root, action].map((one) => [digestOf(one), hex(one)]),
    );
    const blobs = [...key.blobs].map(([digest, bytes]) => [digest, hex(bytes)] as const);
    expect(new Map(blobs)).toEqual(expected);
  });

  test("does not tell who asked, what for, and what it takes to run", () => {
    const other: CommandAction = {
      ...compile,
      owner: labelOf({ packagePath: "apps/redis", name: "x" }),
      mnemonic: "Compile",
      subject: "a.c",
      resources: { cpu: 2, memory: 400 },
    };
    expect(keyOf(other, inputs, toolchain)).toEqual(keyOf(compile, inputs, toolchain));
  });

  test("does not depend on the order of inputs, outputs, tools and variables", () => {
    const other: CommandAction = {
      ...compile,
      inputs: ["include", "src/a.c"],
      outputs: ["out/a.d", "out/a.o"],
      env: { AR: "ar", LANG: "C" },
      tools: ["ccache?", "gcc", "gcc"],
    };
    const reversed = new Map([...inputs].reverse());
    expect(keyOf(other, reversed, toolchain).digest).toBe(keyOf(compile, inputs, toolchain).digest);
  });

  test("is the same whether an optional tool is named as one, as it is there", () => {
    const both = new Map(toolchain).set("ccache?", "4.11");
    const [optional, needed] = [["ccache?"], ["ccache"]].map((tools) => ({ ...compile, tools }));
    const found = keyOf(optional!, inputs, both).digest;
    expect(found).not.toBe(keyOf(optional!, inputs, toolchain).digest);
    expect(found).toBe(keyOf(needed!, inputs, new Map([["ccache", "4.11"]])).digest);
  });

  test("cannot be had without the identity of a tool", () => {
    expect(() => keyOf(compile, inputs, new Map())).toThrow("bug: no identity of gcc");
  });

  test("differs for a command that looks like the engine's own", () => {
    const posing: CommandAction = {
      ...compile,
      outputs: write.outputs,
      argv: ["kraft-graph", "write", "plain", write.text],
      env: {},
      tools: [],
    };
    const none = new Map<ExecPath, Node>();
    expect(keyOf(posing, none, toolchain).digest).not.toBe(keyOf(write, none, toolchain).digest);
  });

  test("differs by scope", () => {
    const keys = [{}, { scope: "ci" }, { scope: "mine" }].map(
      (options) => keyOf(compile, inputs, toolchain, options).digest,
    );
    expect(new Set(keys).size).toBe(3);
  });
});

describe("the facts of an action", () => {
  test("name everything that decides its result", () => {
    expect(factsOf({ action: { ...compile, network: true }, inputs, toolchain })).toEqual([
      ["argv[0]", "gcc"],
      ["argv[1]", "-c"],
      ["argv[2]", "src/a.c"],
      ["env.AR", "ar"],
      ["env.LANG", "C"],
      ["input include", `directory ${digestOf("root")}`],
      ["input src/a.c", digestOf("int main;")],
      ["output out/a.d", "declared"],
      ["output out/a.o", "declared"],
      ["key scheme", "1"],
      ["kind", "command"],
      ["network", "yes"],
      ["tool ccache", "absent"],
      ["tool gcc", "gcc 14.2 0123abcd"],
    ]);
  });

  test("name the program, its version and its arguments", () => {
    expect(factsOf({ action: program, inputs: new Map(), toolchain: new Map() })).toEqual([
      ["engine", "kraft-graph"],
      ["operation", "program"],
      ["program", "unikraft/cpio"],
      ["args[0]", "--root"],
      ["args[1]", "rootfs"],
      ["output out/initrd.cpio", "declared"],
      ["key scheme", "1"],
      ["kind", "program"],
      ["program version", "3"],
      ["tool kraft-graph", "absent"],
    ]);
  });

  const changes: [string, Action, Action][] = [
    ["an argument", compile, { ...compile, argv: ["gcc", "-S", "src/a.c"] }],
    ["one argument split in two", compile, { ...compile, argv: ["gcc", "-c src/a.c"] }],
    ["an empty argument more", compile, { ...compile, argv: ["gcc", "-c", "src/a.c", ""] }],
    ["a variable", compile, { ...compile, env: { LANG: "C", AR: "gcc-ar" } }],
    ["a variable less", compile, { ...compile, env: { LANG: "C" } }],
    ["an output", compile, { ...compile, outputs: ["out/a.o"] }],
    ["the network", compile, { ...compile, network: true }],
    ["a tool less", compile, { ...compile, tools: ["gcc"] }],
    ["the program", program, { ...program, program: "unikraft/tar" }],
    ["its version", program, { ...program, version: 4 }],
    ["its arguments", program, { ...program, args: ["--root"] }],
    ["the text", write, { ...write, text: "CONFIG_A=n\n" }],
    ["whether it can be executed", write, { ...write, executable: true }],
  ];
  test.each(changes)("and the key change with %s", (_, before, after) => {
    const [one, other] = [before, after].map((action) => ({ action, inputs, toolchain }));
    expect(factsOf(one!)).not.toEqual(factsOf(other!));
    const key = keyOf(before, inputs, toolchain).digest;
    expect(keyOf(after, inputs, toolchain).digest).not.toBe(key);
  });

  test("stay as they are where a command may share a sandbox", () => {
    const one = { action: compile, inputs, toolchain };
    expect(factsOf({ ...one, action: { ...compile, sharesSandbox: true } })).toEqual(factsOf(one));
  });

  test("and the key change with a tool", () => {
    const newer = new Map([["gcc", "gcc 15.1 4567cdef"]]);
    expect(keyOf(compile, inputs, newer).digest).not.toBe(keyOf(compile, inputs, toolchain).digest);
  });

  test("are equal exactly when the keys are", () => {
    fc.assert(
      fc.property(actions, actions, (one, other) => {
        const areSameFacts = JSON.stringify(factsOf(one)) === JSON.stringify(factsOf(other));
        expect(keyDigest(one) === keyDigest(other)).toBe(areSameFacts);
      }),
      { numRuns: 500 },
    );
  });

  test("change with any one of them", () => {
    fc.assert(
      fc.property(actions, fc.nat(), fc.string(), ({ action, ...rest }, which, text) => {
        const keys = variantsOf(action, which, text).map((variant) =>
          keyDigest({ action: variant, ...rest }),
        );
        expect(keys).not.toContain(keyDigest({ action, ...rest }));
      }),
    );
  });
});

interface Source {
  readonly action: CommandAction;
  readonly inputs: ReadonlyMap<ExecPath, Node>;
  readonly toolchain: ReadonlyMap<string, string>;
}

/** Commands with few distinct parts, so that two of them are often equal. */
const actions: fc.Arbitrary<Source> = fc
  .record({
    args: fc.array(fc.constantFrom("", "-a", "-b"), { maxLength: 2 }),
    env: fc.dictionary(fc.constantFrom("A", "B"), fc.constantFrom("", "1"), { maxKeys: 1 }),
    output: fc.constantFrom("out/a", "out/b"),
    network: fc.constantFrom(false, true),
    input: fc.constantFrom("a", "b/c"),
    node: fc.oneof(nodes, fc.constant<Node>({ kind: "symlink", target: "x" })),
    tool: fc.constantFrom("1", "2"),
    subject: fc.string(),
  })
  .map(({ args, env, output, network, input, node, tool, subject }) => ({
    action: {
      kind: "command",
      mnemonic: "X",
      owner,
      subject,
      inputs: [input],
      outputs: [output],
      argv: ["cc", ...args],
      env,
      tools: ["cc"],
      network,
    },
    inputs: new Map([[input, node]]),
    toolchain: new Map([["cc", tool]]),
  }));

/** `action` with one part changed, in as many ways as there are parts. */
function variantsOf(action: CommandAction, which: number, text: string): CommandAction[] {
  const [name, ...args] = action.argv;
  const longer = [...args.slice(0, which % (args.length + 1)), `${text}+`];
  return [
    { ...action, argv: [name, ...longer, ...args] },
    { ...action, argv: [`${name}+`, ...args] },
    { ...action, env: { ...action.env, C: text } },
    { ...action, outputs: [`${action.outputs[0]}+`] },
    { ...action, network: action.network !== true },
    { ...action, tools: [...action.tools, "other?"] },
  ];
}

function keyDigest({ action, inputs: given, toolchain: tools }: Source): string {
  return keyOf(action, given, tools).digest;
}

test("the key changes with the node at any path, its kind and its mode", () => {
  fc.assert(
    fc.property(paths, nodes, nodes, (path, one, other) => {
      const [first, second] = [one, other].map((node) => {
        return keyOf(compile, new Map([[path, node]]), toolchain).digest;
      });
      expect(first === second).toBe(factText(path, one) === factText(path, other));
    }),
  );
  const file: Node = { kind: "file", digest: digestOf("x"), executable: false };
  const variants: Node[] = [file, { ...file, mode: 0o600 }, { ...file, mode: 0 }];
  const keys = [...variants, { ...file, executable: true }].map(
    (node) => keyOf(compile, new Map([["a", node]]), toolchain).digest,
  );
  expect(new Set(keys).size).toBe(4);
});

function factText(path: ExecPath, node: Node): string {
  const facts: readonly Fact[] = factsOf({
    action: compile,
    inputs: new Map([[path, node]]),
    toolchain,
  });
  return JSON.stringify(facts);
}

function message(digest: Parameters<typeof splitDigest>[0]) {
  const { hash, sizeBytes } = splitDigest(digest);
  return { hash, sizeBytes: BigInt(sizeBytes) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
