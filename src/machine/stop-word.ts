// How a command is told apart from the parameters of the kernel in front of it. Pure.

/** A command in two. */
export interface SplitCommand {
  /** A list is one of them, whatever it was written as. */
  readonly kernelArgs: readonly string[];
  readonly args: readonly string[];
}

/**
 * `command` at its first `--`: what stands before it is for the kernel, as in KraftKit. It is all
 * for the application where that begins with anything but a parameter, as in `nginx -- -x`.
 */
export function splitAtStop(command: readonly string[]): SplitCommand {
  const stop = command.indexOf("--");
  if (stop === 0) return { kernelArgs: [], args: command.slice(1) };
  const isParameter = /^[^\s.=/]+\.[^\s=/]+=/.test(command[0] ?? "");
  if (stop === -1 || !isParameter) return { kernelArgs: [], args: command };
  return { kernelArgs: joinLists(command.slice(0, stop)), args: command.slice(stop + 1) };
}

/** A list such as `vfs.fstab=[ a b ]` may be written as one word each. */
function joinLists(words: readonly string[]): string[] {
  const joined: string[] = [];
  let isOpen = false;
  for (const word of words) {
    const last = joined.length - 1;
    if (isOpen) joined[last] = `${joined[last]} ${word}`;
    else joined.push(word);
    isOpen = (isOpen || /^[^=]*=\[/.test(word)) && !word.endsWith("]");
  }
  return joined;
}
