/**
 * The files that a depfile says were read, without repeats, in its order: all prerequisites of all
 * rules. A compiler's rules without prerequisites (`-MP`) say nothing.
 */
export function readDepfile(text: string): string[] {
  const files = new Set<string>();
  for (const rule of text.replaceAll(/\\\r?\n/g, " ").split("\n")) {
    const colon = /(?<!\\):(?=\s|$)/.exec(rule);
    if (colon !== null) for (const name of namesIn(rule.slice(colon.index + 1))) files.add(name);
  }
  return [...files];
}

/**
 * Names with blanks between them. In a name, a blank and the backslashes before it are behind a
 * backslash each, `#` is behind one, `$` is doubled; any other backslash is one.
 *
 * Source: GCC, libcpp/mkdeps.cc (`munge`).
 */
function* namesIn(list: string): Generator<string> {
  let name = "";
  for (const [part, slashes = "", next = ""] of list.matchAll(/(\\*)(\s|#|\$\$|[^\\]|$)/g)) {
    const isBlank = /^\s?$/.test(next);
    const isQuoted = isBlank && next !== "" && slashes.length % 2 === 1;
    if (next === "#") name += slashes.slice(1) + next;
    else if (next === "$$") name += `${slashes}$`;
    else if (!isBlank) name += part;
    else {
      name += next === "" ? slashes : slashes.slice(Math.ceil(slashes.length / 2));
      if (isQuoted) name += next;
      else {
        if (name !== "") yield name;
        name = "";
      }
    }
  }
}
