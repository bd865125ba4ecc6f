// Names of members of archives → paths that stay below a directory.

import { FetchError } from "./fetch-error.ts";
import type { Limits } from "./limits.ts";

/**
 * The names that the path `name` is made of; none for the top itself. Throws a FetchError for one
 * that leads elsewhere, or that programs which build would not bear.
 */
export function namesOf(name: string, archive: string, limits: Limits): readonly string[] {
  const refuse = (reason: string): never => {
    const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
    throw new FetchError("unsafe-archive", `${archive} holds ${shown}, ${reason}`);
  };
  if (name.startsWith("/")) refuse("which is an absolute path");
  if (controls.test(name)) refuse("a name with control characters");
  if (Buffer.byteLength(name) > limits.pathBytes) refuse(`longer than ${limits.pathBytes} bytes`);
  const names = name.split("/").filter((one) => one !== "" && one !== ".");
  if (names.includes("..")) refuse("which leads out of its folder");
  if (names.length > limits.depth) refuse(`more than ${limits.depth} folders deep`);
  if (names.some((one) => Buffer.byteLength(one) > 255)) refuse("a name longer than 255 bytes");
  return names;
}

/** `bytes` as a name. Throws a FetchError unless it is UTF-8, as messages of REAPI have no other. */
export function nameOfBytes(bytes: Uint8Array, archive: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  // A replacement character is there by mistake only when it was not in the bytes.
  if (!text.includes("\ufffd") || Buffer.from(text).equals(buffer)) return text;
  throw new FetchError(
    "unsupported-archive",
    `${archive} holds ${JSON.stringify(buffer.toString("latin1"))}, a name that is not UTF-8`,
  );
}

// oxlint-disable-next-line no-control-regex -- NUL and newline are what is looked for.
const controls = /[\u0000-\u001f\u007f]/;
