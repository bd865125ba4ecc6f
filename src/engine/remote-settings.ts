// Settings and environment → how a remote is reached, and what it is told. Sends nothing.

import { readFileSync } from "node:fs";

import type { Host } from "../base/host.ts";
import type { TlsFiles } from "../remote/remote-cache.ts";
import type { Credentials } from "../remote/remote-url.ts";
import { signerFrom, type Signing, trustIn } from "../remote/signatures.ts";
import type { Settings } from "../workspace/config.ts";

/** A secret, a certificate or a helper that is not as it should be. Its message is one line. */
export class RemoteSettingError extends Error {
  override readonly name = "RemoteSettingError";
}

/** Whether results of this build are given to others. */
export function uploadsFrom({ values }: Settings, { env }: Pick<Host, "env">): boolean {
  const upload = values["remote.upload"].value;
  return upload === "always" || (upload === "ci" && isTrustedCi(env));
}

/**
 * Whether this is a job of continuous integration that is not about a pull request, as the services
 * say it. A convenience: what keeps a pull request from writing is that it has no credentials.
 */
export function isTrustedCi(env: Host["env"]): boolean {
  const isSet = (name: string) => !/^(?:|false|0)$/i.test(env[name] ?? "");
  if (!isSet("CI") && !isSet("TF_BUILD") && !isSet("JENKINS_URL")) return false;
  if (env["GITHUB_EVENT_NAME"]?.startsWith("pull_request") === true) return false;
  if (env["BUILD_REASON"] === "PullRequest") return false;
  const event = env["CI_PIPELINE_EVENT"] ?? env["DRONE_BUILD_EVENT"];
  if (event?.startsWith("pull_request") === true) return false;
  return !pullRequestVariables.some(isSet);
}

const pullRequestVariables = [
  "CI_MERGE_REQUEST_IID", // GitLab
  "CI_EXTERNAL_PULL_REQUEST_IID",
  "BUILDKITE_PULL_REQUEST",
  "TRAVIS_PULL_REQUEST",
  "CIRCLE_PULL_REQUEST",
  "CHANGE_ID", // Jenkins
  "BITBUCKET_PR_ID",
  "APPVEYOR_PULL_REQUEST_NUMBER",
  "CIRRUS_PR",
  "SYSTEM_PULLREQUEST_PULLREQUESTID", // Azure
];

/** The headers that settings state, with the secrets they name. Throws a RemoteSettingError. */
export function headersFrom(
  { values }: Settings,
  { env }: Pick<Host, "env">,
  credentials: Credentials | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (credentials !== undefined) {
    const { user, password } = credentials;
    const encoded = Buffer.from(`${user}:${password}`).toString("base64");
    headers["authorization"] = `Basic ${encoded}`;
  }
  for (const [name, text] of Object.entries(values["remote.headers"].value)) {
    headers[name.toLowerCase()] = filledIn(text, name, env);
  }
  return headers;
}

/** `text` with `${NAME}` and `${file:PATH}` replaced by what they stand for. */
function filledIn(text: string, header: string, env: Host["env"]): string {
  return text.replaceAll(
    /\$\{(file:)?([^}]*)\}/g,
    (_, isFile: string | undefined, name: string) => {
      if (isFile !== undefined) return readPem(name, `the header ${header}`).trim();
      const value = env[name];
      if (value !== undefined) return value;
      throw new RemoteSettingError(
        `the header ${header} needs the variable ${name}, which is not set`,
      );
    },
  );
}

/** The certificates that settings name. Throws a RemoteSettingError. */
export function tlsFrom({ values }: Settings): TlsFiles {
  const read = (key: "remote.ca" | "remote.certificate" | "remote.key") => {
    const path = values[key].value;
    return path === undefined ? undefined : readPem(path, key);
  };
  return {
    authorities: read("remote.ca"),
    certificate: read("remote.certificate"),
    key: read("remote.key"),
  };
}

/** The keys that settings name for results. Throws a RemoteSettingError: without them, none is used. */
export function signingFrom({ values }: Settings): Signing {
  const reading = <T>(path: string, whose: string, use: (pem: string) => T): T => {
    const pem = readPem(path, whose);
    try {
      return use(pem);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RemoteSettingError(`${whose}: ${path}: ${reason}`, { cause });
    }
  };
  const own = values["remote.signKey"].value;
  const others = values["remote.trustKeys"].value;
  const trusts = others.map((path) => reading(path, "remote.trustKeys", (pem) => trustIn([pem])));
  return {
    ...(own !== undefined && { sign: reading(own, "remote.signKey", signerFrom) }),
    ...(trusts.length > 0 && {
      isTrusted: (key, result) => trusts.some((isTrusted) => isTrusted(key, result)),
    }),
  };
}

function readPem(path: string, whose: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RemoteSettingError(`${whose}: ${reason}`, { cause });
  }
}
