import { expect, test } from "vitest";

import { decodeSubBuild, encodeSubBuild } from "../../src/engine/sub-build-result.ts";
import { openStore } from "../../src/store/store.ts";
import { temporaryDirectory } from "../store/store-rig.ts";

test("what actions of a sub-build printed and took is read as it was kept, and no times are none", () => {
  const { cas } = openStore(temporaryDirectory(), { epochMs: () => 0, processId: 1 });
  const result = {
    outputs: new Map(),
    printed: new Map([["a.o", "a warning"]]),
    wallMs: new Map([
      ["a.o", 12],
      ["b.o", 0.5],
    ]),
    machine: new Map([["/usr/include/a.h", "absent"]]),
  };
  expect(decodeSubBuild(encodeSubBuild(result, cas), cas)).toEqual(result);
  const decoded = (more: object) => {
    const stdout = cas.put(Buffer.from(JSON.stringify({ printed: [], machine: [], ...more })));
    return decodeSubBuild({ outputs: new Map(), stdout }, cas);
  };
  expect(decoded({})?.wallMs).toEqual(new Map());
  for (const wallMs of [[["a.o", "12"]], [["a.o", -1]], [["a.o"]], {}, 7]) {
    expect(decoded({ wallMs }), JSON.stringify(wallMs)).toBeUndefined();
  }
});
