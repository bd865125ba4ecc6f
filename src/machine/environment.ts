// Which variables an application gets. Pure.

/**
 * The variables of an application as `K=V`, of `entries` in which `K` alone means the value that
 * `hostEnv` has, or no variable if it has none. The last entry for a name counts, and stands where
 * the first did. Source: KraftKit, `run --env` and `env:`.
 */
export function environmentOf(
  entries: readonly string[],
  hostEnv: Readonly<Record<string, string | undefined>>,
): string[] {
  const found = new Map<string, string>();
  for (const entry of entries) {
    const [name = ""] = entry.split("=", 1);
    const value = hostEnv[name];
    if (entry !== name) found.set(name, entry);
    else if (value !== undefined) found.set(name, `${name}=${value}`);
  }
  return [...found.values()];
}
