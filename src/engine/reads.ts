// What files that a compiler read come to, now. Knows no cache.

import { posix } from "node:path";

import type { CompileAction, ExecPath } from "../action/action.ts";
import { mountsOf } from "../action/mounts.ts";
import { outputRoot } from "../analysis/exec-path.ts";
import { digestOf } from "../digest/digest.ts";
import { HeaderSearch, realPathOf } from "./header-search.ts";
import { type IncludeName, includeNamesIn, tellsTime } from "./include-names.ts";
import type { Inputs } from "./inputs.ts";
import { shadowText } from "../why/input-causes.ts";
import type { Span } from "./listings.ts";
import { optionsIn, readOptionHeader, valueOf } from "./option-header.ts";
import type { HeaderName, ReadSet } from "./records.ts";
import { textOf } from "./state-of.ts";

/** Looks at what compilers read; what it finds out serves all actions of a build. */
export class Reads {
  readonly #inputs: Inputs;
  readonly #search: HeaderSearch;
  /** By the digest of a file, and prefix. */
  readonly #facts = new Map<string, FileFacts>();
  readonly #macros = new Map<string, ReadonlyMap<string, string> | undefined>();

  constructor(inputs: Inputs) {
    this.#inputs = inputs;
    this.#search = new HeaderSearch(inputs);
  }

  /**
   * What `action` depends on when it read the files `raw`, as its depfile has them. Undefined when
   * one of them cannot be told, or depends on the time, so that nothing may be kept.
   */
  setOf(action: CompileAction, raw: readonly string[]): ReadSet | undefined {
    const { outside } = mountsOf(action);
    const files = [...new Set(raw.map((path) => posix.normalize(path)))];
    if (!raw.every((path) => this.#isWhereItSays(path, action))) return undefined;
    const facts = new Map<ExecPath, FileFacts>();
    for (const file of files) {
      const found = this.#factsOf(outside(file), action.options?.prefix);
      if (found === undefined || found.tellsTime) return undefined;
      facts.set(file, found);
    }
    const searches = searchesOf(action, facts);
    const options = optionsOf(action, facts);
    const isWhole = searches === undefined ? { isWhole: true as const } : {};
    return { files, searches: searches ?? [], ...(options && { options }), ...isWhole };
  }

  /**
   * What `set` comes to, by names of files and options; undefined when a file is gone. Throws as
   * `Inputs.of` does.
   */
  stateOf(action: CompileAction, set: ReadSet): Record<string, string> | undefined {
    const { inside, outside } = mountsOf(action);
    // Records and manifests of an engine that did not search yet have none.
    if ((set.searches as unknown) === undefined) return undefined;
    const state: Record<string, string> = {};
    for (const file of set.files) {
      const node = this.#inputs.nodeAt(outside(file));
      // Of a link among outputs, what it leads to would have to count.
      if (node?.kind !== "file") return undefined;
      const macros =
        file === action.options?.header && set.options !== undefined
          ? this.#macrosOf(outside(file), textOf(node), action.options.prefix)
          : undefined;
      if (macros === undefined) state[file] = textOf(node);
      else for (const option of set.options ?? []) state[option] = valueOf(option, macros);
    }
    for (const path of this.#search.besides(action, set)) state[path] ??= shadowText;
    if (set.isWhole === true) {
      for (const { path, node } of this.#inputs.of(action)) state[inside(path)] = textOf(node);
    }
    return state;
  }

  /** Forgets where headers were found. */
  forget(): void {
    this.#search.forget();
  }

  /** Whether directories in which headers were looked for were as they are now in all of `span`. */
  isSettled(span: Span): boolean {
    if (this.#inputs.wereListingsCurrent(span)) return true;
    this.#search.forget();
    return false;
  }

  /** Whether the graph knows the file that the compiler read at `raw`, which may hold `..`. */
  #isWhereItSays(raw: string, action: CompileAction): boolean {
    const { outside } = mountsOf(action);
    const path = outside(posix.normalize(raw));
    if (path.startsWith(`${outputRoot}/`)) return true;
    const disk = this.#inputs.diskPathOf(path);
    const real = realPathOf(disk);
    const up = raw.search(/(?:^|\/)\.\.(?:\/|$)/);
    if (up > 0) {
      const top = outside(posix.normalize(raw.slice(0, up)));
      const isOutput = top.startsWith(`${outputRoot}/`);
      if (!isOutput && realPathOf(this.#inputs.diskPathOf(top) + raw.slice(up)) !== real) {
        return false;
      }
    }
    // A link that leads out of its component leads elsewhere in a sandbox.
    if (path.startsWith("/") || real === undefined || real === disk) return true;
    const tops = Object.keys(action.mounts ?? {}).filter((top) => path.startsWith(`${top}/`));
    const top = tops.sort((a, b) => b.length - a.length)[0] ?? ".";
    return real.startsWith(`${realPathOf(this.#inputs.diskPathOf(top))}/`);
  }

  /** Undefined when the file at `path` cannot be read, or changes just now. */
  #factsOf(path: ExecPath, prefix: string | undefined): FileFacts | undefined {
    const node = this.#inputs.nodeAt(path);
    if (node?.kind !== "file") return undefined;
    const key = `${node.digest} ${prefix ?? ""}`;
    const known = this.#facts.get(key);
    if (known !== undefined) return known;
    const bytes = this.#inputs.bytesAt(path);
    if (bytes === undefined || digestOf(bytes) !== node.digest) return undefined;
    const text = bytes.toString("latin1");
    const facts = {
      includes: includeNamesIn(text),
      options: prefix === undefined ? [] : optionsIn(text, prefix),
      tellsTime: tellsTime(text),
    };
    this.#facts.set(key, facts);
    return facts;
  }

  #macrosOf(
    path: ExecPath,
    digest: string,
    prefix: string,
  ): ReadonlyMap<string, string> | undefined {
    const key = `${digest} ${prefix}`;
    if (this.#macros.has(key)) return this.#macros.get(key);
    const text = this.#inputs.bytesAt(path)?.toString("latin1");
    const macros = text === undefined ? undefined : readOptionHeader(text, prefix);
    this.#macros.set(key, macros);
    return macros;
  }
}

/** What the text of a file says of what its compilation depends on; undefined: cannot be told. */
interface FileFacts {
  readonly includes: readonly IncludeName[] | undefined;
  readonly options: readonly string[] | undefined;
  readonly tellsTime: boolean;
}

type Facts = ReadonlyMap<ExecPath, FileFacts>;

/** Everything that was looked for elsewhere than where it was found at once. */
function searchesOf(action: CompileAction, facts: Facts): readonly HeaderName[] | undefined {
  const searches = new Map<string, HeaderName>();
  const each = hasOneOrder(action) ? {} : { isEach: true as const };
  const add = (name: HeaderName): void => {
    const search = { ...name, ...each };
    searches.set(JSON.stringify(search), search);
  };
  const addLocal = (name: string, directory: ExecPath): void => {
    if (!facts.has(posix.join(directory, name))) add({ name, directory });
  };
  for (const name of forcedIncludes(action.preprocess)) addLocal(name, ".");
  for (const [file, { includes }] of facts) {
    if (includes === undefined) return undefined;
    for (const { name, isLocal, isNext } of includes) {
      if (isLocal) addLocal(name, posix.dirname(file));
      else add(isNext ? { name, isEach: true } : { name });
    }
  }
  return [...searches.keys()].sort().flatMap((key) => searches.get(key) ?? []);
}

/**
 * Whether the search path is the same for all names. Quoted ones have more of it, and compilers
 * move what they have for a system's. Source: GCC, Directory Options (`-I`, `-iquote`, `-isystem`).
 */
function hasOneOrder({ preprocess, searchPath }: CompileAction): boolean {
  const isSpecial = preprocess.some((word) => /^-(?:iquote|isystem|idirafter)/.test(word));
  return !isSpecial && !searchPath.some((path) => path.startsWith("/"));
}

/** What of the header of options is seen; undefined: all of it, if it was read at all. */
function optionsOf(
  { options: header, preprocess }: CompileAction,
  facts: Facts,
): readonly string[] | undefined {
  if (header === undefined || !facts.has(header.header)) return undefined;
  // The end of a definition in the command may be the beginning of a name, as in a file.
  const named = optionsIn(`${preprocess.join(",")},`, header.prefix);
  if (named === undefined) return undefined;
  const options = new Set(named);
  for (const [file, { options: found }] of facts) {
    if (file === header.header) continue;
    if (found === undefined) return undefined;
    for (const option of found) options.add(option);
  }
  return [...options].sort();
}

/** Files that the command includes before all else. Source: GCC, Preprocessor Options. */
function forcedIncludes(argv: readonly string[]): readonly string[] {
  return argv.filter((_, i) => /^-(?:include|imacros)$/.test(argv[i - 1] ?? ""));
}
