// The options of commands that build about results of other machines. Knows no command.

import { Option } from "clipanion";

import type { SettingKey } from "../workspace/setting-table.ts";
import type { Flag } from "../workspace/text-layer.ts";
import { offering, settingOption, settingValues } from "./option-values.ts";

/** Fields for a command that builds; see {@link remoteFlagsOf}. */
export const remoteOptions = {
  cache: () =>
    Option.String("--remote-cache", {
      description: "share results there: grpc(s)://HOST:PORT, http(s)://HOST/PATH, file:/DIRECTORY",
    }),
  executor: () =>
    Option.String("--remote-executor", { description: "run actions there: grpc(s)://HOST:PORT" }),
  strategy: () =>
    offering(
      "--strategy",
      settingValues("build.strategy"),
      Option.Array("--strategy", [], {
        description:
          "where actions run: [MNEMONIC=|//label/pattern=]local, remote or race; the last that fits counts",
      }),
    ),
  signKey: () =>
    Option.String("--remote-sign-key", {
      description: "sign results that are given to others, with this private key (PEM, Ed25519)",
    }),
  trustKeys: () =>
    Option.Array("--remote-trust-key", [], {
      description: "use only results that this public key has signed, or another one so named",
    }),
  upload: () =>
    settingOption(
      "--remote-upload",
      "remote.upload",
      "give results to others: never, always, or ci (in CI, not for pull requests)",
    ),
  download: () =>
    settingOption(
      "--download",
      "remote.download",
      "which outputs of remote hits come here: all, toplevel or minimal",
    ),
  instance: () =>
    Option.String("--remote-instance-name", { description: "the instance of the remote cache" }),
  scope: () =>
    Option.String("--remote-scope", {
      description: "share results only with builds that state the same scope",
    }),
  timeout: () =>
    Option.String("--remote-timeout", {
      description: "how long to wait for an answer of the remote cache (30s)",
    }),
  headers: () =>
    Option.Array("--remote-header", [], {
      description: "send NAME=VALUE along; ${NAME} and ${file:PATH} in it stand for secrets",
    }),
  headerHelper: () =>
    Option.String("--remote-header-helper", {
      description: "a program that prints further headers, as Bazel's credential helpers do",
    }),
};

interface RemoteFields {
  readonly remoteCache: string | undefined;
  readonly remoteExecutor: string | undefined;
  readonly strategy: readonly string[];
  readonly remoteSignKey: string | undefined;
  readonly remoteTrustKeys: readonly string[];
  readonly remoteUpload: string | undefined;
  readonly download: string | undefined;
  readonly remoteInstance: string | undefined;
  readonly remoteScope: string | undefined;
  readonly remoteTimeout: string | undefined;
  readonly remoteHeaders: readonly string[];
  readonly remoteHeaderHelper: string | undefined;
}

/** The settings that the fields of a command state. */
export function remoteFlagsOf(fields: RemoteFields): Flag[] {
  const headers = fields.remoteHeaders.length === 0 ? undefined : fields.remoteHeaders.join(",");
  const strategy = fields.strategy.length === 0 ? undefined : fields.strategy.join(",");
  const { remoteTrustKeys: keys } = fields;
  const trusted = keys.length === 0 ? undefined : keys.join(",");
  const stated: readonly (readonly [string, SettingKey, string | undefined])[] = [
    ["--remote-cache", "remote.cache", fields.remoteCache],
    ["--remote-executor", "remote.executor", fields.remoteExecutor],
    ["--strategy", "build.strategy", strategy],
    ["--remote-sign-key", "remote.signKey", fields.remoteSignKey],
    ["--remote-trust-key", "remote.trustKeys", trusted],
    ["--remote-upload", "remote.upload", fields.remoteUpload],
    ["--download", "remote.download", fields.download],
    ["--remote-instance-name", "remote.instance", fields.remoteInstance],
    ["--remote-scope", "remote.scope", fields.remoteScope],
    ["--remote-timeout", "remote.timeout", fields.remoteTimeout],
    ["--remote-header", "remote.headers", headers],
    ["--remote-header-helper", "remote.headerHelper", fields.remoteHeaderHelper],
  ];
  return stated.flatMap(([name, key, text]) => (text === undefined ? [] : [{ name, key, text }]));
}

/** Whether `text` stands for a remote cache, rather than for a file. */
export function isRemote(text: string): boolean {
  return text === "remote" || /^(?:grpcs?|https?|file|unix):/.test(text);
}
