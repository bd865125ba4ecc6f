import { expect, test } from "vitest";

import { describeSource } from "../../../src/action/remote-source.ts";
import { type Built, build, scriptOf } from "./unikraft-rig.ts";

const targets = "targets: [qemu/x86_64]\n";

/** What is fetched: the name of where it is put, from where, and what of it. */
function fetched(built: Built): string[] {
  return built.withMnemonic("Fetch").map((action) => {
    if (action.kind !== "fetch") throw new Error("it is no fetch");
    return `${named(action.outputs[0])} ${describeSource(action.source)}`;
  });
}

/** `path` less what tells it from others of the same name. */
function named(path: string): string {
  return path.replace(/~[0-9a-f]{8}$/, "");
}

/** `L` of the call of make that configures. */
function librariesOf(built: Built): string {
  const [configure] = built.withMnemonic("Configure");
  return /L=(\S*)/.exec(scriptOf(configure))?.[1] ?? "none";
}

test("libraries are linked in the order that the core needs, whatever a Kraftfile's", () => {
  const order = (names: readonly string[]): string => {
    const libraries = names.map((name) => `  ${name}: {source: /libs/${name}}\n`).join("");
    const text = `spec: v0.6\nunikraft: {source: /core}\nlibraries:\n${libraries}${targets}`;
    const files = Object.fromEntries(names.map((name) => [`/libs/${name}/Makefile.uk`, ""]));
    const built = build({ ...files, "/core/Makefile": "", "apps/x/Kraftfile": text });
    expect(built.printed).toBe("");
    return librariesOf(built).replaceAll('"$root"/libs/', "");
  };
  expect(order(["zlib", "lwip", "musl", "libgo", "compiler-rt", "libcxx", "libcxxabi"])).toBe(
    "libcxxabi:libcxx:compiler-rt:libgo:musl:lwip:zlib",
  );
  expect(order(["lwip", "pthread-embedded", "newlib", "libunwind"])).toBe(
    "libunwind:newlib:pthread-embedded:lwip",
  );
  // Two C libraries would be a mistake of the user's; musl alone counts as the one.
  expect(order(["newlib", "lwip", "musl"])).toBe("musl:lwip:newlib");
});

test("a component with only a version is fetched from its public repository", () => {
  const text = `spec: v0.6
unikraft: 0.16.3
libraries:
  lwip: stable
  musl: {version: 0.16.3}
  redis: {version: 4de7d5a}
${targets}`;
  expect(fetched(build({ "apps/x/Kraftfile": text }))).toEqual([
    "external/unikraft https://github.com/unikraft/unikraft.git at RELEASE-0.16.3",
    "external/musl https://github.com/unikraft/lib-musl.git at RELEASE-0.16.3",
    "external/lwip https://github.com/unikraft/lib-lwip.git at stable",
    "external/redis https://github.com/unikraft/lib-redis.git at 4de7d5a",
  ]);
});

test("a repository's own reference counts more than a version, and none is its default branch", () => {
  const text = `spec: v0.6
unikraft: {source: 'https://example.com/core.git?branch=mine', version: 0.16.3}
libraries:
  lwip: {source: 'https://example.com/lwip.git', version: 0.2.0}
  musl: {source: 'https://example.com/musl.git'}
${targets}`;
  expect(fetched(build({ "apps/x/Kraftfile": text }))).toEqual([
    "external/unikraft https://example.com/core.git at mine",
    "external/musl https://example.com/musl.git",
    "external/lwip https://example.com/lwip.git at RELEASE-0.2.0",
  ]);
});

test("a repository is fetched once for all packages, and once for each reference", () => {
  const kraftfile = (version: string): string =>
    `spec: v0.6\nunikraft: {version: ${version}}\n${targets}`;
  const built = build({
    "apps/a/Kraftfile": kraftfile("0.16.3"),
    "apps/b/Kraftfile": kraftfile("0.16.3"),
    "apps/c/Kraftfile": kraftfile("staging"),
  });
  expect(fetched(built)).toEqual([
    "external/unikraft https://github.com/unikraft/unikraft.git at RELEASE-0.16.3",
    "external/unikraft https://github.com/unikraft/unikraft.git at staging",
  ]);
});

test("where a source is seen depends on its address alone, and not on what else is built", () => {
  const kraftfile = (version: string): string =>
    `spec: v0.6\nunikraft: {version: ${version}}\n${targets}`;
  const placesIn = (...versions: readonly string[]): ReadonlyMap<string, string> => {
    const files = versions.map((one, i) => [`apps/${i}/Kraftfile`, kraftfile(one)] as const);
    const built = build(Object.fromEntries(files));
    const fetches = built.withMnemonic("Fetch");
    return new Map(fetches.map(({ subject = "", outputs }) => [subject, outputs[0]]));
  };
  const both = placesIn("0.16.3", "staging");
  expect(new Set(both.values()).size).toBe(2);
  for (const version of ["0.16.3", "staging"]) {
    for (const [subject, path] of placesIn(version)) expect(both.get(subject)).toBe(path);
  }
  expect(placesIn("staging", "0.16.3")).toEqual(new Map([...both].reverse()));
});

test("archives are fetched, or unpacked where they are files of the user", () => {
  const text = `spec: v0.6
unikraft: {source: 'https://me:secret@example.com/core-0.16.tar.gz'}
libraries: {lwip: {source: ./lwip.zip}, musl: {source: ../../../musl.tar.xz}}
${targets}`;
  const files = { "apps/x/lwip.zip": "", "/musl.tar.xz": "", "apps/x/Kraftfile": text };
  const built = build(files);
  expect(built.printed).toBe("");
  expect(fetched(built)).toEqual(["external/unikraft https://example.com/core-0.16.tar.gz"]);
  expect(
    built.withMnemonic("Unpack").map(({ inputs, outputs }) => [inputs, named(outputs[0])]),
  ).toEqual([
    [["external/musl.archive/musl.tar.xz"], "external/musl"],
    [["apps/x/lwip.zip"], "external/lwip"],
  ]);
  expect(built.components).toEqual({ "external/musl.archive": "/" });
});

test("only fetching may reach the network, and of the user's it knows no credentials", () => {
  const text = `spec: v0.6\nunikraft: {source: 'https://me:secret@example.com/core.git'}\n${targets}`;
  const { actions } = build({ "apps/x/Kraftfile": text });
  expect(actions.filter((action) => "network" in action)).toEqual([]);
  const [fetch] = actions.filter(({ kind }) => kind === "fetch");
  expect(fetch).toMatchObject({
    subject: "https://example.com/core.git",
    inputs: [],
    resources: { network: 1 },
  });
});

test("what the workspace says about a component counts more than what a Kraftfile says", () => {
  const text = `spec: v0.6
unikraft: stable
libraries: {lwip: {source: ./no-such-directory}, musl: stable}
${targets}`;
  const built = build({
    "kraft.workspace.yaml": "version: 1\ncomponents: {unikraft: ../core, lwip: libs/lwip}\n",
    "/core/Makefile": "",
    "libs/lwip/Makefile.uk": "",
    "apps/x/Kraftfile": text,
  });
  expect(built.printed).toBe("");
  expect(fetched(built)).toEqual([
    "external/musl https://github.com/unikraft/lib-musl.git at stable",
  ]);
  expect(built.components).toEqual({ "external/unikraft": "/core" });
  const [skeletons] = [built.withMnemonic("Skeleton").map(({ subject }) => subject)];
  expect(skeletons.map((path = "") => named(path))).toEqual([
    "external/unikraft",
    "external/musl",
    "libs/lwip",
    "apps/x",
  ]);
});

test("all images of a component share the tool that resolves options, and its skeleton", () => {
  const text = `spec: v0.6\nunikraft: {source: ../../core}\ntargets: [qemu/x86_64, fc/x86_64]\n`;
  const built = build({
    "core/Makefile": "",
    "apps/a/Kraftfile": text,
    "apps/b/Kraftfile": text,
  });
  expect(built.withMnemonic("HostTools").map(({ subject }) => subject)).toEqual([
    "core/support/kconfig",
  ]);
  expect(built.withMnemonic("Skeleton").map(({ subject }) => subject)).toEqual([
    "core",
    "apps/a",
    "apps/b",
  ]);
});

test("no action has a path of the machine in it", () => {
  const text = `spec: v0.6\nunikraft: {source: ../../../elsewhere/core}\n${targets}`;
  const { actions, components } = build({
    "/elsewhere/core/Makefile": "",
    "apps/x/Kraftfile": text,
  });
  expect(components).toEqual({ "external/unikraft": "/elsewhere/core" });
  expect(actions.length).toBeGreaterThan(0);
  expect(actions.filter((action) => /elsewhere|\/w\//.test(JSON.stringify(action)))).toEqual([]);
});

test("an action sees neither what only says how to build, nor what goes beside the kernel", () => {
  const text = `spec: v0.6\nunikraft: {source: ./core}\nrootfs: ./fs/\n${targets}`;
  const built = build({ Kraftfile: text, "core/Makefile": "", "fs/a": "", "main.c": "" });
  const [, app] = built.withMnemonic("Skeleton");
  expect(app?.without).toEqual({
    ".": [
      "/Kraftfile*",
      "/kraft.yaml",
      "/kraft.yml",
      "/kraft.*.yaml",
      "/Dockerfile*",
      "/.config*",
      "/fs",
      "/core",
    ],
  });
});

for (const [host, target, prefix] of [
  ["x86_64", "x86_64", ""],
  ["x86_64", "arm64", "aarch64-linux-gnu-"],
  ["x86_64", "arm", "arm-linux-gnueabihf-"],
  ["arm64", "x86_64", "x86_64-linux-gnu-"],
  ["arm64", "arm64", ""],
]) {
  test(`on ${host} a kernel for ${target} is made by ${prefix === "" ? "" : prefix}gcc`, () => {
    const text = `spec: v0.6\nunikraft: {source: /core}\ntargets: [qemu/${target}]\n`;
    const files = { "/core/Makefile": "", "apps/x/Kraftfile": text };
    const built = build(files, { hostArchitecture: host ?? "" });
    const [configure] = built.withMnemonic("Configure");
    const [plan] = built.withMnemonic("Plan");
    const [tools] = built.withMnemonic("HostTools");
    const isCross = prefix !== "";
    for (const action of [configure, plan]) {
      const cross = /CROSS_COMPILE=(\S*)/.exec(scriptOf(action))?.[1] ?? "";
      expect(cross).toBe(prefix);
      expect(action?.kind === "command" && action.tools).toContain(`${prefix}gcc`);
    }
    // The tools of the core run here.
    expect(scriptOf(tools)).not.toContain("CROSS_COMPILE");
    expect(JSON.stringify(tools).includes("linux-gnu")).toBe(false);
    expect(configure?.kind === "command" && configure.tools.includes("gcc")).toBe(true);
    expect(isCross).toBe(host !== target);
  });
}

test("the time of a build is the one that it was given, not the clock's", () => {
  const text = `spec: v0.6\nunikraft: {source: /core}\n${targets}`;
  const files = { "/core/Makefile": "", "apps/x/Kraftfile": text };
  const [plan] = build(files, { sourceDateEpoch: 86_400 }).withMnemonic("Plan");
  expect(scriptOf(plan)).toContain("HOSTUTC=1970-01-02T00:00:00+00:00");
});
