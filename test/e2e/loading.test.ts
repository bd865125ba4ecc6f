import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

/** A workspace in which `loadedBy` gives the names of all files of the engine that a command loads. */
function loadingRig(files: Readonly<Record<string, string>>) {
  const { run, place } = rig(files);
  const [loader, list] = [join(place, "loader.mjs"), join(place, "loaded")];
  writeFileSync(
    loader,
    `import module, { register } from "node:module";
import { appendFileSync } from "node:fs";
import { sep } from "node:path";
// What is loaded by \`require\` passes no hooks.
const load = module._load;
module._load = (name, ...rest) => {
  if (name.startsWith("." + sep)) appendFileSync(${JSON.stringify(list)}, name + "\\n");
  return load(name, ...rest);
};
register("data:text/javascript," + encodeURIComponent(\`
  import { appendFileSync } from "node:fs";
  export async function load(url, context, next) {
    if (url.startsWith("file:")) appendFileSync(${JSON.stringify(list)}, url + "\\\\n");
    return next(url, context);
  }\`));`,
  );
  const env = { NODE_OPTIONS: `--import ${loader}` };
  return {
    loadedBy: async (words: readonly string[]) => {
      writeFileSync(list, "");
      const ran = await run(words, { env });
      return {
        ran,
        loaded: readFileSync(list, "utf8")
          .trimEnd()
          .split("\n")
          .map((url) => basename(url)),
      };
    },
  };
}

test("--version loads nothing of the engine but its beginning", async () => {
  const { loadedBy } = loadingRig({});
  const { ran, loaded } = await loadedBy(["--version"]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(loaded).toContain("main.js");
  expect(loaded.filter((name) => !/^main(-[\w-]+)?\.js$/.test(name))).toEqual([]);
});

test("a build loads few files, as each takes time, whatever is in it", async () => {
  const { loadedBy } = loadingRig({
    "kraft.workspace.yaml": "version: 1\n",
    "kraft.build.yaml": "targets: [{name: a, rule: exec, outs: [o], command: echo > $OUT}]\n",
  });
  const { ran, loaded } = await loadedBy(["build", "//:a"]);
  expect(ran).toMatchObject({ code: 0 });
  expect(loaded).toContain("main.js");
  expect(loaded.length).toBeLessThan(30);
});

test.for([
  ["nothing", { "kraft.build.yaml": exec("") }, []],
  ["an anchor", { "kraft.build.yaml": exec("&one ") }, ["yaml.cjs"]],
  [
    "a Dockerfile",
    {
      Kraftfile:
        "spec: v0.6\nunikraft: {source: ./core}\nrootfs: {source: ./Dockerfile}\ntargets: [qemu/x86_64]\n",
      "core/Makefile": "",
      "core/Config.uk": "",
      Dockerfile: "FROM scratch\nCOPY Kraftfile /\n",
    },
    ["dockerfile-ast.cjs"],
  ],
] as const)("of libraries for YAML and Dockerfiles, %s needs %j", async ([, files, libraries]) => {
  const { loadedBy } = loadingRig({ "kraft.workspace.yaml": "version: 1\n", ...files });
  const { ran, loaded } = await loadedBy(["build", "--keep-going", "//..."]);
  expect(ran.stderr).not.toContain("defect");
  expect(loaded.filter((name) => name.endsWith(".cjs"))).toEqual(libraries);
});

function exec(anchor: string): string {
  return `targets:\n  - ${anchor}name: a\n    rule: exec\n    outs: [o]\n    command: "echo > $OUT"\n`;
}
