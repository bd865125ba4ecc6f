// What options of builds say, as settings. Loads nothing that reads options.

import type { Flag } from "../workspace/text-layer.ts";

interface BuildFields {
  readonly jobs?: string | undefined;
  readonly keepGoing?: boolean | undefined;
  readonly sandbox?: string | undefined;
  readonly compress?: string | undefined;
  readonly keepFileOwners?: boolean | undefined;
  readonly locked?: boolean;
  readonly offline?: boolean;
}

/** The settings that the fields of a command state. */
export function flagsOf(fields: BuildFields): Flag[] {
  const { jobs, keepGoing, sandbox, locked, offline, compress, keepFileOwners } = fields;
  return [
    ...(compress === undefined
      ? []
      : [{ name: "--compress", key: "build.compress" as const, text: compress }]),
    ...(keepFileOwners === undefined
      ? []
      : [
          {
            name: "--keep-file-owners",
            key: "build.keepFileOwners" as const,
            text: String(keepFileOwners),
          },
        ]),
    ...(jobs === undefined ? [] : [{ name: "--jobs", key: "build.jobs" as const, text: jobs }]),
    ...(keepGoing === undefined
      ? []
      : [{ name: "--keep-going", key: "build.keepGoing" as const, text: String(keepGoing) }]),
    ...(locked === true
      ? [{ name: "--locked", key: "sources.locked" as const, text: "true" }]
      : []),
    ...(offline === true
      ? [{ name: "--offline", key: "sources.offline" as const, text: "true" }]
      : []),
    ...(sandbox === undefined
      ? []
      : [{ name: "--sandbox", key: "build.sandbox" as const, text: sandbox }]),
  ];
}
