import { expect, test } from "vitest";

import { namesForBuilders, textForBuilders } from "../../src/dockerfile/builder-text.ts";
import { parseDockerfile } from "../../src/dockerfile/parse.ts";
import { resolveStages } from "../../src/dockerfile/resolve.ts";

const platform = { os: "linux", architecture: "amd64", variant: "" };

function resolved(text: string) {
  const report = ({ message }: { readonly message: string }): never => {
    throw new Error(message);
  };
  const dockerfile = parseDockerfile({ path: "Dockerfile", text }, report);
  const choice = { buildArgs: {}, platform, buildPlatform: platform };
  const found = dockerfile && resolveStages(dockerfile, choice, report);
  if (found === undefined) throw new Error("there is nothing to build");
  return found;
}

test("builders get the text as it is, less the program that would be fetched to read it", () => {
  const text = "# syntax=docker/dockerfile:1\n# escape=`\nFROM debian:12\nRUN true\n";
  const told = textForBuilders(text, resolved(text));
  expect(told).toBe("# reader=builtin\n# escape=`\nFROM debian:12\nRUN true\n");
});

test("a comment that only looks like a directive stays", () => {
  const text = "FROM scratch\n# syntax=x\nCOPY a /\n";
  expect(textForBuilders(text, resolved(text))).toBe(text);
});

test("an image that is called as a stage gets a name of its own, as does one of variables", () => {
  const text = "ARG V=12\nFROM debian:$V AS one\nFROM nginx AS nginx\nCOPY --from=one /a /\n";
  const found = resolved(text);
  expect(textForBuilders(text, found)).toBe(
    "ARG V=12\nFROM kraft-graph.invalid/image1 AS one\nFROM kraft-graph.invalid/image0 AS nginx\nCOPY --from=one /a /\n",
  );
  expect(namesForBuilders("debian:12", found)).toContain("kraft-graph.invalid/image1");
  expect(namesForBuilders("nginx", found)).toEqual(["kraft-graph.invalid/image0"]);
});

test("an image is known by the name that is written, and by the short one", () => {
  const found = resolved("FROM docker.io/library/debian:latest\nRUN true\n");
  expect(namesForBuilders("docker.io/library/debian:latest", found)).toEqual(
    expect.arrayContaining(["docker.io/library/debian:latest", "debian"]),
  );
});
