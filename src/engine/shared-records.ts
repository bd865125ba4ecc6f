// Records of targets in a remote cache, where another machine finds them. Knows no form of them.

import { type Digest, digestOf, emptyDigest } from "../digest/digest.ts";
import { shownRemoteUrl } from "../remote/remote-url.ts";
import { openRemoteNow, type SharedRequest } from "./open-shared.ts";

/** Which records, and where. */
export type RecordsRequest = Omit<SharedRequest, "listen">;

/** What became of it; `reason` in a few words. */
export type RecordsAnswer =
  | { readonly kind: "found"; readonly text: string; readonly patterns: readonly string[] }
  | { readonly kind: "written" }
  | { readonly kind: "absent" }
  | { readonly kind: "unusable"; readonly reason: string };

/** The only output of the entry, as a file. */
const outputPath = "records.jsonl";

/** Keeps `text` as the records of `patterns`, in place of what was there. */
export async function writeSharedRecords(
  patterns: readonly string[],
  text: string,
  request: RecordsRequest,
): Promise<RecordsAnswer> {
  const { cas } = request.store;
  const digest = cas.put(Buffer.from(text));
  const about = descriptionOf(patterns, request);
  const key = cas.put(about);
  // What it printed, which was nothing.
  cas.put(new Uint8Array());
  const opened = await openRemoteNow({ ...request, uploads: true });
  if ("problem" in opened) return { kind: "unusable", reason: opened.problem };
  const { remote, problems } = opened;
  try {
    const outputs = new Map([[outputPath, { kind: "file", digest, executable: false } as const]]);
    const printed = { stdout: emptyDigest, stderr: emptyDigest };
    const result = { exitCode: 0, outputs, ...printed, wallMs: 0 };
    remote.upload({ key, result, about: new Map([[key, about]]) });
    await remote.drained();
    if (remote.traffic().uploaded === 1) return { kind: "written" };
    return { kind: "unusable", reason: problems[0] ?? "it takes no results" };
  } finally {
    remote.close();
  }
}

/** The records that another machine kept of `patterns`; else those of all targets. */
export async function readSharedRecords(
  patterns: readonly string[],
  request: RecordsRequest,
): Promise<RecordsAnswer> {
  const opened = await openRemoteNow(request);
  if ("problem" in opened) return { kind: "unusable", reason: opened.problem };
  const { remote, problems } = opened;
  try {
    for (const asked of [patterns, ["//..."]]) {
      const key = digestOf(descriptionOf(asked, request));
      const result = await remote.lookUp(key, { files: "now" });
      const node = result?.outputs.get(outputPath);
      const text = node?.kind === "file" ? textOf(node.digest, request) : undefined;
      if (text !== undefined) return { kind: "found", text, patterns: asked };
    }
    const [reason] = problems;
    return reason === undefined ? { kind: "absent" } : { kind: "unusable", reason };
  } finally {
    remote.close();
  }
}

function textOf(digest: Digest, { store }: RecordsRequest): string | undefined {
  return store.cas.read(digest)?.toString();
}

/**
 * What stands in place of an action, and whose digest is the key: no encoded Action begins so.
 * Machines agree on it when their workspaces have the same name, and their remotes the same scope.
 */
function descriptionOf(patterns: readonly string[], { settings }: RecordsRequest): Buffer {
  const { values } = settings;
  const about = {
    kraftGraphRecords: 1,
    workspace: values.name.value,
    scope: values["remote.scope"].value,
    patterns: [...new Set(patterns)].sort(),
  };
  return Buffer.from(JSON.stringify(about));
}

/** The remote's address, as it may be shown; undefined when none is set. */
export function shownRemote({ settings }: Pick<RecordsRequest, "settings">): string | undefined {
  const text = settings.values["remote.cache"].value;
  return text === undefined ? undefined : shownRemoteUrl(text);
}
