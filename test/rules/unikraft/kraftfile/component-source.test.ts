import { expect, test } from "vitest";

import {
  componentSourceOf,
  nameOfSource,
} from "../../../../rules/unikraft/kraftfile/component-source.ts";

function sourceOf(text: string) {
  return componentSourceOf(text, { isV07: false, kindOf: () => undefined });
}

test.each([
  ["https://codeload.github.com/unikraft/lib-lwip/tar.gz/refs/tags/v1", "lwip"],
  ["https://codeload.github.com/unikraft/lib-lwip/zip/refs/heads/stable", "lwip"],
  ["https://codeload.github.com/unikraft/lib-lwip/legacy.tar.gz/v1", "lwip"],
  ["https://codeload.github.com/unikraft/lib-lwip/tar.gz/0123abc?token=x", "lwip"],
  ["https://mirror.example.com/unikraft/lib-lwip/tar.gz/refs/tags/v1", "lwip"],
  ["https://api.github.com/repos/unikraft/lib-lwip/tarball/v1", "lwip"],
  ["https://git.example.com/api/v3/repos/unikraft/lib-lwip/zipball", "lwip"],
  ["https://github.com/unikraft/lib-lwip/tarball/stable", "lwip"],
  ["https://github.com/unikraft/lib-lwip/archive/refs/tags/v1.tar.gz?x=y", "lwip"],
  ["https://gitlab.com/a/b/lib-lwip/-/archive/v1/lib-lwip-v1.tar.bz2", "lwip-v1"],
  ["https://sourceforge.net/projects/x/files/lwip.tar.xz/download", "lwip"],
  ["https://example.com/get?file=lwip.tar.zst", "lwip"],
  ["https://example.com/download/42#lib-lwip.tar.gz", "lwip"],
  ["https://example.com/lwip.tzst", "lwip"],
])("there is an archive at %s", (url, name) => {
  const source = sourceOf(url);
  expect(source).toEqual({ kind: "archive", url });
  expect(source && nameOfSource(source)).toBe(name);
});

test.each([
  ["https://github.com/unikraft/lib-lwip.git", "lwip"],
  ["https://github.com/unikraft/tar.gz", "tar.gz"],
  ["https://github.com/zip/lib-tarball", "tarball"],
  ["https://gitlab.com/a/zip/lib-lwip", "lwip"],
  ["https://example.com/lib-lwip#stable", "lwip"],
])("there is a repository at %s", (url, name) => {
  const source = sourceOf(url);
  expect(source).toEqual({ kind: "git", url });
  expect(source && nameOfSource(source)).toBe(name);
});

test("a branch that is called like an archive is one of a repository", () => {
  expect(sourceOf("https://example.com/lwip?branch=v1.tar.gz")).toEqual({
    kind: "git",
    url: "https://example.com/lwip",
    reference: "v1.tar.gz",
  });
});
