import { FetchError } from "../fetch/fetch-error.ts";
import type { Answer } from "../fetch/http-exchange.ts";

/** The whole body of `answer`, which must be no larger than `limitBytes`. */
export async function bodyBytes({ body }: Answer, limitBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) throw new Error("bug: a body is made of bytes");
    sizeBytes += part.byteLength;
    if (sizeBytes > limitBytes) {
      throw new FetchError("too-large", `an answer is larger than ${limitBytes} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** As {@link bodyBytes}, as text. */
export async function bodyText(answer: Answer, limitBytes: number): Promise<string> {
  return (await bodyBytes(answer, limitBytes)).toString("utf8");
}
