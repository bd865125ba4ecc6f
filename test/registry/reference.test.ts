import { expect, test } from "vitest";

import { FormatError } from "../../src/format/format-error.ts";
import { formatReference, parseReference } from "../../src/registry/reference.ts";

const sha = `sha256:${"a".repeat(64)}`;

test.each([
  ["alpine", "docker.io/library/alpine:latest"],
  ["alpine:3.20", "docker.io/library/alpine:3.20"],
  ["user/app", "docker.io/user/app:latest"],
  ["docker.io/alpine", "docker.io/library/alpine:latest"],
  ["index.docker.io/user/app:1", "docker.io/user/app:1"],
  ["localhost/app", "localhost/app:latest"],
  ["localhost:5000/foo:latest", "localhost:5000/foo:latest"],
  ["127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest"],
  ["[::1]:5000/app:1", "[::1]:5000/app:1"],
  ["oci://ghcr.io/unikraft/base:1", "ghcr.io/unikraft/base:1"],
  [`ghcr.io/a@${sha}`, `ghcr.io/a@${sha}`],
  [`ghcr.io/a:1@${sha}`, `ghcr.io/a:1@${sha}`],
])("%s is %s as Dockerfiles have it", (text, whole) => {
  expect(formatReference(parseReference(text, "docker"))).toBe(whole);
  expect(formatReference(parseReference(whole, "kraft"))).toBe(whole);
});

test.each([
  ["base", "unikraft.org/base:latest"],
  ["official/nginx:1.25", "unikraft.org/official/nginx:1.25"],
  ["localhost:5000/base", "localhost:5000/base:latest"],
  ["oci://base:latest", "unikraft.org/base:latest"],
])("%s is %s as Kraftfiles have it", (text, whole) => {
  expect(formatReference(parseReference(text, "kraft"))).toBe(whole);
});

test.each([
  "",
  "App",
  "a//b",
  "a:b:c",
  "a:",
  "a@sha256:12",
  "host:port/a",
  "-a/b",
  "a b",
  "ghcr.io/",
  "../a",
  `a@md5:${"a".repeat(32)}`,
])("%j is no name of an image", (text) => {
  expect(() => parseReference(text, "docker")).toThrow(FormatError);
});
