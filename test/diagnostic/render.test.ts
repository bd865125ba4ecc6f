import { expect, test } from "vitest";

import { renderDiagnostic } from "../../src/diagnostic/diagnostic.ts";

test("control characters of a file do not reach the terminal", () => {
  const source = { path: "Kraftfile", text: "name: \u001B[2Jx\n" };
  const text = renderDiagnostic({
    severity: "error",
    code: "bad-name",
    message: 'no "\u001B[2Jx"',
    at: { source, start: 6, end: 11 },
  });
  expect(text).toBe(
    `error[bad-name]: no "\uFFFD[2Jx"
 --> Kraftfile:1:7
  |
1 | name: \uFFFD[2Jx
  |       ^^^^^`,
  );
});
