import { posix } from "node:path";

import type { ExecPath, RemoteSource, RuleContext } from "../../src/index.ts";
import { describeSource } from "../../src/index.ts";
import type { ComponentSource } from "./kraftfile/kraftfile.ts";
import { unpackArchive } from "./program/unpack-archive.ts";
import type { ProjectComponent } from "./project-component.ts";

type Context = Pick<RuleContext<unknown>, "component" | "action">;

/** Where actions find `component`; one that is elsewhere gets an action that fetches it. */
export function componentPath(component: ProjectComponent, context: Context): ExecPath {
  const { name, source } = component;
  if (source.kind === "directory") {
    return context.component(name, { kind: "directory", directory: source.path });
  }
  if (isHere(source)) return unpackedPath(name, source.url, context);
  return fetchedPath(name, remoteOf(source), context);
}

/** Whether `source` is an archive of this machine. */
export function isHere(source: ComponentSource): source is ArchiveSource {
  return source.kind === "archive" && !source.url.includes("://");
}

type ArchiveSource = Extract<ComponentSource, { kind: "archive" }>;

/** An archive of the user's, which is known by what is in it like every other file. */
function unpackedPath(name: string, file: string, { component, action }: Context): ExecPath {
  const directory = posix.dirname(file);
  const place = component(`${name}.archive`, { kind: "directory", directory });
  const archive = posix.join(place, posix.basename(file));
  const path = component(name, { kind: "action", identity: `unpacked ${archive}` });
  action({
    kind: "program",
    mnemonic: "Unpack",
    subject: archive,
    program: `unikraft/${unpackArchive.name}`,
    version: unpackArchive.version,
    args: ["archive", "source"],
    inputs: [archive],
    outputs: [path],
    mounts: { [archive]: "archive", [path]: "source" },
  });
  return path;
}

/** `source`, which is elsewhere, as something to fetch. */
export function remoteOf(source: Exclude<ComponentSource, { kind: "directory" }>): RemoteSource {
  if (source.kind === "archive") {
    const { url, sha256 } = source;
    return { kind: "archive", urls: [url], ...(sha256 !== undefined && { sha256 }) };
  }
  const { url, reference } = source;
  return { kind: "git", url, ...(reference !== undefined && { reference }) };
}

/** Where actions find `source`, which an action fetches. */
export function fetchedPath(
  name: string,
  source: RemoteSource,
  { component, action }: Context,
): ExecPath {
  const subject = describeSource(source);
  const sum = source.kind === "archive" && source.sha256 !== undefined ? ` ${source.sha256}` : "";
  const path = component(name, { kind: "action", identity: `${source.kind} ${subject}${sum}` });
  action({
    kind: "fetch",
    mnemonic: "Fetch",
    subject,
    source,
    inputs: [],
    outputs: [path],
    // So that one source is one action, by whatever names components have it.
    mounts: { [path]: "source" },
    resources: { network: 1 },
  });
  return path;
}
