import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type Digest, digestOf } from "../../src/digest/digest.ts";
import type { ActionCache } from "../../src/store/action-cache.ts";
import type { Cas } from "../../src/store/cas.ts";
import type { StatCache } from "../../src/store/stat-cache.ts";
import { readTree } from "../../src/store/tree.ts";
import { fileOf, resultOf } from "./result-rig.ts";

/** What a test of an action cache needs: `lose` takes a blob away from its CAS. */
export interface ActionCacheRig {
  readonly cas: Cas;
  readonly actionCache: ActionCache;
  readonly stats: StatCache;
  readonly workplace: string;
  readonly lose: (digest: Digest) => void;
}

const key = digestOf("action");

/** What every action cache has to do. `open` gives an empty one. */
export function actionCacheConformance(name: string, open: () => ActionCacheRig): void {
  describe(name, () => {
    test("gives back the result that was written", () => {
      const { cas, actionCache } = open();
      const result = resultOf(cas, {
        "out/kernel": { kind: "file", digest: cas.put(Buffer.from("elf")), executable: true },
        "out/link": { kind: "symlink", target: "kernel" },
      });
      actionCache.write(key, result);
      expect(actionCache.read(key)).toEqual(result);
      expect(actionCache.readComplete(key)).toEqual(result);
    });

    test("has no result for a key that was never written", () => {
      const { cas, actionCache } = open();
      actionCache.write(key, resultOf(cas));
      expect(actionCache.read(digestOf("other"))).toBeUndefined();
      expect(actionCache.readComplete(digestOf("other"))).toBeUndefined();
    });

    test("gives the result that was written last", () => {
      const { cas, actionCache } = open();
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.string())), (writes) => {
          const model = new Map<number, string>();
          for (const [number, text] of writes) {
            actionCache.write(digestOf(`${number}`), resultOf(cas, {}, text));
            model.set(number, text);
          }
          for (const [number, text] of model) {
            const read = actionCache.readComplete(digestOf(`${number}`));
            expect(read).toEqual(resultOf(cas, {}, text));
          }
        }),
        { numRuns: 30 },
      );
    });

    test("refuses to keep a failure", () => {
      const { cas, actionCache } = open();
      const failure = { ...resultOf(cas), exitCode: 2 };
      expect(() => actionCache.write(key, failure)).toThrow(/^bug:/);
      expect(actionCache.read(key)).toBeUndefined();
    });

    test("takes a result for missing of which any blob is gone", () => {
      for (const part of ["stdout", "file", "treeMessage", "fileInTree"] as const) {
        const { cas, actionCache, stats, workplace, lose } = open();
        mkdirSync(join(workplace, "dir", "sub"), { recursive: true });
        writeFileSync(join(workplace, "dir", "sub", "deep"), "deep");
        const tree = readTree(join(workplace, "dir"), {
          modes: false,
          fileAt: (path) => stats.fileAt(path),
        });
        cas.put(tree.bytes);
        cas.put(Buffer.from("deep"));
        const result = resultOf(cas, { file: fileOf(cas, "text"), dir: tree.node });
        actionCache.write(key, result);
        expect(actionCache.readComplete(key), part).toEqual(result);
        const parts = {
          stdout: result.stdout,
          file: digestOf("text"),
          treeMessage: tree.node.tree,
          fileInTree: digestOf("deep"),
        };
        lose(parts[part]);
        expect(actionCache.readComplete(key), part).toBeUndefined();
        expect(actionCache.read(key), part).toEqual(result);
      }
    });
  });
}
