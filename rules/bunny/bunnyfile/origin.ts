import type { Placed } from "./reading.ts";

/** Where a file of an image comes from. */
export type Origin =
  /** The directory of the build file. */
  | { readonly kind: "local" }
  /** Another target, by its label as it is written. */
  | { readonly kind: "target"; readonly label: string }
  /** A container image, by its reference as it is written. */
  | { readonly kind: "image"; readonly reference: string };

/** What `from` says, which is not `scratch`. No reference of an image begins as a label does. */
export function originOf({ text }: Pick<Placed, "text">): Origin {
  if (text === "local") return { kind: "local" };
  if (/^(\/\/|:|@)/.test(text)) return { kind: "target", label: text };
  return { kind: "image", reference: text };
}
