import type { RefObject } from "preact";
import { useState } from "preact/hooks";

import type { PageStore } from "./page-store.ts";
import { StateSign } from "./state-sign.tsx";
import { badgeOf } from "./view.ts";

/** What is searched, and what is done with it. */
export interface SearchBoxProps {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly words: string;
  readonly setWords: (words: string) => void;
  readonly store: PageStore;
  /** Places of nodes, the best first. */
  readonly results: readonly number[];
  readonly choose: (id: string) => void;
}

/** A field with a list of what it finds. Source: WAI-ARIA Authoring Practices, "Combobox". */
export function SearchBox({ input, words, setWords, store, results, choose }: SearchBoxProps) {
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const shown = results.slice(0, shownResults);
  const isListed = isOpen && words.trim() !== "";
  const take = (place: number | undefined): void => {
    if (place === undefined) return;
    setOpen(false);
    choose(store.graph.nodes[place]!.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") take(shown[active]);
    else if (event.key === "ArrowDown") setActive(Math.min(active + 1, shown.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
    else if (event.key === "Escape") {
      if (isListed) setOpen(false);
      else setWords("");
    } else return;
    event.preventDefault();
  };
  return (
    <div class="search" role="search">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Search nodes"
        aria-expanded={isListed && shown.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={isListed && shown.length > 0 ? `found-${active}` : undefined}
        placeholder="Search"
        autocomplete="off"
        spellcheck={false}
        value={words}
        onInput={({ currentTarget }) => {
          setWords(currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
      />
      {words === "" ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <span class="count" role="status">
          {results.length.toLocaleString("en")} found
        </span>
      )}
      <Results {...{ store, active, take }} places={isListed ? shown : []} />
    </div>
  );
}

interface ResultsProps {
  readonly store: PageStore;
  readonly places: readonly number[];
  readonly active: number;
  readonly take: (place: number) => void;
}

function Results({ store, places, active, take }: ResultsProps) {
  return (
    <ul id="found" role="listbox" aria-label="Found nodes" hidden={places.length === 0}>
      {places.map((place, at) => (
        <Found
          key={place}
          {...{ store, place, at, isActive: at === active }}
          take={() => take(place)}
        />
      ))}
    </ul>
  );
}

interface FoundProps {
  readonly store: PageStore;
  readonly place: number;
  readonly at: number;
  readonly isActive: boolean;
  readonly take: () => void;
}

function Found({ store, place, at, isActive, take }: FoundProps) {
  const node = store.graph.nodes[place]!;
  return (
    <li
      id={`found-${at}`}
      role="option"
      aria-selected={isActive}
      // Before the field loses the focus, which closes the list.
      onMouseDown={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <StateSign state={store.stateAt(place)} />
      <span class="badge">{badgeOf(node)}</span>
      <span class="path">{node.name}</span>
      <span class="muted">{node.package}</span>
    </li>
  );
}

const shownResults = 50;
