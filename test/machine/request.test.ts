import { expect, test } from "vitest";

import { environmentOf } from "../../src/machine/environment.ts";
import { parsePorts } from "../../src/machine/port.ts";
import { defaultMemoryBytes, mebibytesOf, parseMemory } from "../../src/machine/size.ts";
import { splitAtStop } from "../../src/machine/stop-word.ts";

test.each([
  ["64Mi", 64 * 2 ** 20],
  ["64M", 64_000_000],
  ["1G", 1_000_000_000],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["2097152", 2 ** 21],
  ["1048576.5", 2 ** 20 + 1],
  ["1e9", 1_000_000_000],
  [".5Gi", 2 ** 29],
  ["2048Ki", 2 ** 21],
  [" 1Mi ", 2 ** 20],
])("%s of memory is a number of bytes", (text, bytes) => {
  expect(parseMemory(text)).toEqual({ kind: "memory", bytes });
});

test.each([
  ["", " is not an amount of memory, such as 64Mi or 1Gi"],
  ["lots", "lots is not an amount of memory, such as 64Mi or 1Gi"],
  ["64MB", "64MB is not an amount of memory; did you mean 64Mi?"],
  ["64m", "64m is not an amount of memory; did you mean 64Mi?"],
  ["-1Gi", "-1Gi is not an amount of memory, such as 64Mi or 1Gi"],
  ["1 Gi", "1 Gi is not an amount of memory, such as 64Mi or 1Gi"],
  ["1023Ki", "1023Ki is too little: memory must be at least 1Mi"],
  ["99999999Pi", "99999999Pi is more than any machine has"],
])("%j is refused as an amount of memory", (text, reason) => {
  expect(parseMemory(text)).toEqual({ kind: "refused", reasons: [reason] });
});

test("memory is given in whole mebibytes, never too few", () => {
  expect([1, 2 ** 20, 2 ** 20 + 1].map(mebibytesOf)).toEqual([1, 1, 2]);
});

test("a machine has 64 MiB, or four times what is loaded", () => {
  const mebibyte = 2 ** 20;
  expect(defaultMemoryBytes(mebibyte, 0)).toBe(64 * mebibyte);
  expect(defaultMemoryBytes(2 * mebibyte, 20 * mebibyte + 1)).toBe(96 * mebibyte);
});

/** As `docker ps` writes them. */
function portsOf(...texts: string[]): string[] {
  const parsed = parsePorts(texts);
  if (parsed.kind === "refused") return [...parsed.reasons];
  return parsed.ports.map(
    ({ hostAddress = "*", hostPort, guestPort, protocol }) =>
      `${hostAddress}:${hostPort}->${guestPort}/${protocol}`,
  );
}

test.each([
  ["8080:80", ["*:8080->80/tcp"]],
  ["53:53/udp", ["*:53->53/udp"]],
  ["127.0.0.1:8080:80", ["127.0.0.1:8080->80/tcp"]],
  ["0.0.0.0:8080:80/tcp", ["*:8080->80/tcp"]],
  ["8000-8001:80-81", ["*:8000->80/tcp", "*:8001->81/tcp"]],
])("%s maps ports", (text, ports) => {
  expect(portsOf(text)).toEqual(ports);
});

test.each([
  ["8080", "8080 is not of the form [address:]host:guest[/protocol]"],
  ["8080:", "8080: is not of the form [address:]host:guest[/protocol]"],
  ["0:80", "0:80: a port is a number from 1 to 65535, a range two of them"],
  ["1:65536", "1:65536: a port is a number from 1 to 65535, a range two of them"],
  ["81-80:80-81", "81-80:80-81: a port is a number from 1 to 65535, a range two of them"],
  ["80-82:80-81", "80-82:80-81: the ranges differ in length"],
  ["80:80/sctp", "80:80/sctp: the protocol is tcp or udp, not sctp"],
  ["localhost:80:80", "localhost:80:80: localhost is not an IPv4 address"],
  ["[::1]:80:80", "[::1]:80:80: [::1] is not an IPv4 address"],
  ["1-2000:1-2000", "more than 1000 ports are forwarded"],
])("%s is refused as a port", (text, reason) => {
  expect(portsOf(text)).toEqual([reason]);
});

test("a port of the host is given away once", () => {
  expect(portsOf("80:1", "80:2")).toEqual(["port 80/tcp of the host is forwarded twice"]);
  expect(portsOf("127.0.0.1:80:1", "80:2")).toHaveLength(1);
  expect(portsOf("80:1", "127.0.0.1:80:2")).toHaveLength(1);
  expect(portsOf("80:1", "80:1/udp", "127.0.0.1:81:1", "127.0.0.2:81:1")).toHaveLength(4);
});

test("every mistaken port is told at once", () => {
  expect(portsOf("x", "1:2/y")).toHaveLength(2);
});

test("the last entry for a variable counts, and a bare name means the host's value", () => {
  const host = { HOME: "/root", EMPTY: "" };
  expect(environmentOf(["A=1", "HOME", "B=x=y", "UNSET", "EMPTY", "A=2"], host)).toEqual([
    "A=2",
    "HOME=/root",
    "B=x=y",
    "EMPTY=",
  ]);
});

test.each<[string[], string[], string[]]>([
  [["/nginx", "-c", "x"], [], ["/nginx", "-c", "x"]],
  [["a.b=c", "--", "/nginx"], ["a.b=c"], ["/nginx"]],
  [["a.b=c", "--", "x", "--", "y"], ["a.b=c"], ["x", "--", "y"]],
  [["--", "x"], [], ["x"]],
  [["nginx", "--", "-x"], [], ["nginx", "--", "-x"]],
  [["/opt/app.v1=x", "--", "-x"], [], ["/opt/app.v1=x", "--", "-x"]],
  [["a.b=[", '"c"', "d]", "e.f=g", "--"], ['a.b=[ "c" d]', "e.f=g"], []],
  [["a.b=c"], [], ["a.b=c"]],
])("%j is parameters and arguments", (command, kernelArgs, args) => {
  expect(splitAtStop(command)).toEqual({ kernelArgs, args });
});
