import type { Place } from "./symbol.ts";

/** Config.uk files that nobody can go on reading, as the core's own conf would not. */
export class KconfigError extends Error {
  override readonly name = "KconfigError";
  readonly place: Place;

  constructor(place: Place, message: string) {
    super(`${place.file}:${place.line}: ${message}`);
    this.place = place;
  }
}
