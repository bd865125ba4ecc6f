// How a rule set of one's own says that its targets are booted: the one of docs/rules.md, with a monitor.

import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/rules.md"), "utf8");
const [, hermit = ""] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];

/** As the page says. */
const ours =
  'monitor: { program: "hermit-run", args: ["--mem={memoryMiB}", "{kernel}", "{initrd}", "{args}"] }';

const stated = 'const machine = { platform: "qemu",';

/** A workspace whose targets are booted by `monitor`, which the file `bin/hermit-run` stands in for. */
function hermitRig(monitor: string, script = "#!/bin/sh\nexit 0\n") {
  expect(hermit).toContain(stated);
  expect(page).toContain(ours);
  const here = rig({
    "kraft.workspace.yaml": "version: 1\nrules: [generic, ./rules/hermit.js]\n",
    "kraft.build.yaml":
      "targets:\n  - {name: loader, rule: exec, outs: [loader], command: \"printf '#!/bin/sh\\nshift\\necho process $NAME $*\\n' > $OUT; chmod +x $OUT\"}\n",
    "apps/web/hermit.yaml": "app: web.elf\nloader: //:loader\nargs: [a, b c]\n",
    "apps/web/web.elf": "\x7fELF and more",
    "rules/hermit.js": hermit.replace(stated, `const machine = { ${monitor}, platform: "hermit",`),
    "rules/package.json": '{"type":"module"}\n',
    "bin/hermit-run": script,
  });
  chmodSync(here.path("bin/hermit-run"), 0o755);
  const env = { PATH: `${here.path("bin")}:/usr/bin:/bin` };
  return { ...here, env };
}

test("a monitor of a rule set's own gets files, memory, arguments and variables", async () => {
  const script = `#!/bin/sh
echo "$1 $(basename $2) $(head -c 1 $3 | wc -c) [$4] [$5] $NAME"
`;
  const { run, env } = hermitRig(ours, script);
  const ran = await run(["run", "-M", "64Mi", "-e", "NAME=value", "//apps/web"], { env });
  expect(ran.stdout).toBe("--mem=64 loader 1 [a] [b c] value\n");
  expect(ran.code).toBe(0);
  const other = await run(["run", "//apps/web", "--", "x"], { env });
  expect(other.stdout).toBe("--mem=256 loader 1 [x] [] \n");
});

test("its exit status is the guest's, and what is awaited ends it", async () => {
  const { run, env } = hermitRig(ours, "#!/bin/sh\necho ready\n[ $4 = a ] && exit 3\nsleep 100\n");
  expect((await run(["run", "//apps/web"], { env })).code).toBe(3);
  const words = ["run", "--expect", "ready", "//apps/web", "--", "b"];
  expect((await run(words, { env })).code).toBe(0);
});

test("where it is not, running and doctor say so, and how to get it", async () => {
  const { run } = hermitRig(ours.replace(" }", ', help: "cargo install hermit-run" }'));
  const env = { PATH: "/usr/bin:/bin" };
  const ran = await run(["run", "//apps/web"], { env });
  expect(ran.stderr).toContain("hermit-run is not installed\ncargo install hermit-run\n");
  expect(ran.code).toBe(2);
  const examined = await run(["doctor", "//apps/web", "--output", "json"], { env });
  const { findings } = JSON.parse(examined.stdout) as { findings: { subject: string }[] };
  expect(findings).toContainEqual({
    subject: "hermit-run",
    verdict: "limited",
    detail: "not installed: images cannot be run",
    affects: ["//apps/web:image"],
    help: "cargo install hermit-run",
  });
});

test("a kernel that is a program itself is run as a process", async () => {
  const { run, env } = hermitRig('monitor: { args: ["first", "{args}"] }');
  const ran = await run(["run", "-e", "NAME=value", "//apps/web"], { env });
  expect(ran.stdout).toBe("process value a b c\n");
  expect(ran.code).toBe(0);
});

test("what it cannot be asked for is told before anything is started", async () => {
  const { run, env } = hermitRig(ours);
  const ran = await run(["run", "-p", "8080:80", "--net", "x=tap0", "//apps/web"], { env });
  expect(ran.stderr).toContain("ports cannot be forwarded to machines of this kind\n");
  expect(ran.stderr).toContain("machines of this kind have no names for devices\n");
  expect(ran.code).not.toBe(0);
});

test("a monitor without words is a defect of the rule set, and told as one", async () => {
  const { build } = hermitRig('monitor: { program: "x" }');
  const { text, code } = await build("//apps/web");
  expect(text).toContain(
    "error[broken-rule-set]: the rule hermit_image failed on //apps/web:image: " +
      "the `monitor` of its `machine` has no `args`: a list of words\n",
  );
  expect(code).toBe(2);
});
