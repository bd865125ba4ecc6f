import { expect, test } from "vitest";

import { cliRig } from "./cli-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic, machines]\n",
  "vm/MACHINES": "q qemu x86_64\nf fc x86_64\n",
  "app/kraft.build.yaml":
    "targets:\n  - {name: t, rule: exec, outs: [a], command: 'echo hi >$OUT', default: true}\n",
};

const commands = ["build", "run", "query", "info", "clean"];

test("the version is printed by itself", async () => {
  const { run } = cliRig();
  for (const word of ["--version", "-v"]) {
    expect(await run(word)).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" });
  }
});

test("help lists every command, and so does no word at all", async () => {
  const { run } = cliRig();
  const help = await run("--help");
  expect(help).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stderr": "",
      "stdout": "kraft-graph builds, packages and boots unikernels: a build graph over Kraftfiles.

    Usage: kraft-graph COMMAND [OPTION…]

      build           build targets and everything they need
      run             build an image and boot it, or boot one of a registry
      watch           build targets, and again whenever a file changes that they depend on
      query           ask what depends on what
      why             say why actions ran, or where their results were from
      ui              show the graph of targets, and builds of it, in a browser
      config          show the options of an image, and where each value is from
      menuconfig      change the options of an image in the core's own menu
      rootfs          show what is in a root file system, and what changed
      lock            say in kraft.lock.yaml which commit or file each source stands for
      vendor          write the locked sources into the workspace, to be built from there
      pkg             package targets as images, push and pull them; list and fetch components
      login           say who to be at a registry
      logout          forget who to be at a registry
      init            make a workspace of a directory, with all build files in it
      doctor          say what this machine lacks to build and to run targets
      info            show what is set, and where it was said
      clean           remove what builds left in the workspace
      cache           show what the cache holds, or make it smaller
      cache verify    look for what is wrong in the cache, or in the remote cache
      cache why-miss  say why results of another machine are of no use here
      cache serve     let other machines and other tools use the local cache

    kraft-graph COMMAND --help tells more about a command; --version prints the version.
    kraft-graph completion bash, zsh or fish prints a script for that shell.
    ",
    }
  `);
  for (const words of [[], ["-h"], ["help"]]) expect(await run(words)).toEqual(help);
});

test("help on each command describes each option and names its value, in one column", async () => {
  const { run } = cliRig();
  for (const command of commands) {
    const { code, stdout, stderr } = await run([command, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toMatch(/#0| VALUE | $/m);
    const options = stdout.split("\n").filter((line) => line.startsWith("  -"));
    const columns = options.map((line) => line.search(/(?<= {2})[a-z]/));
    expect(options.length).toBeGreaterThan(1);
    expect(new Set(columns).size, stdout).toBe(1);
    expect(await run(["help", command])).toEqual({ code, stdout, stderr });
    expect(await run([command, "//app", "-h"])).toEqual({ code, stdout, stderr });
  }
});

test("a command that there is not is refused, with one that is near", async () => {
  const { run } = cliRig();
  expect(await run("buidl //app")).toEqual({
    code: 2,
    stdout: "",
    stderr:
      'error: there is no command "buidl"; did you mean "build"?\nkraft-graph --help lists all commands\n',
  });
  expect((await run("frobnicate")).stderr).toBe(
    'error: there is no command "frobnicate"\nkraft-graph --help lists all commands\n',
  );
});

test("words that no command takes are refused before anything is read", async () => {
  const { run } = cliRig();
  const cases: Readonly<Record<string, string>> = {
    "build --jbos 3": 'unsupported option name ("--jbos"); did you mean --jobs?',
    "clean --frobnicate": 'unsupported option name ("--frobnicate")',
    "build -W": 'unsupported option name ("-W"); did you mean -K?',
    "build --jobs": "not enough arguments to option --jobs",
    "run //a //b": "these are too many arguments",
    query: "not enough positional arguments",
    "info nonsense":
      'invalid value for topic: expected one of "config", "rules", "sandbox", "sources", or "workspace" (got "nonsense")',
  };
  for (const [words, message] of Object.entries(cases)) {
    const [name = ""] = words.split(" ");
    expect(await run(words)).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: ${message}\nkraft-graph ${name} --help lists its options\n`,
    });
  }
});

test("values that no setting takes are shown where they stand", async () => {
  const { run } = cliRig(files);
  expect(await run("build --sandbox=foo -j 0 //app")).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "error[bad-attribute]: \`build.jobs\` is not valid: expected a whole number from 1
     --> --jobs:1:1
      |
    1 | 0
      | ^
    error[bad-attribute]: \`build.sandbox\` is not valid: expected one of auto, none, links, bwrap
     --> --sandbox:1:1
      |
    1 | foo
      | ^^^
    failed: no actions; TIME
    ",
      "stdout": "",
    }
  `);
  expect((await run("build --config no //app")).stderr).toMatchInlineSnapshot(`
    "error[unknown-attribute]: there is no config "no" in \`configs\`
    failed: no actions; TIME
    "
  `);
});

test("a build prints the paths of a single target, and no others", async () => {
  const { run, root } = cliRig(files);
  expect(await run("build //app")).toEqual({
    code: 0,
    stdout: ".kraft/out/app/t/a\n",
    stderr: "[1/1] Exec app/t/a\ndone: 1 action: 1 run; TIME\n",
  });
  expect((await run("build", { directory: "app" })).stdout).toBe("ROOT/.kraft/out/app/t/a\n");
  expect((await run("build //...")).stdout).toBe("");
  expect(root).not.toBe("");
});

test("behind two dashes, patterns may begin with one", async () => {
  const { run } = cliRig(files);
  const { code, stdout } = await run("build -- //... -//vm/...");
  expect({ code, stdout }).toEqual({ code: 0, stdout: ".kraft/out/app/t/a\n" });
});

test("what is behind two dashes is no option of run, nor its target", async () => {
  const { run } = cliRig(files);
  const { code, stderr } = await run("run //app -- --frobnicate more words");
  expect(code).toBe(2);
  expect(stderr).toContain("error[not-runnable]: //app:t cannot be booted\n");
});

test("the value of a short option may follow it at once, as in make", async () => {
  const { run } = cliRig(files);
  expect((await run("build -j2 //app")).code).toBe(0);
  expect((await run("build -j2x //app")).stderr).toContain("expected a whole number from 1");
});

test("events go to a file or, alone, to the standard output", async () => {
  const { run } = cliRig(files);
  const { stdout } = await run("build --events - //app");
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { kind: string });
  expect(events[0]?.kind).toBe("started");
  expect(events.at(-1)).toMatchObject({ kind: "finished", ok: true, actions: { executed: 1 } });
  const refused = await run("build --events /dev/null/x //app");
  expect(refused).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: /dev/null/x: cannot be written (EEXIST)\n",
  });
});

test("the exit code is 1 for a failure, 2 for what is wrong, 130 for an interrupt", async () => {
  const { run, write } = cliRig(files);
  expect((await run("build //nope")).code).toBe(2);
  expect((await run("query //nope")).code).toBe(2);
  expect((await run("query deps(")).code).toBe(2);
  const interrupt = new AbortController();
  interrupt.abort();
  expect((await run("build //app", { signal: interrupt.signal })).code).toBe(130);
  write(
    "app/kraft.build.yaml",
    "targets:\n  - {name: t, rule: exec, outs: [a], argv: ['false']}\n",
  );
  expect((await run("build //app:t")).code).toBe(1);
  expect((await run("run //app:t")).code).toBe(1);
  const nowhere = cliRig();
  for (const words of ["build", "run", "query //a", "info", "clean"]) {
    expect((await nowhere.run(words)).code, words).toBe(2);
  }
});

test("a query is answered on the standard output", async () => {
  const { run } = cliRig(files);
  expect(await run("query //vm:all + //app")).toEqual({
    code: 0,
    stdout: "//app:t\n//vm:f\n//vm:q\n",
    stderr: "",
  });
});

test("info tells of settings with their origin, of rules, the sandbox and the workspace", async () => {
  const { run } = cliRig(files);
  const config = (await run("info config")).stdout;
  expect(config).toMatch(/^name = w +\(kraft\.workspace\.yaml:2\)$/m);
  expect(config).toMatch(/^build\.sandbox = links +\(KRAFT_GRAPH_BUILD_SANDBOX\)$/m);
  expect((await run("info rules")).stdout).toContain("machines (MACHINES)\n  kernel: stands for");
  expect((await run("info sandbox")).stdout).toBe("links: it was asked for\n");
  expect((await run("info workspace")).stdout).toBe(
    "root      ROOT\noutputs   ROOT/.kraft/out\nversion   1.2.3\n",
  );
  const all = (await run("info")).stdout;
  expect(all.match(/^\w+:$/gm)).toEqual([
    "config:",
    "rules:",
    "sandbox:",
    "sources:",
    "workspace:",
  ]);
});

test("headers for a remote are not shown, as they may be passwords", async () => {
  const { run } = cliRig({
    "kraft.workspace.yaml":
      "version: 1\nrules: []\nremote: {headers: {authorization: Bearer hunter2}, cache: 'https://me:hunter2@host/x'}\n",
  });
  const { stdout } = await run("info config");
  expect(stdout).toContain("remote.cache = https://(hidden)@host/x");
  expect(stdout).toContain('remote.headers = ["authorization: ***"]');
  expect(stdout).not.toContain("hunter2");
});

test("clean says nothing, and with the cache how much it freed", async () => {
  const { run } = cliRig(files);
  await run("build //app");
  expect(await run("clean")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect((await run("build //app")).stderr).toContain("1 from the local cache");
  expect(await run("clean --cache")).toEqual({
    code: 0,
    stdout: "",
    stderr: "freed 0.0 MiB in ROOT/.kraft/cache\n",
  });
  expect((await run("build //app")).stderr).toContain("1 run");
});

test("what is no image cannot be run, nor can several at a time", async () => {
  const { run } = cliRig(files);
  const none = await run("run //app");
  expect(none.code).toBe(2);
  expect(none.stderr).toMatchInlineSnapshot(`
    "[1/1] Exec app/t/a
    done: 1 action: 1 run; TIME
    error[not-runnable]: //app:t cannot be booted
     = help: name an image, such as //apps/nginx:qemu-x86_64
    "
  `);
  expect((await run("run //vm:all")).stderr).toContain(
    "error[not-runnable]: only one image can be booted at a time, and these are 2: //vm:f //vm:q\n",
  );
});

test("options of a machine are checked before anything is built, all of them", async () => {
  const { run } = cliRig(files);
  expect(await run("run -M x -p y --timeout z --expect= //vm")).toEqual({
    code: 2,
    stdout: "",
    stderr: [
      "error: x is not an amount of memory, such as 64Mi or 1Gi",
      "error: y is not of the form [address:]host:guest[/protocol]",
      "error: z is no number of seconds",
      "error: --expect needs a text, as every output contains the empty one",
      "",
    ].join("\n"),
  });
});
