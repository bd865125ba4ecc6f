// One call of gRPC whose messages are bytes, by the library alone.

import { Client, credentials, Metadata } from "@grpc/grpc-js";

/** A call with one message, of which the answer is a stream; or with several, and one answer. */
export type AnyCall = { readonly path: string } & (
  | { readonly request: Uint8Array }
  | { readonly requests: readonly Uint8Array[] }
);

/** The answers to `call` by the server at `address`. */
export async function grpcCall(address: string, call: AnyCall): Promise<Buffer[]> {
  const client = new Client(address.replace("grpc://", ""), credentials.createInsecure());
  try {
    if ("request" in call) {
      const { path, request } = call;
      const stream = client.makeServerStreamRequest(path, same, same, request, new Metadata());
      const answers: Buffer[] = [];
      for await (const answer of stream) answers.push(answer as Buffer);
      return answers;
    }
    return await new Promise((resolve, reject) => {
      const stream = client.makeClientStreamRequest(
        call.path,
        same,
        same,
        new Metadata(),
        (error, answer) => (error === null ? resolve([answer ?? Buffer.alloc(0)]) : reject(error)),
      );
      for (const request of call.requests) stream.write(request);
      stream.end();
    });
  } finally {
    client.close();
  }
}

function same(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}
