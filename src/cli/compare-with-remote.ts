// `why --export` and `why --against` with a remote cache in place of a file.

import type { Host } from "../base/host.ts";
import {
  readSharedRecords,
  type RecordsAnswer,
  type RecordsRequest,
  shownRemote,
  writeSharedRecords,
} from "../engine/shared-records.ts";
import type { SelectionContext } from "../engine/why-selection.ts";
import { openStore } from "../store/store.ts";
import { compareWithText, type RecordRequest, recordsText } from "./compare-records.ts";

type Answer = string | { readonly problem: string };

/** Leaves records in the remote cache; gives what is to be printed. */
export async function exportToRemote(
  request: RecordRequest,
  context: SelectionContext,
  host: Host,
): Promise<Answer> {
  const sharing = sharingOf(request, context, host);
  const { text, summary } = recordsText(request, context);
  const answer = await writeSharedRecords(request.patterns, text, sharing);
  if (answer.kind !== "written") return problemOf(answer, request, sharing);
  return `${shownRemote(sharing)}: ${summary}`;
}

/** How what is here differs from what another machine left there. */
export async function compareWithRemote(
  request: RecordRequest,
  context: SelectionContext,
  host: Host,
): Promise<Answer> {
  const sharing = sharingOf(request, context, host);
  const answer = await readSharedRecords(request.patterns, sharing);
  if (answer.kind !== "found") return problemOf(answer, request, sharing);
  const file = shownRemote(sharing) ?? request.file;
  const isSuperset = answer.patterns !== request.patterns;
  return compareWithText(answer.text, { ...request, file, isSuperset }, context);
}

function sharingOf(
  { version }: RecordRequest,
  { repository }: SelectionContext,
  host: Host,
): RecordsRequest {
  const { root, settings } = repository;
  const store = openStore(settings.values["cache.dir"].value, host);
  return { root, settings, store, host, version };
}

function problemOf(
  answer: RecordsAnswer,
  { patterns }: RecordRequest,
  sharing: RecordsRequest,
): { readonly problem: string } {
  const place = shownRemote(sharing);
  if (place === undefined) {
    return { problem: "no remote cache is set: name its address, or set remote.cache" };
  }
  if (answer.kind === "unusable") {
    return { problem: `the remote cache ${place} cannot be used: ${answer.reason}` };
  }
  const command = `kraft-graph why --export remote ${patterns.join(" ")}`;
  return { problem: `no machine left records there; "${command}" does, where they are built` };
}
