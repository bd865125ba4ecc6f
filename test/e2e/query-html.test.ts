import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

import { rig } from "./rig.ts";

test("query --output html is a page that needs no other file, with the details of each action", async () => {
  const { run } = rig({
    "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\n",
    "app/kraft.build.yaml":
      "targets:\n  - {name: t, rule: exec, srcs: [a], outs: [b], command: 'sort $SRCS > $OUT'}\n",
    "app/a": "a\n",
  });
  const { code, stdout, text } = await run([
    "query",
    'mnemonic("Exec", //app:all)',
    "--output",
    "html",
  ]);
  expect([code, text]).toEqual([0, ""]);
  expect(stdout).toMatch(/^<!doctype html>/i);
  const [, packed = ""] = /<script id="data"[^>]*>([^<]+)<\/script>/.exec(stdout) ?? [];
  const shell = stdout.replace(packed, "");
  // Whatever is loaded by itself: elements with an address, style sheets' urls, and imports.
  const addresses = /<(?:script|img|iframe|link|source|object)\b[^>]*?\b(?:src|href)="([^"]*)"/gi;
  const loaded = [...shell.matchAll(addresses)].map(([, address]) => address);
  expect(loaded).toEqual(["data:,"]);
  expect(shell).not.toMatch(/url\(\s*["']?(?!data:|#)|@import\b/i);
  const { graph, details } = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as {
    readonly graph: { readonly nodes: readonly { readonly id: string }[] };
    readonly details: Readonly<Record<string, unknown>>;
  };
  expect(graph.nodes.length).toBe(1);
  expect(JSON.stringify(details[graph.nodes[0]?.id ?? ""])).toContain("sort $SRCS > $OUT");
});
