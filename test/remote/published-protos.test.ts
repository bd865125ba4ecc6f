import { existsSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { fieldsByMessage } from "./proto-schema.ts";

/** Debian has them in bazel-bootstrap-source. */
const sources = "/usr/src/bazel-bootstrap/third_party";
const published = [
  "remoteapis/build/bazel/semver/semver.proto",
  "remoteapis/build/bazel/remote/execution/v2/remote_execution.proto",
  "googleapis/google/bytestream/bytestream.proto",
  "googleapis/google/longrunning/operations.proto",
  "googleapis/google/rpc/status.proto",
  "googleapis/google/rpc/error_details.proto",
];

/** Names of ours for messages that are within others, in other files, or that `map` stands for. */
const own = [
  "Any",
  "BlobToUpdate",
  "Duration",
  "InlinedFile",
  "InlinedResult",
  "NamedLog",
  "PackedResult",
  "PackedResults",
  "ReadBlob",
  "UpdateCapabilities",
  "UpdatedBlob",
  "Violation",
];

/** Names of fields in the version of these files, 2.1, by those of today. */
const before: Readonly<Record<string, string>> = {
  digest_functions: "digest_function",
};

/** The fields of the messages at the top of `text`, by name. */
function messagesOf(text: string): Map<string, Map<string, number>> {
  const plain = text.replaceAll(/\/\/.*/g, "");
  const messages = new Map<string, Map<string, number>>();
  for (const { index, 0: head, 1: name = "" } of plain.matchAll(/^message (\w+) \{/gm)) {
    const body = plain.slice(index + head.length, plain.indexOf("\n}", index));
    // Messages and enums within have numbers of their own; `oneof` has not.
    const fields = body.replaceAll(/^( +)(message|enum) \w+ \{[^]*?^\1\}/gm, "");
    const found = [...fields.matchAll(/[\w.>]+\s+(\w+)\s*=\s*(\d+)/g)];
    messages.set(name, new Map(found.map(([, field = "", number]) => [field, Number(number)])));
  }
  return messages;
}

test.skipIf(!existsSync(sources))(
  "our messages have the fields of those that were published, which are in bazel-bootstrap-source",
  () => {
    const texts = published.map((path) => readFileSync(`${sources}/${path}`, "utf8"));
    const theirs = new Map(texts.flatMap((text) => [...messagesOf(text)]));
    const [compared, later]: [string[], string[]] = [[], []];
    for (const [name, fields] of fieldsByMessage()) {
      const known = theirs.get(name);
      if (known === undefined) continue;
      compared.push(name);
      const names = new Map([...known].map(([field, number]) => [number, field]));
      for (const [field, number] of fields) {
        const told = known.has(field) ? field : (before[field] ?? field);
        const isLater = !known.has(told) && !names.has(number);
        if (isLater) later.push(`${name}.${field}`);
        else expect([name, told, known.get(told)]).toEqual([name, told, number]);
      }
    }
    expect(later).toEqual([
      "CacheCapabilities.supported_compressors",
      "CacheCapabilities.supported_batch_update_compressors",
      "CacheCapabilities.max_cas_blob_size_bytes",
      "BatchReadBlobsRequest.acceptable_compressors",
    ]);
    const ours = [...fieldsByMessage().keys()];
    expect(compared.sort()).toEqual(ours.filter((name) => !own.includes(name)).sort());
  },
);
