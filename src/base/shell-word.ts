// Text as one word of a POSIX shell.

/** `text` as one word of shell, in quotes even when it needs none. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `text` as a word of shell, in quotes only when it needs them. */
export function quoteWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : quote(text);
}
