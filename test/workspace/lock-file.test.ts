import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Pin, pinName, readLockFile } from "../../src/workspace/lock-file.ts";
import { lockText } from "../../src/workspace/lock-text.ts";
import { parseDocument, plainOf } from "../../src/document/document.ts";
import { isValid, type Schema } from "../rules/unikraft/kraftfile/schema-rig.ts";

const core: Pin = {
  kind: "git",
  url: "https://example.com/core.git",
  reference: "RELEASE-0.16.3",
  ref: "refs/tags/RELEASE-0.16.3",
  commit: "1".repeat(40),
};
const branch: Pin = { ...core, reference: "stable", ref: "refs/heads/stable" };
const head: Pin = {
  kind: "git",
  url: "https://example.com/lwip.git",
  ref: "refs/heads/main",
  commit: "2".repeat(64),
};
const archive: Pin = {
  kind: "archive",
  url: "https://example.com/a.tar.gz",
  sha256: "0".repeat(64),
  sizeBytes: 12,
};
const file: Pin = { ...archive, kind: "file", url: "https://example.com/upstream.zip" };
const all = [file, head, core, archive, branch];

function read(text: string) {
  const printed: string[] = [];
  const pins = readLockFile({ path: "kraft.lock.yaml", text }, (diagnostic) =>
    printed.push(renderDiagnostic(diagnostic)),
  );
  const plain = [...pins.values()].map((pin) => Object.fromEntries(Object.entries(pin)));
  for (const pin of plain) delete pin["at"];
  return { pins: plain, printed };
}

test("a lock file is sorted, a field to a line, and read back as it was", () => {
  const text = lockText({ pins: all, components: [] }, undefined);
  expect(text).toMatchInlineSnapshot(`
    "# Written by kraft-graph: which commit or file each source stands for. "kraft-graph lock" adds
    # what is missing, "kraft-graph lock --update" moves pins. Keep it under version control.

    version: 1
    sources:
      - archive: https://example.com/a.tar.gz
        sha256: "0000000000000000000000000000000000000000000000000000000000000000"
        size: 12
      - git: https://example.com/core.git
        reference: RELEASE-0.16.3
        ref: refs/tags/RELEASE-0.16.3
        commit: "1111111111111111111111111111111111111111"
      - git: https://example.com/core.git
        reference: stable
        ref: refs/heads/stable
        commit: "1111111111111111111111111111111111111111"
      - git: https://example.com/lwip.git
        ref: refs/heads/main
        commit: "2222222222222222222222222222222222222222222222222222222222222222"
      - file: https://example.com/upstream.zip
        sha256: "0000000000000000000000000000000000000000000000000000000000000000"
        size: 12
    "
  `);
  expect(read(text)).toEqual({ pins: [archive, core, branch, head, file], printed: [] });
  expect(lockText({ pins: all.toReversed(), components: [] }, undefined)).toBe(text);
  expect(lockText({ pins: all, components: [] }, text)).toBe(text);
});

test("comments stay with their entries when others come, change and go", () => {
  const text = `# Ours.
version: 1
# All of them.
sources:
  # The core: do not move before the release.
  - git: https://example.com/core.git
    reference: stable # as agreed
    ref: refs/heads/stable
    commit: ${"3".repeat(40)} # the good one

  # lwip
  - git: https://example.com/lwip.git
    ref: refs/heads/main
    commit: ${"2".repeat(64)}
# The end.
`;
  expect(lockText({ pins: [branch, archive, head], components: [] }, text)).toMatchInlineSnapshot(`
    "# Ours.
    version: 1
    # All of them.
    sources:
      - archive: https://example.com/a.tar.gz
        sha256: "0000000000000000000000000000000000000000000000000000000000000000"
        size: 12
      # The core: do not move before the release.
      - git: https://example.com/core.git
        reference: stable # as agreed
        ref: refs/heads/stable
        commit: "1111111111111111111111111111111111111111" # the good one

      # lwip
      - git: https://example.com/lwip.git
        ref: refs/heads/main
        commit: "2222222222222222222222222222222222222222222222222222222222222222"

    # The end.
    "
  `);
  expect(lockText({ pins: [head], components: [] }, text)).toMatchInlineSnapshot(`
    "# Ours.
    version: 1
    # All of them.
    sources:
      # lwip
      - git: https://example.com/lwip.git
        ref: refs/heads/main
        commit: "2222222222222222222222222222222222222222222222222222222222222222"

    # The end.
    "
  `);
});

test("nobody's password gets into a lock file, and it does not tell sources apart", () => {
  const secret = { ...core, url: "https://me:secret@example.com/core.git" };
  expect(lockText({ pins: [secret], components: [] }, undefined)).toBe(
    lockText({ pins: [core], components: [] }, undefined),
  );
  expect(pinName(secret)).toBe(pinName(core));
});

test("what is no pin is told of, with its place", () => {
  const text = `version: 1
sources:
  - git: https://example.com/core.git
    commit: main
  - oci: unikraft.org/base
  - archive: https://example.com/a.tar.gz
    sha256: ${"0".repeat(64)}
    size: -1
`;
  const { pins, printed } = read(text);
  expect(pins).toEqual([]);
  expect(printed).toHaveLength(3);
  expect(printed[1]).toMatchInlineSnapshot(`
    "error[bad-lock]: this is no pin that kraft-graph writes
     --> kraft.lock.yaml:5:5
      |
    5 |   - oci: unikraft.org/base
      |     ^^^^^^^^^^^^^^^^^^^^^^
      = help: remove it, and run "kraft-graph lock""
  `);
  expect(read("version: 2\nsources: []\n").printed.join("\n")).toContain(
    "error[unsupported-version]: this version of kraft.lock.yaml is not known; it must be 1",
  );
  expect(read("[]").printed).toHaveLength(1);
  expect(read("")).toEqual({ pins: [], printed: [] });
});

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/kraft.lock.schema.json"), "utf8"),
) as Schema;

test("what is written is valid by the schema, and what is refused is not", () => {
  const isValidText = (text: string): boolean => {
    const document = parseDocument({ path: "kraft.lock.yaml", text }, () => undefined);
    return document !== undefined && isValid(plainOf(document), schema);
  };
  expect(isValidText(lockText({ pins: all, components: [] }, undefined))).toBe(true);
  const wrong = [
    "version: 2",
    "sources: []",
    "version: 1\nsources: [{git: x, commit: main}]",
    "version: 1\nsources: [{oci: x}]",
    "version: 1\nsources: [{file: x, sha256: abc, size: 1}]",
    `version: 1\nsources: [{file: x, sha256: "${"0".repeat(64)}", size: -1}]`,
  ];
  for (const text of wrong) {
    expect(isValidText(text)).toBe(false);
    if (text !== "sources: []") expect(read(text).printed).not.toEqual([]);
  }
});
