import fc from "fast-check";
import { expect, test } from "vitest";

import { formatManifest, readManifest } from "../../../rules/solo5/manifest/manifest.ts";
import { renderDiagnostic } from "../../../src/diagnostic/diagnostic.ts";

function read(text: string) {
  const lines: string[] = [];
  const source = { path: "manifest.json", text };
  const devices = readManifest(source, (one) => void lines.push(renderDiagnostic(one)));
  return { devices, printed: lines.join("\n") };
}

const whole = (devices: string) =>
  `{"type": "solo5.manifest", "version": 1, "devices": ${devices}}`;

test("a manifest gives its devices in order", () => {
  const text = whole(
    '[{"name": "service", "type": "NET_BASIC"}, {"type": "BLOCK_BASIC", "name": "storage0"}]',
  );
  expect(read(text)).toEqual({
    devices: [
      { name: "service", type: "net" },
      { name: "storage0", type: "block" },
    ],
    printed: "",
  });
  expect(read(whole("[]"))).toEqual({ devices: [], printed: "" });
});

test("what is written of devices is read as them", () => {
  const device = fc.record({
    name: fc.stringMatching(/^[A-Za-z0-9]{1,67}$/),
    type: fc.constantFrom("net" as const, "block" as const),
  });
  const devices = fc.uniqueArray(device, { maxLength: 63, selector: ({ name }) => name });
  fc.assert(
    fc.property(devices, (given) => {
      expect(read(formatManifest(given))).toEqual({ devices: given, printed: "" });
    }),
  );
});

test("JSON is read as Node reads it, and anything else is told", () => {
  const text = fc.oneof(
    fc.json(),
    fc.string({ unit: fc.constantFrom(...'{}[]":,\\ \n019.eE+-truefalsn\u0007'.split("")) }),
  );
  fc.assert(
    fc.property(text, (given) => {
      const { printed } = read(given);
      expect(printed.includes("this is no JSON")).toBe(!isJson(given));
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("every mistake is told at its place, in one run", () => {
  const text = `{
  "type": "solo5.manifests",
  "version": 2,
  "device": [],
  "devices": [
    {"name": "my-net", "type": "NET_BASIC"},
    {"name": "storage", "type": "BLOCK_BASICS"},
    {"name": "storage", "type": "BLOCK_BASIC", "size": 1},
    {"name": 7},
    "service"
  ]
}
`;
  expect(read(text).printed).toMatchInlineSnapshot(`
    "error[bad-manifest]: a manifest has no key "device"
     --> manifest.json:4:3
      |
    4 |   "device": [],
      |   ^^^^^^^^
      = help: did you mean "devices"?
    error[bad-manifest]: the type of a manifest is "solo5.manifest"
     --> manifest.json:2:11
      |
    2 |   "type": "solo5.manifests",
      |           ^^^^^^^^^^^^^^^^^
    error[bad-manifest]: this version of manifests is not known; it must be 1
     --> manifest.json:3:14
      |
    3 |   "version": 2,
      |              ^
    error[bad-manifest]: "my-net" cannot be the name of a device: 1 to 67 letters and digits
     --> manifest.json:6:14
      |
    6 |     {"name": "my-net", "type": "NET_BASIC"},
      |              ^^^^^^^^
    error[bad-manifest]: the type of a device is one of BLOCK_BASIC, NET_BASIC
     --> manifest.json:7:33
      |
    7 |     {"name": "storage", "type": "BLOCK_BASICS"},
      |                                 ^^^^^^^^^^^^^^
      = help: did you mean "BLOCK_BASIC"?
    error[bad-manifest]: a device has no key "size"
     --> manifest.json:8:48
      |
    8 |     {"name": "storage", "type": "BLOCK_BASIC", "size": 1},
      |                                                ^^^^^^
    error[bad-manifest]: two devices are called "storage"
     --> manifest.json:8:14
      |
    8 |     {"name": "storage", "type": "BLOCK_BASIC", "size": 1},
      |              ^^^^^^^^^
    note: first here
     --> manifest.json:7:14
      |
    7 |     {"name": "storage", "type": "BLOCK_BASICS"},
      |              ^^^^^^^^^
    error[bad-manifest]: a device needs type
     --> manifest.json:9:5
      |
    9 |     {"name": 7},
      |     ^^^^^^^^^^^
    error[bad-manifest]: the name of a device must be a string
     --> manifest.json:9:14
      |
    9 |     {"name": 7},
      |              ^
    error[bad-manifest]: a device is an object with name, type
      --> manifest.json:10:5
       |
    10 |     "service"
       |     ^^^^^^^^^"
  `);
});

test.each([
  ["[]", "a manifest is an object with type, version, devices"],
  ["{}", "a manifest needs type, version, devices"],
  ["", "this is no JSON: a value of JSON belongs here"],
  ["{type: 1}", 'this is no JSON: a key in "…" belongs here'],
  ['{"type" "x"}', "this is no JSON: a colon belongs here"],
  ['{"type": "x",}', 'this is no JSON: a key in "…" belongs here'],
  ['{"type": "x" "y": 1}', "this is no JSON: a comma or } belongs here"],
  ['{"type": "x', "this is no JSON: this string does not end, or has a wrong escape"],
  [`${whole("[]")} x`, "this is no JSON: nothing may follow the value"],
  ["[".repeat(200), "this is no JSON: this is nested too deeply"],
  [
    '{"type": "solo5.manifest", "type": "solo5.manifest", "version": 1, "devices": []}',
    '"type" is here twice',
  ],
  [whole("{}"), "`devices` must be a list"],
  [
    whole(`[{"name": "${"x".repeat(68)}", "type": "NET_BASIC"}]`),
    `"${"x".repeat(68)}" cannot be the name of a device: 1 to 67 letters and digits`,
  ],
  [
    whole(
      `[${Array.from({ length: 64 }, (_, i) => `{"name":"d${i}","type":"NET_BASIC"}`).join()}]`,
    ),
    "there are 64 devices, and Solo5 takes 63",
  ],
])("%# a wrong manifest is refused: %s", (text, message) => {
  const { devices, printed } = read(text);
  expect(devices).toBeUndefined();
  expect(printed.split("\n")[0]).toBe(`error[bad-manifest]: ${message}`);
});
