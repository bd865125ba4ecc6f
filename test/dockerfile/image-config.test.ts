import { expect, test } from "vitest";

import { emptyConfig, startOfImages } from "../../src/dockerfile/image-config.ts";

const text = JSON.stringify({
  ...emptyConfig,
  entrypoint: ["/app", "a b"],
  cmd: ["--port", "80"],
  env: ["PATH=/bin", "MODE=image"],
});

const other = JSON.stringify({ ...emptyConfig, cmd: ["other"], env: ["MODE=other", "LANG=C"] });
const quiet = JSON.stringify(emptyConfig);

test("an image gives the arguments that nobody else states, as a list", () => {
  const given = { args: ["default"], env: [] };
  const argsOf = (texts: readonly string[], givesArgs: boolean) =>
    startOfImages(
      texts.map((one) => ({ text: one, givesArgs })),
      given,
    ).args;
  expect(argsOf([text, other], true)).toEqual(["/app", "a b", "--port", "80"]);
  expect(argsOf([quiet, other], true)).toEqual(["other"]);
  expect(argsOf([quiet], true)).toEqual(["default"]);
  expect(argsOf([], true)).toEqual(["default"]);
  expect(argsOf([text, other], false)).toEqual(["default"]);
});

test("variables that are given go before those of images, and in place of them", () => {
  const images = [text, other].map((one) => ({ text: one, givesArgs: false }));
  expect(startOfImages(images, { args: [], env: ["MODE=own", "HOME"] }).env).toEqual([
    "MODE=own",
    "HOME",
    "PATH=/bin",
    "LANG=C",
  ]);
});
