import type { PageState } from "../page-data.ts";
import { stateWords } from "./words.ts";

/** A state as a sign in its colour, or with `isNamed` in words besides. */
export function StateSign({
  state,
  isNamed = false,
}: {
  readonly state: PageState;
  readonly isNamed?: boolean;
}) {
  const [sign, word] = stateWords[state];
  return (
    <span class={`state ${state}`} title={word}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      {isNamed ? ` ${word}` : <span class="unseen">{word}</span>}
    </span>
  );
}
