import { encodeWire } from "../action/wire-writer.ts";

/** Who asks, for a server's logs. Some servers refuse calls that do not say. */
export interface RequestMetadata {
  readonly toolName: string;
  readonly toolVersion: string;
  /** The hash of the action key that the call is about; empty: of none. */
  readonly actionId: string;
  /** The same for all calls of one build. */
  readonly invocationId: string;
}

/** The header that carries it, in bytes. */
export const requestMetadataHeader = "build.bazel.remote.execution.v2.requestmetadata-bin";

/** The message `RequestMetadata` of REAPI v2. */
export function encodeRequestMetadata(metadata: RequestMetadata): Uint8Array {
  const { toolName, toolVersion, actionId, invocationId } = metadata;
  return encodeWire((writer) => {
    writer.message(1, () => {
      writer.bytes(1, toolName);
      writer.bytes(2, toolVersion);
    });
    writer.bytes(2, actionId);
    writer.bytes(3, invocationId);
  });
}
