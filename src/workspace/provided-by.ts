// Which package stands for an image of a registry. Knows no registry.

import type { Settings } from "./config.ts";

/** Gives the label that stands for the image of a name; undefined when none does. */
export type ProvidedBy = (reference: string) => string | undefined;

/** By `provides` of `settings`, however much of a name is left out there or here. */
export function providedBy({ values }: Pick<Settings, "values">): ProvidedBy {
  const registries = values["sources.registries"].value;
  const labels = new Map(
    Object.entries(values.provides.value).map(([name, label]) => [
      wholeName(name, registries),
      label,
    ]),
  );
  return (reference) => labels.get(wholeName(reference, registries));
}

/** Without the registry that may be left out, and with the tag that may be. */
function wholeName(reference: string, registries: readonly string[]): string {
  const bare = reference.replace(/^oci:\/\//, "");
  const registry = registries.find((one) => bare.startsWith(`${one}/`));
  const name = registry === undefined ? bare : bare.slice(registry.length + 1);
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}
