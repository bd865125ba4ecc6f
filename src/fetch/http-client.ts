// Connections to servers: proxies, certificates, time-outs. Knows not what is asked for.

import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { rootCertificates } from "node:tls";
import type { Dispatcher } from "undici";

import type { FetchContext } from "./fetch-context.ts";
import { FetchError } from "./fetch-error.ts";

/** Asks servers. It holds connections until it is closed. */
export interface HttpClient {
  readonly request: (
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<Dispatcher.ResponseData>;
  readonly send: (question: HttpQuestion) => Promise<Dispatcher.ResponseData>;
  readonly close: () => Promise<void>;
}

/** A question of any method. */
export interface HttpQuestion {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
  readonly signal: AbortSignal;
}

/** Whom a client trusts, and who it is, beyond what the environment says. */
export interface HttpTrust {
  /** PEM texts of authorities to trust besides the others. */
  readonly authorities?: readonly string[];
  /** PEM texts of who we are. */
  readonly certificate?: string;
  readonly key?: string;
  /** False: any certificate will do. */
  readonly verifies?: boolean;
}

/** How long a server may be silent; while bytes come, it may take as long as it likes. */
const silentMs = 60_000;
const connectMs = 20_000;

/** A client that uses the proxies and trusts the certificates that `environment` names. */
export async function openHttpClient(
  environment: FetchContext["environment"],
  trust: HttpTrust = {},
): Promise<HttpClient> {
  // When first needed, as it takes 70 ms to load, and most builds fetch nothing.
  // Bundled, a module of CommonJS has no more than a default.
  const { EnvHttpProxyAgent, request } = (await import("undici")).default;
  const tls = { ...tlsOptions(environment, trust), ...identityOptions(trust) };
  const dispatcher = new EnvHttpProxyAgent({
    ...proxiesOf(environment),
    // What goes to plain http is sent as proxies have always had it: many allow CONNECT to 443 only.
    proxyTunnel: false,
    connect: { ...tls, timeout: connectMs },
    requestTls: tls,
    proxyTls: tls,
    headersTimeout: silentMs,
    bodyTimeout: silentMs,
  });
  return {
    request: (url, headers, signal) => request(url, { method: "GET", headers, signal, dispatcher }),
    send: ({ url, ...question }) => request(url, { ...question, dispatcher }),
    close: () => dispatcher.destroy(),
  };
}

/** Empty texts where there is no proxy, as undici would look at the process else. */
function proxiesOf(environment: FetchContext["environment"]) {
  const named = (name: string) => environment[name.toLowerCase()] ?? environment[name];
  const any = named("ALL_PROXY") ?? "";
  return {
    httpProxy: proxyAddress(named("HTTP_PROXY") ?? any, "HTTP_PROXY"),
    httpsProxy: proxyAddress(named("HTTPS_PROXY") ?? any, "HTTPS_PROXY"),
    noProxy: named("NO_PROXY") ?? "",
  };
}

function proxyAddress(text: string, name: string): string {
  if (text === "") return "";
  const whole = text.includes("://") ? text : `http://${text}`;
  // `socks5h` is how curl says that the proxy is to look names up, as it always does here.
  const known = whole.replace(/^socks5h:/, "socks5:");
  if (URL.canParse(known) && /^(https?|socks5?):/.test(known)) return known;
  // Not what it says: there may be a password in it.
  throw new FetchError("bad-address", `${name} is not the address of a proxy`, {
    help: "write http://, the host, a colon and the port",
  });
}

/** Where systems have the certificates they trust: Debian, Fedora, SUSE, Alpine and macOS. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * As OpenSSL, curl and git have it: `SSL_CERT_FILE` in place of what the system trusts. Without
 * any of these, Node's own list counts.
 */
function tlsOptions(
  { SSL_CERT_FILE: only, NODE_EXTRA_CA_CERTS: extra }: FetchContext["environment"],
  { authorities = [] }: HttpTrust,
) {
  const trusted = only ? readCertificates("SSL_CERT_FILE", only) : firstOf(systemBundles);
  const more = [...(extra ? [readCertificates("NODE_EXTRA_CA_CERTS", extra)] : []), ...authorities];
  if (trusted !== undefined) return { ca: [trusted, ...more] };
  return authorities.length === 0 ? {} : { ca: [...rootCertificates, ...more] };
}

function identityOptions({ certificate, key, verifies = true }: HttpTrust) {
  return {
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    ...(!verifies && { rejectUnauthorized: false }),
  };
}

function readCertificates(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new FetchError("untrusted", `${path}, which ${name} names, cannot be read`, { cause });
  }
}

function firstOf(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(path, "utf8");
    } catch {}
  }
  return undefined;
}
