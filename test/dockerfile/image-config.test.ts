import { expect, test } from "vitest";

import { emptyConfig, startOfImage } from "../../src/dockerfile/image-config.ts";

const text = JSON.stringify({
  ...emptyConfig,
  entrypoint: ["/app", "a b"],
  cmd: ["--port", "80"],
  env: ["PATH=/bin", "MODE=image"],
});

test("an image gives the arguments that nobody else states, as a list", () => {
  const given = { args: [], env: [], givesArgs: true };
  expect(startOfImage(text, given).args).toEqual(["/app", "a b", "--port", "80"]);
  expect(startOfImage(text, { ...given, args: ["own"], givesArgs: false }).args).toEqual(["own"]);
});

test("variables that are given go before those of the image, and in place of them", () => {
  const given = { args: [], env: ["MODE=own", "HOME"], givesArgs: false };
  expect(startOfImage(text, given).env).toEqual(["MODE=own", "HOME", "PATH=/bin"]);
});
