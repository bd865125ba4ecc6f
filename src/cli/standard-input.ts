import type { KraftContext } from "./context.ts";

/** All that is on the standard input, as UTF-8. */
export async function readStandardInput({ stdin }: Pick<KraftContext, "stdin">): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdin as AsyncIterable<Uint8Array | string>) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
