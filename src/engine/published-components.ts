// Components that build files only name: what they are by the lock file, or by manifests that are
// kept on this machine. Asks no server.

import { FetchError } from "../fetch/fetch-error.ts";
import { ManifestCatalog } from "../fetch/manifest-catalog.ts";
import { type ComponentSource, isFor } from "../fetch/manifest-choice.ts";
import { isCommit } from "../action/remote-source.ts";
import type { PublishedComponent, WantedComponent } from "../rule/published-component.ts";
import {
  type ComponentPin,
  componentPinName,
  type ComponentPins,
  readComponentPins,
} from "../workspace/component-pin.ts";
import { type Pins, pinNameOf, readLockFile } from "../workspace/lock-file.ts";
import { keptManifestsOf, type ManifestPlace, manifestSources } from "./kept-manifests.ts";
import type { Repository } from "./repository.ts";

/** Where to look. */
export interface PublishedPlace extends ManifestPlace, Pick<Repository, "lockFile"> {
  /** Whether what is not in the lock file is refused; absent: it is not. */
  readonly isLocked?: boolean;
  /** Whether to choose anew what the lock file says of a component; absent: of none. */
  readonly isOpen?: (wanted: WantedComponent) => boolean;
}

/** Finds components by name, and remembers what it chose. */
export class PublishedComponents {
  readonly #place: PublishedPlace;
  /** What is read, once something is asked for that takes it. */
  #manifests: KnownSources | undefined;
  #locked: ComponentPins | undefined;
  #pins: Pins | undefined;
  readonly #fresh = new Map<string, ComponentPin>();
  readonly #used = new Map<string, ComponentPin>();

  constructor(place: PublishedPlace) {
    this.#place = place;
  }

  /** What `wanted` is; undefined when no manifest is known that could tell. */
  readonly lookUp = (wanted: WantedComponent): PublishedComponent | undefined => {
    const { isOpen = () => false, isLocked = false } = this.#place;
    const pin = isOpen(wanted) ? undefined : this.#lockedAs(wanted);
    if (pin !== undefined && isForCoreOf(wanted, pin)) return this.#use(pin, wanted);
    // Whoever locked it knew no manifest: it stays what it is, on every machine.
    if (pin === undefined && !isOpen(wanted) && this.#isStandardLocked(wanted)) return undefined;
    const chosen = this.#chosen(wanted);
    if (chosen === undefined || "kind" in chosen) return pin ? this.#use(pin, wanted) : chosen;
    if (pin !== undefined && JSON.stringify(pin) === JSON.stringify(chosen)) {
      return this.#use(pin, wanted);
    }
    if (isLocked) return refusedAsLocked(wanted);
    this.#fresh.set(componentPinName(chosen), chosen);
    return foundBy(chosen, wanted);
  };

  /** What was chosen, and is not in the lock file, each once. */
  fresh(): readonly ComponentPin[] {
    return [...this.#fresh.values()];
  }

  /** What was asked for and is in the lock file. */
  used(): readonly ComponentPin[] {
    return [...this.#used.values()];
  }

  /**
   * Whether something was asked for that a server's manifests might tell, which the workspace names
   * and which were never fetched. Nobody asked for those that are known to everyone.
   */
  needsManifests(): boolean {
    const { origin } = this.#place.settings.values["sources.manifests"];
    return this.#manifests?.isWhole === false && origin !== "default";
  }

  #lockedAs({ type, name, version, core }: WantedComponent): ComponentPin | undefined {
    const base = { type, name, ...(version !== undefined && { version }) };
    const { lockFile } = this.#place;
    this.#locked ??= lockFile === undefined ? new Map() : readComponentPins(lockFile);
    const ofCore = core === undefined ? undefined : { ...base, core };
    return (
      (ofCore && this.#locked.get(componentPinName(ofCore))) ??
      this.#locked.get(componentPinName(base))
    );
  }

  #use(pin: ComponentPin, wanted: WantedComponent): PublishedComponent {
    this.#used.set(componentPinName(pin), pin);
    return foundBy(pin, wanted);
  }

  #isStandardLocked({ standard }: WantedComponent): boolean {
    const name = standard && pinNameOf(standard);
    if (name === undefined) return false;
    const { lockFile } = this.#place;
    // Mistakes in it are told by whoever carries out what is planned.
    this.#pins ??= lockFile === undefined ? new Map() : readLockFile(lockFile, () => undefined);
    return this.#pins.has(name);
  }

  #chosen(wanted: WantedComponent): ComponentPin | PublishedComponent | undefined {
    this.#manifests ??= knownSources(this.#place);
    const { catalog, isWhole } = this.#manifests;
    if (catalog === undefined) return undefined;
    const { version, core } = wanted;
    const name = { ...wanted, version };
    try {
      const chosen = catalog.resolve(name, core);
      if (core === undefined) return pinOf(wanted, chosen);
      // One entry serves all, unless it matters which core it is for.
      const ofAny = catalog.resolve(name);
      return ofAny.chosen === chosen.chosen
        ? pinOf({ ...wanted, core: undefined }, chosen)
        : pinOf(wanted, chosen);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      // Manifests tell of releases; every commit is to be had where the component is.
      const isElsewhere = error.code === "unknown-component" && !catalog.tellsOf(name);
      if ((isElsewhere && !isWhole) || isCommit(version ?? "")) return undefined;
      const { message, help } = error;
      const more = help === undefined ? {} : { help };
      return { kind: "refused", code: "unknown-component", message, ...more };
    }
  }
}

interface KnownSources {
  /** Undefined when nothing is known. */
  readonly catalog: ManifestCatalog | undefined;
  /** Whether all is known that the workspace names. */
  readonly isWhole: boolean;
}

function knownSources(place: ManifestPlace): KnownSources {
  const read = keptManifestsOf(place);
  const sources = manifestSources(place);
  const known = sources.filter((source) => !source.includes("://") || isThere(() => read(source)));
  const catalog = known.length === 0 ? undefined : new ManifestCatalog(known, read);
  return { catalog, isWhole: known.length === sources.length };
}

function isThere(read: () => string): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof FetchError) return false;
    throw error;
  }
}

function pinOf(
  {
    type,
    name,
    version,
    core,
  }: Omit<WantedComponent, "core"> & { readonly core?: string | undefined },
  found: ComponentSource,
): ComponentPin {
  const { chosen, unikraft } = found;
  return {
    type,
    name,
    ...(version !== undefined && { version }),
    ...(core !== undefined && { core }),
    chosen,
    ...(unikraft !== undefined && { unikraft }),
    source:
      found.kind === "git"
        ? { kind: "git", url: found.url, reference: found.reference }
        : {
            kind: "archive",
            urls: found.urls,
            ...(found.sha256 !== undefined && { sha256: found.sha256 }),
          },
  };
}

function foundBy(pin: ComponentPin, wanted: WantedComponent): PublishedComponent {
  const { source, chosen, unikraft } = pin;
  const isForCore = isForCoreOf(wanted, pin);
  return { kind: "found", source, chosen, ...(unikraft !== undefined && { unikraft }), isForCore };
}

function isForCoreOf({ core, type }: WantedComponent, { unikraft }: ComponentPin): boolean {
  return core === undefined || type === "core" || isFor(unikraft, core);
}

function refusedAsLocked({ type, name }: WantedComponent): PublishedComponent {
  const shown = type === "core" ? name : `${type}/${name}`;
  return {
    kind: "refused",
    code: "not-locked",
    message: `${shown} is not in kraft.lock.yaml`,
    help: '"kraft-graph lock" adds it',
  };
}
