import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

import { FetchError } from "./fetch-error.ts";

/** Where bytes are. */
export type Address =
  /** `url` has no user and no password in it. */
  | { readonly kind: "http"; readonly url: URL; readonly credentials: Credentials | undefined }
  /** Absolute. */
  | { readonly kind: "file"; readonly path: string };

/** Who asks, as servers want to know it. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** `text` as an address: http, https, file, or an absolute path. Throws a FetchError. */
export function parseAddress(text: string): Address {
  if (isAbsolute(text)) return { kind: "file", path: text };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return httpAddress(url);
  if (url?.protocol === "file:") return { kind: "file", path: pathOf(url) };
  throw new FetchError("bad-address", `${publicAddress(text)} is not an address to fetch from`, {
    help: "give an address of http, https or file, or an absolute path",
  });
}

/** `url` with its credentials beside it. */
export function httpAddress(url: URL): Address & { kind: "http" } {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  bare.hash = "";
  if (url.username === "" && url.password === "") {
    return { kind: "http", url: bare, credentials: undefined };
  }
  const credentials = { user: decoded(url.username), password: decoded(url.password) };
  return { kind: "http", url: bare, credentials };
}

/**
 * `text` as it may be shown to anybody: without user and password, and with "…" in place of a query,
 * as that is where signed addresses have their signature.
 */
export function publicAddress(text: string): string {
  if (isAbsolute(text) || !URL.canParse(text)) return text.replace(/\/\/[^/@]*@/, "//");
  const url = new URL(text);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.search === "") return url.href;
  url.search = "";
  return `${url.href}?…`;
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new FetchError("bad-address", `${url.href} is not a file of this machine`, {
      help: "write file:///, then the path",
      cause,
    });
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A lone "%" in a password that nobody encoded.
  }
}
