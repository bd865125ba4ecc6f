import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Settings, type SettingsRequest, readSettings } from "../../src/workspace/config.ts";
import { knownKeys } from "../../src/workspace/config-file.ts";
import { FileView } from "../../src/workspace/files.ts";
import { settingLines } from "../../src/workspace/setting-lines.ts";
import { type SettingKey, settingTable, variableOf } from "../../src/workspace/setting-table.ts";
import { duration, size } from "../../src/workspace/setting-type.ts";
import { memoryDisk } from "./memory-disk.ts";

interface Given extends Partial<Omit<SettingsRequest, "files" | "report" | "host">> {
  readonly workspace?: string;
  readonly user?: string;
  readonly system?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function read({ workspace = "version: 1\n", user, system, env = {}, ...request }: Given): {
  settings: Settings;
  printed: string;
} {
  const printed: string[] = [];
  const disk = memoryDisk({
    "/w/kraft.workspace.yaml": workspace,
    ...(user === undefined ? {} : { "/home/me/.config/kraft-graph/config.yaml": user }),
    ...(system === undefined ? {} : { "/etc/kraft-graph/config.yaml": system }),
  });
  const settings = readSettings({
    root: "/w",
    workspaceFile: "/w/kraft.workspace.yaml",
    files: new FileView(disk),
    host: { env: { HOME: "/home/me", ...env }, cpus: 6, workingDirectory: "/w/apps" },
    builtInRules: ["unikraft", "generic"],
    report: (diagnostic) => printed.push(renderDiagnostic(diagnostic)),
    ...request,
  });
  return { settings, printed: printed.join("\n") };
}

function lineOf(settings: Settings, key: string): string {
  const line = settingLines(settings).find((one) => one.key === key);
  return line === undefined ? "none" : `${line.value} <- ${line.origin}`;
}

test("without a word from anybody, every setting has its default", () => {
  const { settings, printed } = read({});
  expect(printed).toBe("");
  expect(settingLines(settings).map(({ key, value }) => `${key}: ${value}`)).toEqual([
    "build.compress: none",
    "build.compressLayers: none",
    "build.jobs: 6",
    "build.keepFileOwners: false",
    "build.keepGoing: false",
    "build.path: /usr/local/bin:/usr/bin:/bin",
    "build.sandbox: auto",
    "build.strategy: ",
    "cache.dir: /home/me/.cache/kraft-graph",
    "cache.intermediates: keep",
    "cache.maxAge: 30d",
    "cache.maxSize: 10GiB",
    "dockerfile.args: ",
    "dockerfile.buildkit: ",
    "dockerfile.ca: ",
    "dockerfile.certificate: ",
    "dockerfile.executor: auto",
    "dockerfile.images: ",
    "dockerfile.key: ",
    "dockerfile.secrets: ",
    "dockerfile.target: ",
    "name: w",
    "packages: ",
    "provides: ",
    "remote.ca: ",
    "remote.cache: ",
    "remote.certificate: ",
    "remote.download: all",
    "remote.executions: 64",
    "remote.executor: ",
    "remote.headerHelper: ",
    "remote.headers: ",
    "remote.instance: ",
    "remote.key: ",
    "remote.platform: ",
    "remote.scope: ",
    "remote.signKey: ",
    "remote.timeout: 30s",
    "remote.trustKeys: ",
    "remote.upload: never",
    "rules: unikraft,generic",
    "sources.insecure: ",
    "sources.locked: false",
    "sources.manifests: https://manifests.kraftkit.sh/index.yaml",
    "sources.mirrors: ",
    "sources.offline: false",
    "sources.registries: unikraft.org",
    "sources.vendor: ",
  ]);
  expect(settingLines(settings).every(({ origin }) => origin === "default")).toBe(true);
});

test("a single package without a workspace file has itself for its only package", () => {
  const { settings } = read({ workspaceFile: undefined });
  expect(settings.values.packages).toEqual({ value: ["."], origin: "default" });
});

test("later layers win, and each value says where it was said", () => {
  const jobs = (number: number): string => `build: {jobs: ${number}}\n`;
  const layers: Given = {
    system: jobs(1),
    user: jobs(2),
    workspace: `version: 1\n${jobs(3)}configs:\n  ci:\n    ${jobs(4)}  fast: {build: {jobs: 5}}\n`,
    configs: ["ci", "fast"],
    env: { KRAFT_GRAPH_BUILD_JOBS: "7" },
    flags: [{ name: "--jobs", key: "build.jobs", text: "8" }],
  };
  const expected: [keyof Given, string][] = [
    ["flags", "8 <- --jobs"],
    ["env", "7 <- KRAFT_GRAPH_BUILD_JOBS"],
    ["configs", "5 <- kraft.workspace.yaml:6 (config fast)"],
    ["workspace", "3 <- kraft.workspace.yaml:2"],
    ["user", "2 <- /home/me/.config/kraft-graph/config.yaml:1"],
    ["system", "1 <- /etc/kraft-graph/config.yaml:1"],
  ];
  const given: Record<string, unknown> = { ...layers };
  for (const [layer, line] of expected) {
    expect(lineOf(read(given as Given).settings, "build.jobs")).toBe(line);
    delete given[layer];
  }
  expect(lineOf(read({}).settings, "build.jobs")).toBe("6 <- default");
});

test("configs apply in the order in which they were asked for", () => {
  const workspace = "version: 1\nconfigs:\n  a: {build: {jobs: 1}}\n  b: {build: {jobs: 2}}\n";
  const jobsWith = (configs: string[]) =>
    read({ workspace, configs }).settings.values["build.jobs"].value;
  expect([jobsWith(["a", "b"]), jobsWith(["b", "a"])]).toEqual([2, 1]);
});

test("components add up over the layers, and their paths are relative to what says them", () => {
  const { settings, printed } = read({
    user: "components: {unikraft: ~/unikraft, lib-lwip: /src/lwip}",
    workspace: "version: 1\ncomponents:\n  unikraft: ../unikraft\n  lib-musl: third_party/musl\n",
  });
  expect(printed).toBe("");
  expect([...settings.components].map(([name, { value }]) => `${name}: ${value}`)).toEqual([
    "unikraft: /unikraft",
    "lib-lwip: /src/lwip",
    "lib-musl: /w/third_party/musl",
  ]);
  expect(lineOf(settings, "components.unikraft")).toBe("/unikraft <- kraft.workspace.yaml:3");
});

test.each<[SettingKey, string, string]>([
  ["rules", "unikraft,./rules/mine.js", "unikraft,./rules/mine.js"],
  ["sources.registries", "ghcr.io", "ghcr.io"],
  ["cache.dir", "../cache", "/w/cache"],
  ["cache.dir", "~/cache", "/home/me/cache"],
  ["cache.maxSize", "1536MiB", "1536MiB"],
  ["cache.maxSize", "2048", "2KiB"],
  ["cache.maxSize", "1.5G", "1536MiB"],
  ["cache.maxSize", "1 kB", "bad"],
  ["cache.maxAge", "1h30m", "90m"],
  ["cache.maxAge", "2w", "14d"],
  ["cache.maxAge", "90", "bad"],
  ["build.keepGoing", "0", "false"],
  ["build.keepGoing", "yes", "bad"],
  ["build.strategy", "remote,LD=local,//apps/...=race", "remote,LD=local,//apps/...=race"],
  ["build.strategy", "CC=elsewhere", "bad"],
  ["remote.platform", "OSFamily=linux,image=docker://x", "OSFamily=linux,image=docker://x"],
  ["remote.executor", "grpc://me:secret@host:1", "grpc://(hidden)@host:1"],
  ["remote.upload", "ci", "ci"],
  ["remote.upload", "true", "bad"],
  ["remote.cache", "grpcs://me:secret@host:1/", "grpcs://(hidden)@host:1/"],
  [
    "sources.manifests",
    "https://a,https://me:secret@host/i.yaml",
    "https://a,https://(hidden)@host/i.yaml",
  ],
  ["remote.cache", "file:/mnt/cache", "file:/mnt/cache"],
  ["remote.cache", "host:9092", "bad"],
  ["remote.headers", "authorization=Bearer a=b,x=1", "authorization=(hidden),x=(hidden)"],
  ["build.jobs", "0", "bad"],
  ["build.jobs", "1e3", "bad"],
  ["build.sandbox", "bwrap", "bwrap"],
  ["build.sandbox", "docker", "bad"],
])("the variable of %s may be %s: %s", (key, text, value) => {
  const { settings, printed } = read({ env: { [variableOf(key)]: text } });
  const before = lineOf(read({}).settings, key);
  expect(lineOf(settings, key)).toBe(value === "bad" ? before : `${value} <- ${variableOf(key)}`);
  expect(printed.startsWith(`error[bad-attribute]: \`${key}\``)).toBe(value === "bad");
});

test("headers keep what they hold, as only their printing hides it", () => {
  const { settings } = read({ env: { KRAFT_GRAPH_REMOTE_HEADERS: "authorization=Bearer a=b" } });
  expect(settings.values["remote.headers"].value).toEqual({ authorization: "Bearer a=b" });
});

test("every mistake in the files and variables is reported, with what was meant", () => {
  const { printed } = read({
    user: "name: mine\nbuild: [1]\n",
    workspace: `version: 2
pakcages: [apps/*]
jobs: 3
x-team: {anything: 1}
cache:
  dri: /cache
  maxSize: huge
remote:
build:
  sandbox: chroot
configs:
  ci: {name: x, build: {jobs: many}}
  bad: 3
components:
  unikraft: [a]
`,
    configs: ["ic", "ci"],
    env: { KRAFT_GRAPH_BUILD_JBOS: "1", KRAFT_GRAPH_CACHE_MAX_AGE: "soon" },
  });
  expect(`${printed}\n`).toMatchInlineSnapshot(`
    "error[unknown-attribute]: the configuration has no key "name"
     --> /home/me/.config/kraft-graph/config.yaml:1:1
      |
    1 | name: mine
      | ^^^^
      = help: it belongs into kraft.workspace.yaml
    error[wrong-type]: \`build\` must be a map
     --> /home/me/.config/kraft-graph/config.yaml:2:8
      |
    2 | build: [1]
      |        ^^^
    error[unsupported-version]: this version of the configuration is not known; it must be 1
     --> kraft.workspace.yaml:1:10
      |
    1 | version: 2
      |          ^
    error[unknown-attribute]: the configuration has no key "pakcages"
     --> kraft.workspace.yaml:2:1
      |
    2 | pakcages: [apps/*]
      | ^^^^^^^^
      = help: did you mean "packages"?
    error[unknown-attribute]: the configuration has no key "jobs"
     --> kraft.workspace.yaml:3:1
      |
    3 | jobs: 3
      | ^^^^
      = help: did you mean "build.jobs"?
    error[unknown-attribute]: "cache" has no key "dri"
     --> kraft.workspace.yaml:6:3
      |
    6 |   dri: /cache
      |   ^^^
      = help: did you mean "dir"?
    error[unknown-attribute]: the configuration has no key "name"
      --> kraft.workspace.yaml:12:8
       |
    12 |   ci: {name: x, build: {jobs: many}}
       |        ^^^^
       = help: it belongs into kraft.workspace.yaml
    error[wrong-type]: the config "bad" must be a map
      --> kraft.workspace.yaml:13:8
       |
    13 |   bad: 3
       |        ^
    error[unknown-attribute]: there is no config "ic" in \`configs\`
     = help: did you mean "ci"?
    warning[unknown-attribute]: the variable KRAFT_GRAPH_BUILD_JBOS is no setting
     = help: did you mean "KRAFT_GRAPH_BUILD_JOBS"?
    error[bad-attribute]: \`cache.maxSize\` is not valid: expected a size such as 10GiB or 500MB
     --> kraft.workspace.yaml:7:12
      |
    7 |   maxSize: huge
      |            ^^^^
    error[bad-attribute]: \`build.sandbox\` is not valid: expected one of auto, none, links, bwrap
      --> kraft.workspace.yaml:10:12
       |
    10 |   sandbox: chroot
       |            ^^^^^^
    error[bad-attribute]: \`components.unikraft\` is not valid: expected a path
      --> kraft.workspace.yaml:15:13
       |
    15 |   unikraft: [a]
       |             ^^^
    error[bad-attribute]: \`build.jobs\` is not valid: expected a whole number from 1
      --> kraft.workspace.yaml:12:31
       |
    12 |   ci: {name: x, build: {jobs: many}}
       |                               ^^^^
    error[bad-attribute]: \`cache.maxAge\` is not valid: expected a time such as 30d, 12h or 90s
     --> KRAFT_GRAPH_CACHE_MAX_AGE:1:1
      |
    1 | soon
      | ^^^^
    "
  `);
});

test.each([
  ["version", "unikraft: 1\n", `error[unknown-attribute]`],
  ["list", "- a\n", "error[wrong-type]"],
  ["text", "just text\n", "error[wrong-type]"],
])("a file that is no configuration is reported: %s", (_title, workspace, start) => {
  expect(read({ workspace }).printed).toContain(start);
});

test("an empty workspace file is one without a version", () => {
  expect(read({ workspace: "# ours\n" }).printed).toBe(
    [
      "warning[missing-attribute]: this file does not say which version of the configuration it has",
      " --> kraft.workspace.yaml:1:1",
      "  |",
      "1 | # ours",
      "  | ^",
      '  = help: begin it with "version: 1"',
    ].join("\n"),
  );
});

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/kraft.workspace.schema.json"), "utf8"),
) as Schema;

interface Schema {
  readonly $ref?: string;
  readonly $defs: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
  readonly pattern?: string;
}

/** What `$ref` leads to, if there is one. */
function behind(one: Schema): Schema {
  const name = /^#\/\$defs\/(.*)$/.exec(one.$ref ?? "")?.[1];
  return name === undefined ? one : schema.$defs[name]!;
}

test("the schema has the keys that the reader knows, at each level", () => {
  const levels = [...knownKeys].map(([level, keys]): [string, string[]] => [
    level,
    keys.toSorted(),
  ]);
  const inSchema = levels.map(([level]): [string, string[]] => {
    const at = level === "" ? schema : behind(schema.properties![level]!);
    return [level, Object.keys(at.properties ?? {}).sort()];
  });
  expect(inSchema).toEqual(levels);
  const inConfigs = Object.keys(schema.$defs["config"]!.properties!);
  expect(inConfigs.sort()).toEqual([
    "build",
    "cache",
    "components",
    "dockerfile",
    "remote",
    "sources",
  ]);
});

test("the schema takes the sizes, times and words that the reader takes", () => {
  const cache = behind(schema.properties!["cache"]!).properties!;
  const at = { source: { path: "", text: "" }, start: 0, end: 0 };
  const isRead = (type: typeof size, text: string): boolean =>
    type.read(
      { kind: "scalar", at, value: text, text, isQuoted: true },
      {
        directory: "/",
        home: undefined,
      },
    ) !== undefined;
  const part = fc.constantFrom("1", "30", ".", ".5", "K", "i", "B", "GiB", "m", "s", "d", " ", "x");
  const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (written) => {
      expect(new RegExp(behind(cache["maxSize"]!).pattern!).test(written)).toBe(
        isRead(size, written),
      );
      expect(new RegExp(behind(cache["maxAge"]!).pattern!).test(written)).toBe(
        isRead(duration, written),
      );
    }),
    { numRuns: 1000 },
  );
  const sandbox = behind(schema.properties!["build"]!).properties!["sandbox"]!;
  expect(settingTable["build.sandbox"].type).toBe(`one of ${sandbox.enum!.join(", ")}`);
});

test("sizes and times are printed so that they are read as what they were", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 48), fc.nat(2 ** 40), (bytes, ms) => {
      const { settings } = read({
        env: { KRAFT_GRAPH_CACHE_MAX_SIZE: `${bytes}`, KRAFT_GRAPH_CACHE_MAX_AGE: `${ms}ms` },
      });
      const lines = new Map(settingLines(settings).map(({ key, value }) => [key, value]));
      const again = read({
        env: {
          KRAFT_GRAPH_CACHE_MAX_SIZE: lines.get("cache.maxSize")!,
          KRAFT_GRAPH_CACHE_MAX_AGE: lines.get("cache.maxAge")!,
        },
      }).settings.values;
      expect(again["cache.maxSize"].value).toBe(bytes);
      expect(again["cache.maxAge"].value).toBe(ms);
    }),
  );
});
