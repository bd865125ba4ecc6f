import { expect, test } from "vitest";

import { reasonFor, step } from "./expand-rig.ts";

for (const [recipe, reason] of [
  ["make -C /kraft/app/sub", "it runs make"],
  ["/usr/bin/cmake --build /kraft/build/x", "it runs cmake"],
  ["cargo build", "it runs cargo"],
  ["cp a b && ./configure --prefix=x", "it runs configure"],
  ["wget -O /kraft/build/a.zip http://example.com/a.zip", "it runs wget"],
  ["curl -o a http://example.com", "it runs curl"],
  ["git clone x", "it runs git"],
  ["unzip -u a.zip", "it runs unzip"],
  ["tar xf a.tar", "it runs tar"],
  ["patch -p1 < a.patch", "it runs patch"],
  ["cd /kraft/build && touch a", "it goes to another directory"],
  ["(cd x; touch a)", "it goes to another directory"],
  [
    "ccache gcc -c /kraft/core/a.c -o /kraft/build/x",
    "it runs gcc in a way that is not understood",
  ],
  [
    "gcc -c /kraft/core/a.c -o /kraft/build/x && strip /kraft/build/x",
    "it runs gcc in a way that is not understood",
  ],
  [
    "for f in a b; do aarch64-linux-gnu-gcc-12 -E $f.c; done",
    "it runs aarch64-linux-gnu-gcc-12 in a way that is not understood",
  ],
] as const) {
  test(`"${recipe}" is left to make, as ${reason}`, () => {
    expect(reasonFor(step("x", "", `GEN: ${recipe}`))).toBe(reason);
  });
}

test("a step that edits the file of another is left to make, and one that edits its own is not", () => {
  const header = step("a.h", "", "GEN: echo > /kraft/build/a.h");
  const other = "sed -i s/a/b/ /kraft/build/a.h && touch /kraft/build/.patched";
  expect(reasonFor(header, step(".patched", "", other))).toBe(
    "it changes /kraft/build/a.h, which another step makes",
  );
  const own = "cp /kraft/build/a.h /kraft/build/b.h && sed -i s/a/b/ /kraft/build/b.h";
  expect(
    reasonFor(header, step("b.h", "/kraft/build/a.h", own.replace("/kraft/build/a.h", "x"))),
  ).toBe(undefined);
});

test("a step outside of the build directory is left to make", () => {
  expect(reasonFor(step("/kraft/app/gen.h", "", "GEN: echo > /kraft/app/gen.h"))).toBe(
    "what it leaves is nowhere below the build directory",
  );
  expect(reasonFor(step("./prepare-x", "", "awk -f x > /kraft/build/x.h"))).toBe(
    "what it leaves is nowhere below the build directory",
  );
});

test("a source that is not below the root of the parts is left to make", () => {
  expect(reasonFor(step("a.o", "", "CC: gcc -c /usr/src/a.c -o /kraft/build/a.o"))).toBe(
    "it compiles /usr/src/a.c, which is elsewhere",
  );
});

for (const recipe of [
  "strip -s /kraft/build/make.o -o /kraft/build/x",
  "ld -r /kraft/build/libtar.o -o /kraft/build/x",
  "gcc -nostdlib -r /kraft/build/a-c.o -o /kraft/build/x",
  "gcc -c /kraft/core/a.s -o /kraft/build/x",
  "awk -f /kraft/core/git.awk > /kraft/build/x",
  "printf 'a' | sed -e s/a/b/ > /kraft/build/x",
]) {
  test(`"${recipe}" is an action of its own`, () => {
    expect(reasonFor(step("x", "", `GEN: ${recipe}`))).toBeUndefined();
  });
}
