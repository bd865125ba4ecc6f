import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";
import { compileAction, compileRig, optionHeader } from "./compile-rig.ts";
import { executionRig, outs, rule } from "./execution-rig.ts";

const main = "#include <a.h>\nint main(void) { return A; }\n";

test("an unchanged source is known, a comment preprocessed, a change compiled, and going back recalled", async () => {
  const { write, build } = compileRig({ "app/main.c": main, "one/a.h": "#define A 1\n" });
  expect(await build()).toBe("compiled");
  expect(await build()).toBe("known");
  write("one/a.h", "#define A 1 /* the same */\n");
  expect(await build()).toBe("preprocessed");
  write("one/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
  write("one/a.h", "#define A 1\n");
  expect(await build()).toBe("recalled");
});

test("the time of a result is that of both steps, which who has it spares", async () => {
  const { write, build } = executionRig();
  for (const path of ["one/a.h", "two/.keep"]) write(path, "#define A 1\n");
  write("app/main.c", main);
  const { events, equipment } = await build([compileAction({})]);
  const wallMs = equipment.records.durationOf(`${outs}/main.o`);
  expect(wallMs).toBeGreaterThan(0);
  expect(events.at(-1)).toMatchObject({ kind: "action-finished", outcome: "executed", wallMs });
});

test("files that were not read do not matter", async () => {
  const { write, build } = compileRig({ "app/main.c": main, "one/a.h": "#define A 1\n" });
  await build();
  write("one/b.h", "#define A 9\n");
  write("app/other.c", "int other;\n");
  write("two/a.h", "#define A 3\n");
  expect(await build()).toBe("known");
});

test("a header that comes to be earlier in the search path is the one, until it goes", async () => {
  const { write, remove, build } = compileRig({ "app/main.c": main, "two/a.h": "#define A 1\n" });
  await build();
  write("one/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
  remove("one/a.h");
  expect(await build()).toBe("recalled");
});

test("a header that comes to be beside its includer is the one", async () => {
  const files = { "app/main.c": '#include "a.h"\nint main(void) { return A; }\n' };
  const { write, build } = compileRig({ ...files, "two/a.h": "#define A 1\n" });
  await build();
  write("app/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
  write("one/a.h", "#define A 3\n");
  expect(await build()).toBe("known");
});

test("a header of a header that comes to be beside that one is the one", async () => {
  const { write, build } = compileRig({
    "app/main.c": '#include "sub/b.h"\nint main(void) { return A; }\n',
    "one/sub/b.h": '#include "a.h"\n',
    "two/a.h": "#define A 1\n",
  });
  await build();
  write("one/sub/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
});

for (const question of [
  "__has_include(<x.h>)",
  '__has_include("x.h")',
  "__has_include_next(<x.h>)",
]) {
  test(`${question} is asked again when the file comes to be, and when it goes`, async () => {
    const text = `#if ${question}\nint there;\n#endif\n`;
    const { write, remove, build } = compileRig({
      "app/main.c": "#include <q.h>\n",
      "one/q.h": text,
    });
    await build();
    write("two/x.h", "");
    expect(await build()).toBe("compiled");
    remove("two/x.h");
    expect(await build()).toBe("recalled");
  });
}

test("what #include_next finds is looked for again", async () => {
  const { write, build } = compileRig(
    { "app/main.c": main, "one/a.h": "#include_next <a.h>\n", "two/sub/a.h": "#define A 1\n" },
    { searchPath: ["one", "two", "two/sub"] },
  );
  await build();
  write("two/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
});

test("a header that only another macro would include is found when it comes to be needed", async () => {
  const { write, build } = compileRig({
    "app/main.c": `#include <a.h>\n#if A == 2\n#include <late.h>\n#endif\nint x;\n`,
    "one/a.h": "#define A 1\n",
  });
  await build();
  write("two/late.h", "int late;\n");
  expect(await build()).toBe("preprocessed");
  write("one/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
});

for (const include of [
  "#define H <b.h>\n#include H",
  "#if __has_include(H)\nint h;\n#endif\n#include <b.h>",
]) {
  test(`a name out of a macro makes everything count: ${JSON.stringify(include)}`, async () => {
    const { write, build } = compileRig(
      { "app/main.c": `${include}\nint main(void) { return B; }\n`, "two/b.h": "#define B 1\n" },
      { flags: ["-DH=<b.h>", "-Wno-builtin-macro-redefined", "-w"] },
    );
    expect(await build()).toBe("compiled");
    expect(await build()).toBe("known");
    write("app/unrelated", "");
    expect(await build()).toBe("preprocessed");
    write("one/b.h", "#define B 2\n");
    expect(await build()).toBe("compiled");
  });
}

test("a name with .. is what stands there, whichever way leads there", async () => {
  const { write, build } = compileRig({
    "app/main.c": '#include "sub/../a.h"\nint main(void) { return A; }\n',
    "app/sub/.keep": "",
    "one/a.h": "#define A 1\n",
    "one/sub/.keep": "",
  });
  await build();
  write("one/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
  write("app/a.h", "#define A 3\n");
  expect(await build()).toBe("compiled");
  write("app/a.h", "#define A 4\n");
  expect(await build()).toBe("compiled");
});

test("behind a linked directory, .. leads where the link does", async () => {
  const { write, build } = compileRig({
    "app/main.c": '#include "link/../a.h"\nint main(void) { return A; }\n',
    "app/deep/dir/.keep": "",
    "app/link": "-> deep/dir",
    "app/deep/a.h": "#define A 1\n",
    "app/a.h": "#define A 5\n",
  });
  await build();
  write("app/deep/a.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
});

test("a linked header is what the link leads to, and another when the link is", async () => {
  const { write, build } = compileRig({
    "app/main.c": main,
    "one/a.h": "-> real.h",
    "one/real.h": "#define A 1\n",
    "one/other.h": "#define A 3\n",
  });
  await build();
  expect(await build()).toBe("known");
  write("one/real.h", "#define A 2\n");
  expect(await build()).toBe("compiled");
  write("one/a.h", "-> other.h");
  expect(await build()).toBe("compiled");
});

test("a linked directory is searched, and another when the link leads there", async () => {
  const { write, build } = compileRig({
    "app/main.c": '#include "v/a.h"\nint main(void) { return A; }\n',
    "app/v": "-> v1",
    "app/v1/a.h": "#define A 1\n",
    "app/v2/a.h": "#define A 2\n",
  });
  await build();
  write("app/v", "-> v2");
  expect(await build()).toBe("compiled");
});

test("headers outside the workspace count, and those that come to be in front of them", async () => {
  const system = temporaryDirectory();
  mkdirSync(join(system, "sys"));
  writeFileSync(join(system, "sys/a.h"), "#define A 1\n");
  const { write, build } = compileRig(
    { "app/main.c": "#include <sys/a.h>\nint main(void) { return A; }\n" },
    { searchPath: ["one", "two", system] },
  );
  await build();
  expect(await build()).toBe("known");
  writeFileSync(join(system, "sys/a.h"), "#define A 2\n");
  expect(await build()).toBe("compiled");
  write("two/sys/a.h", "#define A 3\n");
  expect(await build()).toBe("compiled");
});

test("a header that another action makes counts as it was made", async () => {
  const made = rule("out/gen/a.h: one/seed");
  const { write, build } = compileRig(
    { "app/main.c": main, "one/seed": "#define A 1\n" },
    {
      searchPath: ["build/gen", "one"],
      more: { inputs: ["app", "one", `${outs}/gen/a.h`] },
      others: [made],
    },
  );
  expect(await build()).toBe("compiled");
  expect(await build()).toBe("known");
  write("one/seed", "#define A 2\n");
  expect(await build()).toBe("compiled");
});

test("a directory that only quoted names are looked for in hides none that others find", async () => {
  const { write, build } = compileRig(
    {
      "app/main.c": '#include "a.h"\n#include <a.h>\n',
      "one/quoted/a.h": "int quoted;\n",
      "two/a.h": "int a;\n",
    },
    { flags: ["-iquote", "one/quoted"], searchPath: ["one", "two"] },
  );
  await build();
  write("one/a.h", "int b;\n");
  expect(await build()).toBe("compiled");
});

for (const flag of ["-include", "-imacros"]) {
  test(`the file of ${flag} counts, and one that comes to be where it is looked for first`, async () => {
    const { write, build } = compileRig(
      { "app/main.c": "int main(void) { return A; }\n", "two/a.h": "#define A 1\n" },
      { flags: [flag, "a.h"] },
    );
    await build();
    write("two/a.h", "#define A 2\n");
    expect(await build()).toBe("compiled");
    write("one/a.h", "#define A 3\n");
    expect(await build()).toBe("compiled");
  });
}

const embedding = {
  "a directive of the assembler": { "app/main.S": '.data\n.incbin "app/blob"\n' },
  "a directive of the assembler that includes": { "app/main.S": '.include "app/blob"\n' },
  "text for the assembler in C": { "app/main.c": 'asm(".data\\n.incbin \\"app/blob\\"");\n' },
};
for (const [what, files] of Object.entries(embedding)) {
  test(`what ${what} reads counts, which no depfile tells`, async () => {
    const [source = ""] = Object.keys(files);
    const { write, build } = compileRig({ ...files, "app/blob": ".byte 1\n" }, { source });
    expect(await build()).toBe("compiled");
    expect(await build()).toBe("known");
    write("app/blob", ".byte 2\n");
    expect(await build()).toBe("compiled");
    write("app/blob", ".byte 1\n");
    expect(await build()).toBe("recalled");
  });
}

test("a source that asks for the date is preprocessed each time", async () => {
  const { build } = compileRig({ "app/main.c": "const char *date = __DATE__;\n" });
  expect(await build()).toBe("compiled");
  expect(await build()).toBe("preprocessed");
});

test("a counter counts in each source for itself", async () => {
  const { write, build } = compileRig({ "app/main.c": main, "one/a.h": "#define A __COUNTER__\n" });
  await build();
  write("one/a.h", "#define A __COUNTER__ + __COUNTER__\n");
  expect(await build()).toBe("compiled");
});

test("a header of which there are two copies is read once, and changes on its own", async () => {
  const once = "#pragma once\nint a;\n";
  const { write, build } = compileRig({
    "app/main.c": '#include <a.h>\n#include "b.h"\n',
    "one/a.h": once,
    "app/b.h": `${once}/**/\n`,
  });
  await build();
  write("app/b.h", "#pragma once\nint b;\n");
  expect(await build()).toBe("compiled");
});

test("an option that no file mentions changes nothing, one that some does changes it", async () => {
  const { write, build } = compileRig({
    "app/main.c": "#include <config.h>\n#include <a.h>\nint main(void) { return A; }\n",
    "one/a.h": "#ifdef CONFIG_A\n#define A CONFIG_A\n#else\n#define A 0\n#endif\n",
    [optionHeader]: "#define CONFIG_A 1\n#define CONFIG_B 1\n",
  });
  await build();
  write(optionHeader, "#define CONFIG_A 1\n#define CONFIG_C 2\n");
  expect(await build()).toBe("known");
  write(optionHeader, "#define CONFIG_A 2\n");
  expect(await build()).toBe("compiled");
  write(optionHeader, "#define CONFIG_C 2\n");
  expect(await build()).toBe("compiled");
  write(optionHeader, "#define CONFIG_B 7\n#define CONFIG_A 1\n");
  expect(await build()).toBe("recalled");
});

const sly = {
  "put together in the file": { text: "#define P(x) CONFIG_A_##x\nint x = P(NET);\n" },
  "put together by a macro it is handed to": {
    text: "#define P(x, y) x##y\nint x = P(CONFIG_A_, NET);\n",
  },
  "put together out of its word": { text: "#define P(x, y) x##_##y\nint x = P(CONFIG, A_NET);\n" },
  "put together out of a macro": {
    text: "#define B CONFIG_A_\n#define Q(x, y) x##y\n#define P(x, y) Q(x, y)\nint x = P(B, NET);\n",
  },
  "begun in the command": {
    text: "#define Q(x, y) x##y\n#define P(x, y) Q(x, y)\nint x = P(BEGIN, NET);\n",
    flags: ["-DBEGIN=CONFIG_A_"],
  },
  "named in the command": { text: "int x = VALUE;\n", flags: ["-DVALUE=CONFIG_A_NET"] },
  "broken over two lines": { text: "int x = CONFIG_A\\\n_NET;\n" },
  "broken within its word": { text: "int x = CON\\\nFIG_A_NET;\n" },
};
for (const [how, { text, ...more }] of Object.entries(sly)) {
  test(`an option counts whose name is ${how}`, async () => {
    const flags = "flags" in more ? more.flags : [];
    const { write, build } = compileRig(
      { "app/main.c": `#include <config.h>\n${text}`, [optionHeader]: "#define CONFIG_A_NET 1\n" },
      { flags },
    );
    expect(await build()).toBe("compiled");
    write(optionHeader, "#define CONFIG_A_NET 2\n");
    expect(await build()).toBe("compiled");
  });
}

test("a header of options with more than options counts as a whole", async () => {
  const header = "#ifdef X\n#define CONFIG_A 1\n#else\n#define CONFIG_A 2\n#endif\n";
  const { write, build } = compileRig(
    {
      "app/main.c": "#include <config.h>\nint x = CONFIG_A;\n",
      [optionHeader]: `#define CONFIG_B 1\n${header}`,
    },
    { flags: ["-DX"] },
  );
  await build();
  write(optionHeader, `#define CONFIG_B 2\n${header}`);
  expect(await build()).toBe("preprocessed");
  write(optionHeader, `#undef X\n${header}`);
  expect(await build()).toBe("compiled");
});

test("what changes while it is compiled is used, and not remembered", async () => {
  const place = temporaryDirectory();
  const once = join(place, "once");
  writeFileSync(once, "");
  const shared = { files: { "app/main.c": main, "one/a.h": "#define A 1\n" } };
  const header = join(place, "path");
  const rig = compileRig(shared.files, {
    // Behind the preprocessor, before anyone looks at what it read.
    afterwards: `if [ -e ${once} ]; then rm ${once}; echo "#define A 2" > "$(cat ${header})"; fi`,
  });
  writeFileSync(header, join(rig.root, "one/a.h"));
  expect(await rig.buildAtOnce()).toBe("compiled");
  rig.write("one/a.h", "#define A 2\n");
  expect(await rig.build()).toBe("compiled");
  expect(await rig.build()).toBe("known");
});

test("warnings of the preprocessor are heard again when the result is recalled", async () => {
  const { write, build, printed } = compileRig({ "app/main.c": "#warning mind the gap\nint x;\n" });
  await build();
  write("app/main.c", "#warning other\nint y;\n");
  await build();
  write("app/main.c", "#warning mind the gap\nint x;\n");
  expect(await printed()).toContain("mind the gap");
});

test("a file that the action does not see is not found, and counts no more than if it were not there", async () => {
  const { write, build } = compileRig(
    { "app/main.c": main, "two/a.h": "#define A 1\n" },
    { more: { without: { one: ["/a.h"] } } },
  );
  await build();
  write("one/a.h", "#define A 2\n");
  expect(await build()).toBe("known");
});

test("a source that does not compile fails each time, and is built when it is mended", async () => {
  const { write, build } = compileRig({ "app/main.c": "#include <a.h>\n" });
  expect(await build()).toBe("failed");
  expect(await build()).toBe("failed");
  write("two/a.h", "int a = ;\n");
  expect(await build()).toBe("failed");
  write("two/a.h", "int a;\n");
  expect(await build()).toBe("compiled");
});
