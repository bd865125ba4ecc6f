// Where a remote cache is, as users write it. Opens nothing.

import { fileURLToPath } from "node:url";

/** A remote cache's place, and what it takes to speak to it. */
export type RemotePlace =
  | {
      readonly kind: "grpc";
      /** As gRPC has it: `host:port`, or `unix:/path`. */
      readonly target: string;
      readonly isSecure: boolean;
      readonly credentials: Credentials | undefined;
    }
  | {
      readonly kind: "http";
      /** Without credentials, and without a slash at its end. */
      readonly url: string;
      readonly credentials: Credentials | undefined;
    }
  | { readonly kind: "folder" /** Absolute. */; readonly directory: string };

/** A name and a password that stood in the address. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * The place that `text` names: `grpc://host:port`, `grpcs://…`, `http://…`, `https://…`,
 * `unix:/path` (gRPC without TLS) or `file:/path`; undefined when it is none of these.
 */
export function parseRemoteUrl(text: string): RemotePlace | undefined {
  if (/^unix:\/?\/?\/[^/]/.test(text)) {
    const target = text.replace(/^unix:\/*/, "unix:/");
    return { kind: "grpc", target, isSecure: false, credentials: undefined };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  switch (url?.protocol) {
    case "file:":
      return url.hostname === "" && url.pathname !== "/"
        ? { kind: "folder", directory: fileURLToPath(url).replace(/\/+$/, "") }
        : undefined;
    case "grpc:":
    case "grpcs:":
      return grpcPlaceOf(url);
    case "http:":
    case "https:":
      return httpPlaceOf(url);
    default:
      return undefined;
  }
}

/** `text` without what must not be shown: the password in it. */
export function shownRemoteUrl(text: string): string {
  return text.replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1(hidden)@");
}

function grpcPlaceOf(url: URL): RemotePlace | undefined {
  if (url.hostname === "" || !/^\/?$/.test(url.pathname)) return undefined;
  const isSecure = url.protocol === "grpcs:";
  const port = url.port === "" ? (isSecure ? "443" : "80") : url.port;
  const target = `${url.hostname}:${port}`;
  return { kind: "grpc", target, isSecure, credentials: credentialsOf(url) };
}

function httpPlaceOf(url: URL): RemotePlace | undefined {
  if (url.search !== "" || url.hash !== "") return undefined;
  const place = `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, "");
  return { kind: "http", url: place, credentials: credentialsOf(url) };
}

function credentialsOf({ username, password }: URL): Credentials | undefined {
  if (username === "" && password === "") return undefined;
  return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
}
