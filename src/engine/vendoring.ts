// Locked sources → a directory of the workspace, from which builds take them.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";

import type { ExecPath } from "../action/action.ts";
import {
  commitOf,
  formatWantedPlatform,
  type RemoteSource,
  withoutCredentials,
} from "../action/remote-source.ts";
import type { Node, TreeNode } from "../action/result.ts";
import { componentNameAt } from "../analysis/component-paths.ts";
import type { Digest } from "../digest/digest.ts";
import type { Cas } from "../store/cas.ts";
import { writeError } from "../store/store-error.ts";
import { directoriesOf } from "../store/tree-message.ts";
import { vendorFileName } from "../workspace/vendor-index.ts";
import { vendoredFileName } from "./file-fetching.ts";
import { LostOutput } from "./lost-output.ts";
import { pinnedAction } from "./lock-book.ts";
import { type SourcesRequest, withFetched } from "./with-fetched.ts";

/** What to write, and where. */
export interface VendorRequest extends SourcesRequest {
  /** Absolute. */
  readonly directory: string;
}

/** Whether `directory` is free, or was written by {@link vendorSources}, so that it may be replaced. */
export function isVendorDirectory(directory: string): boolean {
  if (!existsSync(directory)) return true;
  return existsSync(join(directory, vendorFileName)) || readdirSync(directory).length === 0;
}

/** Fetches what is not in the cache, and replaces the directory; false when a fetch failed. */
export async function vendorSources(request: VendorRequest): Promise<boolean> {
  const { fetches, directory, build } = request;
  return withFetched(request, ({ ok }, { inputs, store, sourcing }) => {
    if (!ok) return false;
    const sources = fetches.map((action) => {
      const node = inputs.outputAt(action.outputs[0]);
      if (node === undefined) throw new LostOutput(action.outputs[0]);
      return {
        path: action.outputs[0],
        source: pinnedAction(action, sourcing.book).source,
        node,
      };
    });
    const draft = `${directory}.${build.host.processId}`;
    writeVendor(sources, { directory, cas: store.cas, draft });
    return true;
  });
}

interface FetchedSource {
  readonly path: ExecPath;
  readonly source: RemoteSource;
  readonly node: Node;
}

interface VendorPlace {
  readonly directory: string;
  readonly draft: string;
  readonly cas: Cas;
}

/** Writes all of it beside the old one, and then puts it in that one's place. */
function writeVendor(
  sources: readonly FetchedSource[],
  { directory, draft, cas }: VendorPlace,
): void {
  const lines = [head, "version: 1", "sources:"];
  const taken = new Set<string>();
  try {
    mkdirSync(draft, { recursive: true });
    for (const { path, source, node } of sources.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      const name = source.kind === "file" ? vendoredFileName(source) : freeNameAt(path, taken);
      // One file is what several targets ask for.
      if (source.kind === "file" && taken.has(name)) continue;
      taken.add(name);
      copyNode(node, join(draft, name), cas);
      if (source.kind !== "file") lines.push(...entryOf(source, name));
    }
    writeFileSync(join(draft, vendorFileName), `${lines.join("\n")}\n`);
    // Whatever build files there are, they are not packages of this workspace.
    writeFileSync(join(draft, ".kraftignore"), "*\n");
    rmSync(directory, { recursive: true, force: true });
    renameSync(draft, directory);
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    throw writeError(cause, directory);
  }
}

/** That of the component; where another one has it, with what tells them apart. */
function freeNameAt(path: ExecPath, taken: ReadonlySet<string>): string {
  const name = componentNameAt(path);
  return taken.has(name) ? basename(path) : name;
}

const head = `# Written by kraft-graph vendor: which directory is which source. Builds take them from here when
# \`sources.vendor\` names this directory.`;

function entryOf(source: Exclude<RemoteSource, { kind: "file" }>, directory: string): string[] {
  const lines = Object.entries({ ...fieldsOf(source), directory }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${JSON.stringify(plain(value))}`],
  );
  return lines.map((line, i) => `${i === 0 ? "  - " : "    "}${line}`);
}

function fieldsOf(source: Exclude<RemoteSource, { kind: "file" }>) {
  switch (source.kind) {
    case "git":
      return { git: source.url, reference: source.reference, commit: commitOf(source) };
    case "archive":
      return { archive: source.urls[0], sha256: source.sha256, size: source.sizeBytes ?? 0 };
    case "image": {
      const { reference, digest, platform } = source;
      return { image: reference, platform: formatWantedPlatform(platform), digest };
    }
  }
}

function plain(value: string | number): string | number {
  return typeof value === "string" ? withoutCredentials(value) : value;
}

/** A copy of `node` that the user may edit: links to the store would change what is in it. */
function copyNode(node: Node, path: string, cas: Cas): void {
  mkdirSync(join(path, ".."), { recursive: true });
  if (node.kind === "symlink") return symlinkSync(node.target, path);
  if (node.kind === "file") return copyFile(node, path, cas);
  copyTree(node, path, cas);
}

function copyFile(
  file: { readonly digest: Digest; readonly executable: boolean },
  path: string,
  cas: Cas,
): void {
  if (!cas.copy(file, path, file.executable ? 0o755 : 0o644)) throw new LostOutput(path);
}

function copyTree(tree: TreeNode, path: string, cas: Cas): void {
  const directories = directoriesOf(tree, cas);
  const pending = [{ digest: tree.root, path }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const directory = directories?.get(next.digest);
    if (directory === undefined) throw new LostOutput(path);
    mkdirSync(next.path);
    for (const file of directory.files) copyFile(file, join(next.path, file.name), cas);
    for (const { name, target } of directory.symlinks) symlinkSync(target, join(next.path, name));
    for (const { name, digest } of directory.directories) {
      pending.push({ digest, path: join(next.path, name) });
    }
  }
}
