import { join } from "node:path";

import { assertNever } from "../base/brand.ts";
import type { Host } from "../base/host.ts";
import type { EngineIdentity } from "../engine/build.ts";
import type { Repository } from "../engine/repository.ts";
import { shownRemoteUrl } from "../remote/remote-url.ts";
import type { RuleSet } from "../rule/rule.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import type { Settings } from "../workspace/config.ts";
import { describeSources } from "./describe-sources.ts";
import type { Topic } from "./info-command.ts";

/** What there is to tell about. */
export interface Described {
  readonly repository: Repository;
  readonly host: Host;
  readonly engine: EngineIdentity;
}

/** Lines about `topic`, for people. */
export async function describeRepository(
  topic: Topic,
  { repository, host, engine }: Described,
): Promise<string[]> {
  const { root, settings, ruleSets } = repository;
  switch (topic) {
    case "workspace":
      return [
        `root      ${root}`,
        `outputs   ${join(root, ".kraft/out")}`,
        `version   ${engine.version}`,
      ];
    case "config":
      return describeSettings(settings);
    case "rules":
      return ruleSets.flatMap(describeRuleSet);
    case "sources":
      return describeSources(repository, host);
    case "sandbox":
      return describeSandbox(repository, host);
    default:
      return assertNever(topic);
  }
}

function describeRuleSet({ name, buildFiles, rules, checks = [] }: RuleSet): string[] {
  return [
    `${name} (${buildFiles.join(", ")})`,
    ...rules.map((rule) => `  ${rule.name}: ${rule.description}`),
    ...checks.map((check) => `  check ${name}/${check.name}: ${check.description}`),
  ];
}

function describeSettings({ values, components }: Settings): string[] {
  const rows = Object.entries(values).map(([key, { value, origin }]) => ({
    text: `${key} = ${value === undefined ? "-" : textOf(key, value)}`,
    origin,
  }));
  const overrides = [...components].map(([name, { value, origin }]) => ({
    text: `components.${name} = ${value}`,
    origin,
  }));
  const all = [...rows, ...overrides];
  const width = Math.min(60, Math.max(...all.map(({ text }) => text.length)));
  return all.map(({ text, origin }) => `${text.padEnd(width)}  (${origin})`);
}

/** A header or an address may hold a password, and this may be pasted into a report. */
function textOf(key: string, value: unknown): string {
  if (key === "remote.cache") return shownRemoteUrl(String(value));
  if (key !== "remote.headers") return typeof value === "string" ? value : JSON.stringify(value);
  return JSON.stringify(Object.keys(value as object).map((name) => `${name}: ***`));
}

async function describeSandbox({ root, settings }: Repository, host: Host): Promise<string[]> {
  const { values } = settings;
  const sandbox = openSandbox({
    kind: values["build.sandbox"].value,
    slots: 1,
    directory: join(root, ".kraft/sandbox"),
    path: values["build.path"].value,
    host,
  });
  try {
    const { kind, reason } = await sandbox.choice();
    return [`${kind}: ${reason}`];
  } finally {
    await sandbox.close();
  }
}
