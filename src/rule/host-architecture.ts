import type { Declaration, LoadContext } from "./rule.ts";

/**
 * An `expand` for rules whose attribute `architecture` is that of the host, as Unikraft names it,
 * where a statement does not say it: `analyze` does not know the host.
 */
export function withHostArchitecture(
  stated: Declaration,
  { hostArchitecture }: Pick<LoadContext, "hostArchitecture">,
): readonly Declaration[] {
  const architecture = { value: hostArchitecture, at: stated.at };
  return [{ ...stated, attributes: { architecture, ...stated.attributes } }];
}
