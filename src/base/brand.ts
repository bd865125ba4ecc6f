declare const owner: unique symbol;

/** A `Base` that only the module owning `Name` can make. */
export type Brand<Base, Name extends string> = Base & { readonly [owner]: Name };

/** Compiles only when every case of a union was handled above it. */
export function assertNever(value: never): never {
  throw new Error(`bug: unhandled case ${JSON.stringify(value)}`);
}
