// Where else a file may be had. Asks nobody.

/**
 * Where to ask for the file at `url`, in order: its mirrors, and at last the address itself.
 * `mirrors` has by the beginning of addresses what takes its place, with blanks between; of several
 * beginnings the longest counts. Names of registries, which have no `://`, are none of them.
 */
export function addressesOf(
  url: string,
  mirrors: Readonly<Record<string, string>>,
): readonly string[] {
  const [prefix] = Object.keys(mirrors)
    .filter((beginning) => beginning.includes("://") && url.startsWith(beginning))
    .sort((a, b) => b.length - a.length);
  if (prefix === undefined) return [url];
  const places = mirrors[prefix]?.split(/\s+/).filter(Boolean) ?? [];
  const rest = url.slice(prefix.length);
  return [...places.map((place) => `${place}${rest}`), url];
}
