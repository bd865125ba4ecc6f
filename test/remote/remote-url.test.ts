import { expect, test } from "vitest";

import { parseRemoteUrl, shownRemoteUrl } from "../../src/remote/remote-url.ts";

test.each([
  ["grpc://cache:9092", { kind: "grpc", target: "cache:9092", isSecure: false }],
  ["grpcs://cache", { kind: "grpc", target: "cache:443", isSecure: true }],
  ["grpc://[::1]:9092/", { kind: "grpc", target: "[::1]:9092", isSecure: false }],
  ["unix:/run/cache.sock", { kind: "grpc", target: "unix:/run/cache.sock", isSecure: false }],
  ["unix:///run/cache.sock", { kind: "grpc", target: "unix:/run/cache.sock", isSecure: false }],
  ["http://cache:8080/a/b/", { kind: "http", url: "http://cache:8080/a/b" }],
  ["https://cache", { kind: "http", url: "https://cache" }],
  ["file:/mnt/share", { kind: "folder", directory: "/mnt/share" }],
  ["file:///mnt/a%20b/", { kind: "folder", directory: "/mnt/a b" }],
])("%s is a place", (text, place) => {
  expect(parseRemoteUrl(text)).toEqual(
    place.kind === "folder" ? place : { ...place, credentials: undefined },
  );
});

test.each([
  "",
  "cache:9092",
  "grpc://",
  "grpc://a/b",
  "ftp://a",
  "file:/",
  "http://a/?x=1",
  "file://host/x",
])("%j is none", (text) => {
  expect(parseRemoteUrl(text)).toBeUndefined();
});

test("a name and a password are taken out of the place, and not shown", () => {
  const text = "https://anna:p%40ss@cache/x";
  expect(parseRemoteUrl(text)).toEqual({
    kind: "http",
    url: "https://cache/x",
    credentials: { user: "anna", password: "p@ss" },
  });
  expect(shownRemoteUrl(text)).toBe("https://(hidden)@cache/x");
  expect(shownRemoteUrl("grpc://cache:1")).toBe("grpc://cache:1");
});
