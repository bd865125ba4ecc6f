import type { Span } from "../../../src/index.ts";
import type { Reading } from "./reading.ts";

/** A value that a name is given somewhere. */
interface Assignment {
  readonly value: string | undefined;
  readonly at: Span;
}

/** Warns that `name` has another value `now` than it was given by `earlier`, if it was. */
export function warnWhenSetAgain(
  name: string,
  { earlier, now }: { readonly earlier: Assignment | undefined; readonly now: Assignment },
  reading: Reading,
): void {
  if (earlier === undefined || earlier.value === now.value) return;
  reading.warn({
    code: "duplicate-key",
    message: `${name} is set again, to another value; the last one counts`,
    at: now.at,
    related: [{ message: "first here", at: earlier.at }],
  });
}
