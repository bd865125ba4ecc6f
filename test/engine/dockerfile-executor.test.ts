import { expect, test } from "vitest";

import { executorOf } from "../../src/engine/dockerfile-executor.ts";
import type { Settings } from "../../src/workspace/config.ts";

/** What is decided with `executor` and `buildkit` set, on a machine with `programs`. */
function decided(
  executor: string,
  {
    buildkit,
    programs = [],
    obstacle,
  }: Readonly<{
    buildkit?: string;
    programs?: readonly string[];
    obstacle?: string;
  }> = {},
) {
  const values = { "dockerfile.executor": executor, "dockerfile.buildkit": buildkit };
  const entries = Object.entries(values).map(([key, value]) => [key, { value, origin: "test" }]);
  const settings = { values: Object.fromEntries(entries) as Settings["values"] };
  return executorOf(
    { ...settings, components: new Map(), configNames: [] },
    {
      hasProgram: (name) => programs.includes(name),
      obstacle: () => obstacle,
    },
  );
}

const all = ["buildctl", "docker", "buildah", "podman"];
const obstacle = "unshare: Operation not permitted";

test("where the engine can run commands it carries out Dockerfiles, whatever address is known", () => {
  const found = decided("auto", { buildkit: "tcp://builder:1234", programs: all });
  expect(found).toEqual({ kind: "embedded" });
});

test("where it cannot, BuildKit goes before buildah, if its address and client are there", () => {
  const builder = (name: string) => ({ kind: "builder", builder: name, isForRunsOnly: true });
  const buildkit = "unix:///run/buildkit.sock";
  expect(decided("auto", { obstacle, buildkit, programs: all })).toEqual(builder("buildctl"));
  expect(decided("auto", { obstacle, buildkit: "docker", programs: all })).toEqual(
    builder("docker"),
  );
  expect(decided("auto", { obstacle, buildkit, programs: ["podman"] })).toEqual(builder("podman"));
  expect(decided("auto", { obstacle, programs: all })).toEqual(builder("buildah"));
});

test("where nothing can build, it is said what to install", () => {
  expect(decided("auto", { obstacle, programs: ["docker"] })).toEqual({
    kind: "embedded",
    obstacle: `${obstacle}; install buildah or podman, or set dockerfile.buildkit to the address of BuildKit`,
  });
});

test("what is asked for by name is not tried first", () => {
  const builder = (name: string) => ({ kind: "builder", builder: name, isForRunsOnly: false });
  expect(decided("embedded", { obstacle })).toEqual({ kind: "embedded" });
  expect(decided("buildkit")).toEqual(builder("buildctl"));
  expect(decided("buildkit", { buildkit: "docker" })).toEqual(builder("docker"));
  expect(decided("buildah")).toEqual(builder("buildah"));
  expect(decided("buildah", { programs: ["podman"] })).toEqual(builder("podman"));
});
