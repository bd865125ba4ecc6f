import type { ActionResult, Node } from "../../src/action/result.ts";
import type { Cas } from "../../src/store/cas.ts";

/** A result with `outputs`, whose streams are in `cas`. */
export function resultOf(
  cas: Cas,
  outputs: Readonly<Record<string, Node>> = {},
  text = "warning: unused\n",
): ActionResult {
  return {
    exitCode: 0,
    outputs: new Map(Object.entries(outputs)),
    stdout: cas.put(Buffer.from(text)),
    stderr: cas.put(Buffer.alloc(0)),
    wallMs: 1234,
  };
}

/** A file output with the bytes `text`, which are in `cas`. */
export function fileOf(cas: Cas, text: string): Node {
  return { kind: "file", digest: cas.put(Buffer.from(text)), executable: false };
}
