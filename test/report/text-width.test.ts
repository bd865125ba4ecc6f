import { expect, test } from "vitest";

import { fitTo, widthOf } from "../../src/report/text-width.ts";

test("text takes two columns for each wide character, and none for what joins another", () => {
  expect(widthOf("main.c")).toBe(6);
  expect(widthOf("größe")).toBe(5);
  expect(widthOf("漢字.c")).toBe(6);
  expect(widthOf("e\u0301")).toBe(1);
  expect(widthOf("🚀")).toBe(2);
});

test("text that fits stays, and other text is cut between characters", () => {
  expect(fitTo(6, "main.c")).toBe("main.c");
  expect(fitTo(5, "main.c")).toBe("main…");
  expect(fitTo(4, "漢字.c")).toBe("漢…");
  expect(fitTo(0, "x")).toBe("");
});

test("control characters of names cannot move the cursor", () => {
  expect(fitTo(9, "a\u001B[2Jb\n")).toBe("a?[2Jb?");
});
