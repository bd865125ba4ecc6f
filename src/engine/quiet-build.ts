import type { BuildEvent, Listen } from "./event.ts";

/** Tells of a build only if it does something, or comes to something else than the last one. */
export class QuietBuild {
  readonly #listen: Listen;
  readonly #last: string;
  #held: BuildEvent[] | undefined = [];

  /** `last` is what {@link gistOf} gave of the build before. */
  constructor(listen: Listen, last: string) {
    this.#listen = listen;
    this.#last = last;
  }

  readonly listen: Listen = (event) => {
    if (this.#held === undefined) return this.#listen(event);
    this.#held.push(event);
    const isOver = event.kind === "finished";
    if (event.kind === "action-started" || (isOver && gistOf(this.#held) !== this.#last)) {
      const held = this.#held;
      this.#held = undefined;
      for (const one of held) this.#listen(one);
    }
  };
}

/** What the events of a build come to for people, as a text. */
export function gistOf(events: readonly BuildEvent[]): string {
  return events.flatMap((event) => partOf(event) ?? []).join("\n");
}

function partOf(event: BuildEvent): string | undefined {
  switch (event.kind) {
    case "diagnostic":
      return JSON.stringify([event.diagnostic.message, event.diagnostic.at?.source.path]);
    case "fault":
      return event.message;
    case "action-finished":
      return event.failure && JSON.stringify([event.id, event.failure.message]);
    case "finished":
      return String(event.ok);
    default:
      return undefined;
  }
}
