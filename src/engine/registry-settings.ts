import type { RegistrySettings } from "../registry/registries.ts";
import type { Settings } from "../workspace/config.ts";

/** What `settings` say of registries. */
export function registrySettingsOf({ values }: Settings): RegistrySettings {
  return { insecure: values["sources.insecure"].value, mirrors: values["sources.mirrors"].value };
}
