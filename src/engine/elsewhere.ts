// What build files take from outside of the workspace to be read: templates, and components that are
// only named. Asks no server.

import type { LoadContext } from "../rule/rule.ts";
import type { ComponentPin } from "../workspace/component-pin.ts";
import type { MissingSources } from "./fetch-sources.ts";
import { FetchedSources } from "./fetched-sources.ts";
import { PublishedComponents, type PublishedPlace } from "./published-components.ts";
import type { Repository } from "./repository.ts";

/** What readers of build files ask. */
export type LookUps = Pick<LoadContext, "fetched" | "publishedOf">;

/** Answers them as far as that is known here, and remembers what is not. */
export class Elsewhere {
  readonly #templates: FetchedSources;
  readonly #components: PublishedComponents;
  readonly #isOffline: boolean;
  readonly #isLocked: boolean;

  /** `isOpen`: see `PublishedPlace`. */
  constructor(repository: Repository, isOpen?: PublishedPlace["isOpen"]) {
    const { values } = repository.settings;
    this.#isOffline = values["sources.offline"].value;
    this.#isLocked = values["sources.locked"].value;
    this.#templates = new FetchedSources(repository);
    const place = { ...repository, isLocked: this.#isLocked, ...(isOpen && { isOpen }) };
    this.#components = new PublishedComponents(place);
  }

  get lookUps(): LookUps {
    return { fetched: this.#templates.lookUp, publishedOf: this.#components.lookUp };
  }

  /** What was chosen, and is not in the lock file. */
  chosen(): readonly ComponentPin[] {
    return this.#components.fresh();
  }

  /** What was asked for and is in the lock file. */
  used(): readonly ComponentPin[] {
    return this.#components.used();
  }

  /** What was asked for in vain, and can be brought; undefined when there is nothing of it. */
  missing({ mayAskServers }: { readonly mayAskServers: boolean }): MissingSources | undefined {
    const sources = this.#templates.missing();
    const mayAsk = mayAskServers && !this.#isOffline && !this.#isLocked;
    const needsManifests = mayAsk && this.#components.needsManifests();
    return sources.length > 0 || needsManifests ? { sources, needsManifests } : undefined;
  }
}
