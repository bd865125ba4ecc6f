// Packages whose build files go on from what is not on this machine yet, such as a template. Pure.

import { posix } from "node:path";

import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { MissingSources } from "../engine/fetch-sources.ts";
import type { Label } from "../label/label.ts";
import type { Finding } from "./finding.ts";

/** What was told of build files. */
export interface ToldOfFiles {
  /** Why packages cannot be read to the end yet, by their paths. */
  readonly unread: ReadonlyMap<string, readonly Diagnostic[]>;
  /** Mistakes, whatever is fetched. */
  readonly mistakes: readonly Diagnostic[];
}

/**
 * What `told`, in the order in which it was, comes to where `missing` can be brought: who needs that, and
 * what is wrong. What is told later of a file that needs it may be for the lack of it, and is left out.
 */
export function toldApart(
  told: readonly Diagnostic[],
  missing: MissingSources | undefined,
): ToldOfFiles {
  const unread = new Map<string, Diagnostic[]>();
  const mistakes: Diagnostic[] = [];
  for (const diagnostic of told) {
    const { code, at } = diagnostic;
    const isReason =
      (code === "not-cached" && missing !== undefined) ||
      (code === "unknown-component" && missing?.needsManifests === true);
    const path = at && packageOf(at.source.path);
    const before = path === undefined ? undefined : unread.get(path);
    if (path !== undefined && isReason) unread.set(path, [...(before ?? []), diagnostic]);
    else if (before === undefined) mistakes.push(diagnostic);
  }
  return { unread, mistakes };
}

/** The package of the build file at `path`, from the root. */
function packageOf(path: string): string {
  const directory = posix.dirname(path);
  return directory === "." ? "" : directory;
}

/** A line for each of `unread`, with the requested targets that it may be in the way of. */
export function unreadFindings(
  unread: ToldOfFiles["unread"],
  affected: ReadonlyMap<string, readonly Label[]>,
): Finding[] {
  return [...unread.keys()].sort().map((path) => {
    const reasons = unread.get(path) ?? [];
    const help = [...new Set(reasons.flatMap((reason) => reason.help ?? []))];
    return {
      subject: `//${path}`,
      verdict: "unknown",
      detail: [...new Set(reasons.map(({ message }) => message))].join("; "),
      affects: affected.get(path) ?? [],
      ...(help.length > 0 && { help: help.join("\n") }),
    };
  });
}
