import { expect, test } from "vitest";

import { type MachineWords, readMachineOptions } from "../../src/cli/machine-options.ts";

const nothing: MachineWords = {
  memory: undefined,
  ports: [],
  env: [],
  kernelArgs: [],
  block: [],
  net: [],
  noAcceleration: false,
  expect: undefined,
  timeout: undefined,
};

function read(words: Partial<MachineWords>) {
  return readMachineOptions({ ...nothing, ...words });
}

test("without words, a machine has what its image says", () => {
  expect(read({})).toEqual({
    kind: "options",
    ports: [],
    env: [],
    kernelArgs: [],
    devices: { block: {}, net: {} },
    acceleration: "auto",
  });
});

test("devices of a guest are attached by their names", () => {
  expect(read({ block: ["storage=a=b.img"], net: ["service=tap0"] })).toMatchObject({
    devices: { block: { storage: "a=b.img" }, net: { service: "tap0" } },
  });
  expect(read({ block: ["disk.img", "my-disk=x"] })).toEqual({
    kind: "refused",
    reasons: [
      "disk.img does not say which device: NAME=WHAT",
      "my-disk=x does not say which device: NAME=WHAT",
    ],
  });
});

test("each word has its place", () => {
  const options = read({
    memory: "64Mi",
    ports: ["8080:80"],
    env: ["A=1"],
    kernelArgs: ["netdev.ip=10.0.0.2"],
    noAcceleration: true,
    expect: "Hello",
    timeout: "1.5",
  });
  expect(options).toMatchObject({
    kind: "options",
    memoryBytes: 64 * 1024 ** 2,
    env: ["A=1"],
    kernelArgs: ["netdev.ip=10.0.0.2"],
    acceleration: "emulation",
    expect: "Hello",
    timeoutMs: 1500,
  });
  expect(options.kind === "options" && options.ports).toMatchObject([
    { hostPort: 8080, guestPort: 80 },
  ]);
});

test("a time-out is a number of seconds that a timer can take", () => {
  const timeoutOf = (timeout: string): unknown => {
    const options = read({ timeout });
    return options.kind === "options" ? options.timeoutMs : options.reasons.join();
  };
  expect(["30", "0.0001", "1999999"].map(timeoutOf)).toEqual([30_000, 1, 1_999_999_000]);
  for (const text of ["0", "-1", "", "1e3", "5s", "Infinity", "2000000", " 1"]) {
    expect(timeoutOf(text)).toBe(`${text} is no number of seconds`);
  }
});
