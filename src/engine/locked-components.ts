// The components of the lock file as they should be. Knows no commit: those are pins of sources.

import {
  type ComponentPin,
  componentPinName,
  readComponentPins,
} from "../workspace/component-pin.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Repository } from "./repository.ts";

/** A change of the components of the lock file. */
export interface ComponentChange {
  readonly kind: "added" | "moved" | "removed";
  readonly pin: ComponentPin;
  /** Of what moved: what it was. */
  readonly from?: ComponentPin;
}

/** What became of the components. */
export interface LockedComponents {
  /** Sorted. */
  readonly changes: readonly ComponentChange[];
  /** `known`, which may have grown meanwhile, with the changes. */
  readonly applyTo: (known: Iterable<ComponentPin>) => Iterable<ComponentPin>;
}

/** What differs between the lock file and what build files have asked `elsewhere` for. */
export function lockedComponents({
  repository: { lockFile },
  elsewhere,
  isWhole,
}: {
  readonly repository: Pick<Repository, "lockFile">;
  readonly elsewhere: Elsewhere;
  /** Whether all build files have asked, so that what is unused serves nobody. */
  readonly isWhole: boolean;
}): LockedComponents {
  const known = lockFile === undefined ? new Map() : readComponentPins(lockFile);
  const changes: ComponentChange[] = [];
  const used = new Set(elsewhere.used().map(componentPinName));
  for (const pin of elsewhere.chosen()) {
    const name = componentPinName(pin);
    used.add(name);
    const from = known.get(name);
    if (from === undefined) changes.push({ kind: "added", pin });
    else if (JSON.stringify(from) !== JSON.stringify(pin)) {
      changes.push({ kind: "moved", pin, from });
    }
  }
  for (const [name, pin] of known) {
    if (isWhole && !used.has(name)) changes.push({ kind: "removed", pin });
  }
  changes.sort((a, b) => (componentPinName(a.pin) < componentPinName(b.pin) ? -1 : 1));
  return { changes, applyTo: (pins) => applied(pins, changes) };
}

function applied(
  known: Iterable<ComponentPin>,
  changes: readonly ComponentChange[],
): Iterable<ComponentPin> {
  const pins = new Map([...known].map((pin) => [componentPinName(pin), pin]));
  for (const { kind, pin } of changes) {
    if (kind === "removed") pins.delete(componentPinName(pin));
    else pins.set(componentPinName(pin), pin);
  }
  return pins.values();
}
